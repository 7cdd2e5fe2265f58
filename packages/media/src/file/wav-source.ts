/** Plays a WAV file. Read bit by bit: an hour of music is not in memory. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { Source } from "carillon/rtp";
import { readWavFormat, WAV_HEAD_BYTES, WavError, type WavFormat } from "./wav-format.ts";
import { wavSamples } from "./wav-samples.ts";

/** How it is played. */
export interface WavSourceOptions {
  /** From the beginning again when it is over, for ever. */
  readonly loop?: boolean;
}

/** A WAV file, played as mono: 8, 16 or 24 bits, floats, A-law or µ-law, one channel or two. */
export class WavSource implements Source {
  /** In Hz, as the file has it. */
  readonly sampleRate: number;
  /** How long it is, in seconds. */
  readonly seconds: number;
  readonly #file: number;
  readonly #format: WavFormat;
  readonly #loop: boolean;
  /** In octets from the beginning of the sound. */
  #at = 0;
  #isOpen = true;

  /** Throws a `WavError` in words for what cannot be played, and what the file system says. */
  constructor(path: string, { loop = false }: WavSourceOptions = {}) {
    this.#file = openSync(path, "r");
    try {
      const head = new Uint8Array(WAV_HEAD_BYTES);
      const bytes = readSync(this.#file, head, 0, head.length, 0);
      this.#format = readWavFormat(head.subarray(0, bytes), fstatSync(this.#file).size);
    } catch (cause) {
      closeSync(this.#file);
      if (cause instanceof WavError) throw new WavError(`${path}: ${cause.message}`, { cause });
      throw cause;
    }
    this.sampleRate = this.#format.sampleRate;
    this.seconds = this.#format.dataBytes / this.#format.frameBytes / this.sampleRate;
    // What holds nothing would be begun for ever.
    this.#loop = loop && this.#format.dataBytes > 0;
  }

  /** The next samples, the last piece shorter; null at the end, when the file has been closed. */
  read(samples: number): Int16Array | null {
    const { frameBytes, dataBytes, dataOffset } = this.#format;
    if (this.#isOpen && this.#at === dataBytes && this.#loop) this.#at = 0;
    const bytes = Math.min(samples * frameBytes, dataBytes - this.#at);
    if (!this.#isOpen || bytes <= 0) {
      this.close();
      return null;
    }
    const octets = new Uint8Array(bytes);
    const got = readSync(this.#file, octets, 0, bytes, dataOffset + this.#at);
    this.#at += bytes;
    // Who cuts a file off while it is played hears the rest as silence.
    return wavSamples(got < bytes ? octets.fill(0, got) : octets, this.#format);
  }

  /** Lets go of the file; what plays it is over. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeSync(this.#file);
  }
}
