/**
 * A file of a call as it is written: Opus in Ogg, or Opus and VP8 in WebM. What has been written
 * can be played at any time, be the process killed: pages and blocks are appended, and nothing
 * before them is touched again.
 */
import type { FileHandle } from "node:fs/promises";
import type { EncodedAudioPacketSource, EncodedVideoPacketSource, Output } from "mediabunny";
import { opusHead } from "../../file/opus-head.ts";
import { freshFile } from "./fresh-file.ts";
import type { Vp8Frame } from "./vp8-frames.ts";

export interface RecordingFileOptions {
  readonly format: "ogg" | "webm";
  readonly channels: 1 | 2;
  /** Samples at 48 kHz, of the encoder. */
  readonly preSkip: number;
  /** How many tracks of video there are; each has frames before sound is on the disk. */
  readonly videos: number;
}

/** Octets that wait for a slow disk, at most. */
const MOST_WAITING_BYTES = 4 * 1024 * 1024;
/** What has waited so long is written, however little it is. */
const WRITTEN_EVERY_MS = 500;

type Bunny = typeof import("mediabunny");

export class RecordingFile {
  /** What it is called in the end. */
  readonly path: string;
  readonly #bunny: Bunny;
  readonly #output: Output;
  readonly #audio: EncodedAudioPacketSource;
  readonly #videos: readonly EncodedVideoPacketSource[];
  readonly #options: RecordingFileOptions;
  readonly #appended: Appended;
  #isClosed: Promise<void> | undefined;

  private constructor(
    path: string,
    appended: Appended,
    bunny: Bunny,
    options: RecordingFileOptions,
  ) {
    this.path = path;
    this.#bunny = bunny;
    this.#options = options;
    this.#appended = appended;
    const format =
      options.format === "ogg"
        ? new bunny.OggOutputFormat({ maximumPageDuration: 0.5 })
        : new bunny.WebMOutputFormat({ appendOnly: true });
    const writable = new WritableStream<{ data: Uint8Array }>({
      write: ({ data }) => appended.add(data),
    });
    this.#output = new bunny.Output({ format, target: new bunny.StreamTarget(writable) });
    this.#audio = new bunny.EncodedAudioPacketSource("opus");
    this.#output.addAudioTrack(this.#audio);
    this.#videos = Array.from({ length: options.videos }, () => {
      const video = new bunny.EncodedVideoPacketSource("vp8");
      this.#output.addVideoTrack(video);
      return video;
    });
  }

  /** Makes a file that was not there before. Rejects with what the file system says. */
  static async open(path: string, options: RecordingFileOptions): Promise<RecordingFile> {
    const bunny = await import("mediabunny");
    const { path: own, handle } = await freshFile(path);
    const file = new RecordingFile(own, new Appended(handle), bunny, options);
    await file.#output.start();
    return file;
  }

  /** Octets so far, those that wait for the disk among them. */
  get bytes(): number {
    return this.#appended.bytes;
  }

  /** 20 ms of Opus; `atMs` from the beginning. Rejects once the disk gave up. */
  async sound(data: Uint8Array, atMs: number): Promise<void> {
    const { channels: numberOfChannels, preSkip } = this.#options;
    const packet = new this.#bunny.EncodedPacket(data, "key", atMs / 1000, FRAME_SECONDS);
    const description = opusHead(numberOfChannels, preSkip);
    await this.#audio.add(packet, {
      decoderConfig: { codec: "opus", sampleRate: 48_000, numberOfChannels, description },
    });
    await this.#appended.due();
  }

  /** A frame of the nth video, from 0; the first has to be a key frame. */
  async picture(nth: number, frame: Vp8Frame, atMs: number): Promise<void> {
    const { data, isKey, width: codedWidth, height: codedHeight } = frame;
    const type = isKey ? "key" : "delta";
    const packet = new this.#bunny.EncodedPacket(data, type, atMs / 1000, 0);
    await this.#videos[nth]?.add(packet, {
      decoderConfig: { codec: "vp8", codedWidth, codedHeight },
    });
  }

  /** Makes it whole. Rejects where the disk takes no more; what was written stays. */
  close(): Promise<void> {
    this.#isClosed ??= this.#finish();
    return this.#isClosed;
  }

  async #finish(): Promise<void> {
    try {
      await this.#output.finalize();
      await this.#appended.flush();
    } finally {
      await this.#appended.close();
    }
  }
}

/** Octets at the end of a file, in pieces that are worth a write. */
class Appended {
  readonly #handle: FileHandle;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #writtenAt = performance.now();
  /** In all. */
  bytes = 0;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async add(data: Uint8Array): Promise<void> {
    this.#waiting.push(data);
    this.#waitingBytes += data.length;
    this.bytes += data.length;
    if (this.#waitingBytes > MOST_WAITING_BYTES) throw new Error("the disk is too slow");
    await this.due();
  }

  async due(): Promise<void> {
    if (performance.now() - this.#writtenAt >= WRITTEN_EVERY_MS) await this.flush();
  }

  async flush(): Promise<void> {
    const pieces = this.#waiting;
    this.#writtenAt = performance.now();
    if (pieces.length === 0) return;
    this.#waiting = [];
    this.#waitingBytes = 0;
    const octets = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
    for (let at = 0; at < octets.length; ) {
      at += (await this.#handle.write(octets, at)).bytesWritten;
    }
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

const FRAME_SECONDS = 0.02;
