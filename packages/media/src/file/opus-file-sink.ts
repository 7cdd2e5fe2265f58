/** Records Opus in Ogg, WebM or Matroska: a tenth of what WAV takes. RFC 7845. */
import type { EncodedAudioPacketSource, Output } from "mediabunny";
import { OpusEncoder } from "../opus/opus-encoder.ts";
import { opusHead } from "./opus-head.ts";
import type { RecordingSink } from "./recorder.ts";

/** How it is coded. */
export interface OpusFileSinkOptions {
  /** 1 if left out. */
  readonly channels?: 1 | 2;
  /** Bits a second for each channel; 24,000 if left out. */
  readonly bitrate?: number;
  /** The disk is full, or gone. Nothing is written from then on; without it nobody is told. */
  readonly onerror?: (cause: unknown) => void;
}

/** A file of Opus in frames of 20 ms, by the ending of its name Ogg, WebM or Matroska. */
export class OpusFileSink implements RecordingSink {
  /** In Hz, of what is appended. */
  readonly sampleRate = 48_000;
  /** Of what is appended, interleaved. */
  readonly channels: 1 | 2;
  /** Resolves when the file is whole. */
  readonly ended: Promise<void>;
  readonly #encoder: OpusEncoder;
  readonly #add: (packet: Uint8Array, nth: number) => Promise<void>;
  readonly #finalize: () => Promise<void>;
  readonly #onerror: ((cause: unknown) => void) | undefined;
  readonly #frame: Int16Array;
  #resolve: () => void = () => {};
  #filled = 0;
  #frames = 0;
  #writing: Promise<void> = Promise.resolve();
  #isOpen = true;

  private constructor(options: OpusFileSinkOptions, file: OpenFile) {
    const { channels = 1, bitrate = 24_000, onerror } = options;
    this.channels = channels;
    this.#onerror = onerror;
    this.#encoder = new OpusEncoder({
      ...{ sampleRate: this.sampleRate, channels, complexity: 5, signal: "music" },
      bitrate: bitrate * channels,
    });
    this.#frame = new Int16Array((this.sampleRate / FRAMES_A_SECOND) * channels);
    const preSkip = this.#encoder.lookahead;
    this.#add = (data, nth) => file.add(data, nth, channels, preSkip);
    this.#finalize = file.finalize;
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Makes the file, or empties it. Rejects with what the file system says. */
  static async open(path: string, options: OpusFileSinkOptions = {}): Promise<OpusFileSink> {
    return new OpusFileSink(options, await openFile(path));
  }

  /** PCM of this sink's own rate and channels. */
  append(pcm: Int16Array): void {
    for (let at = 0; at < pcm.length && this.#isOpen; ) {
      const part = pcm.subarray(at, at + this.#frame.length - this.#filled);
      this.#frame.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled === this.#frame.length) this.#write();
    }
  }

  /** Writes what is left, filled up with silence to 20 ms. `ended` tells when that is done. */
  end(): void {
    if (!this.#isOpen) return;
    if (this.#filled > 0) {
      this.#frame.fill(0, this.#filled);
      this.#write();
    }
    this.#isOpen = false;
    this.#encoder.close();
    this.#inOrder(this.#finalize);
    this.#writing.then(this.#resolve);
  }

  #write(): void {
    const packet = this.#encoder.encode(this.#frame);
    const nth = this.#frames++;
    this.#filled = 0;
    this.#inOrder(() => this.#add(packet, nth));
  }

  #inOrder(work: () => Promise<void>): void {
    this.#writing = this.#writing.then(work).catch((cause: unknown) => this.#failed(cause));
  }

  #failed(cause: unknown): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#encoder.close();
    this.#resolve();
    this.#onerror?.(cause);
  }
}

interface OpenFile {
  add(data: Uint8Array, nth: number, channels: number, preSkip: number): Promise<void>;
  finalize(): Promise<void>;
}

/** mediabunny is read when the first such file is opened. */
async function openFile(path: string): Promise<OpenFile> {
  const bunny = await import("mediabunny");
  const isOgg = /\.(?:ogg|opus)$/i.test(path);
  const format = isOgg
    ? new bunny.OggOutputFormat({ maximumPageDuration: 1 })
    : path.endsWith(".webm")
      ? new bunny.WebMOutputFormat({ appendOnly: true })
      : new bunny.MkvOutputFormat({ appendOnly: true });
  const output: Output = new bunny.Output({ format, target: new bunny.FilePathTarget(path) });
  const source: EncodedAudioPacketSource = new bunny.EncodedAudioPacketSource("opus");
  output.addAudioTrack(source);
  await output.start();
  return {
    add: (data, nth, numberOfChannels, preSkip) => {
      const seconds = 1 / FRAMES_A_SECOND;
      const packet = new bunny.EncodedPacket(data, "key", nth * seconds, seconds);
      const description = opusHead(numberOfChannels, preSkip);
      return source.add(packet, {
        decoderConfig: { codec: "opus", sampleRate: 48_000, numberOfChannels, description },
      });
    },
    finalize: () => output.finalize(),
  };
}

const FRAMES_A_SECOND = 50;
