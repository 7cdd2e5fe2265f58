/** Plays Opus out of Ogg, WebM or Matroska. Read ahead by a second or so. */
import type { EncodedPacketSink, Input } from "mediabunny";
import { OpusDecoder } from "../opus/opus-decoder.ts";
import { SampleQueue } from "../sound/sample-queue.ts";
import type { FilePlayer } from "./open-player.ts";

/** How it is played. */
export interface OpusFileSourceOptions {
  /** From the beginning again when it is over, for ever. */
  readonly loop?: boolean;
}

/** A file of Opus, played as mono. */
export class OpusFileSource implements FilePlayer {
  /** In Hz, whatever the file was made from. */
  readonly sampleRate = 48_000;
  readonly #input: Input;
  readonly #packets: EncodedPacketSink;
  readonly #loop: boolean;
  readonly #queue: SampleQueue = new SampleQueue();
  #isOver = false;
  #isClosed = false;
  #wake: () => void = () => {};

  private constructor(input: Input, packets: EncodedPacketSink, loop: boolean) {
    this.#input = input;
    this.#packets = packets;
    this.#loop = loop;
  }

  /** Rejects in words for what cannot be played, and with what the file system says. */
  static async open(
    path: string,
    { loop = false }: OpusFileSourceOptions = {},
  ): Promise<OpusFileSource> {
    const bunny = await import("mediabunny");
    const formats = [bunny.OGG, bunny.WEBM, bunny.MATROSKA];
    const input = new bunny.Input({ formats, source: new bunny.FilePathSource(path) });
    const track = await input.getPrimaryAudioTrack().catch((cause: unknown) => {
      throw new Error(`${path}: it cannot be read`, { cause });
    });
    const codec = await track?.getCodec();
    if (!track || codec !== "opus") {
      input.dispose();
      throw new Error(`${path}: ${codec ?? "no sound"} is not played from such a file: Opus is`);
    }
    const source = new OpusFileSource(input, new bunny.EncodedPacketSink(track), loop);
    void source.#fill();
    await source.#some();
    return source;
  }

  /** Undefined while the disk is behind; null at the end. The last piece may be shorter. */
  read(samples: number): Int16Array | undefined | null {
    const { length } = this.#queue;
    if (this.#isClosed || (length === 0 && this.#isOver)) return null;
    if (length < samples && !this.#isOver) return undefined;
    const pcm = this.#queue.take(Math.min(samples, length));
    this.#wake();
    return pcm;
  }

  /** Lets go of the file; what is read from then on is over (null). */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#wake();
    this.#input.dispose();
  }

  /** Decodes as long as less than a second waits. */
  async #fill(): Promise<void> {
    try {
      let before: number;
      do {
        before = this.#read;
        await this.#once();
      } while (this.#loop && !this.#isClosed && this.#read > before);
    } catch {
      // What is spoilt in the middle is over there.
    } finally {
      this.#isOver = true;
      this.#heard();
    }
  }

  #read = 0;
  #heard: () => void = () => {};

  #some(): Promise<void> {
    return new Promise((resolve) => {
      this.#heard = resolve;
      if (this.#queue.length > 0 || this.#isOver) resolve();
    });
  }

  async #once(): Promise<void> {
    const decoder = new OpusDecoder({ sampleRate: this.sampleRate });
    try {
      for await (const packet of this.#packets.packets()) {
        this.#queue.add(decoder.decode(packet.data));
        this.#read++;
        this.#heard();
        while (this.#queue.length > this.sampleRate && !this.#isClosed) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
        if (this.#isClosed) return;
      }
    } finally {
      decoder.close();
    }
  }
}
