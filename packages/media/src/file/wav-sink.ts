/**
 * Writes a WAV file of 16 bits. Its head tells the length at every flush, so that a recording whose
 * program was killed can be played.
 */
import { closeSync, openSync, writeSync } from "node:fs";

/** How it is written. */
export interface WavSinkOptions {
  /** In hertz; 16,000 if left out. */
  readonly sampleRate?: number;
  /** Interleaved; 1 if left out. */
  readonly channels?: 1 | 2;
  /**
   * The disk is full, or gone. Nothing is written from then on; the call goes on. Without it
   * `append` and `end` throw what the file system says.
   */
  readonly onerror?: (cause: unknown) => void;
}

/** A WAV file of 16 bits, up to 4 GiB. */
export class WavSink {
  /** In Hz, of what is appended. */
  readonly sampleRate: number;
  /** Of what is appended, interleaved. */
  readonly channels: 1 | 2;
  readonly #file: number;
  readonly #onerror: ((cause: unknown) => void) | undefined;
  /** A second. */
  readonly #waiting: Int16Array;
  #filled = 0;
  #dataBytes = 0;
  #isOpen = true;

  /** Makes the file, or empties it. Throws what the file system says. */
  constructor(path: string, { sampleRate = 16_000, channels = 1, onerror }: WavSinkOptions = {}) {
    this.sampleRate = sampleRate;
    this.channels = channels;
    this.#onerror = onerror;
    this.#waiting = new Int16Array(sampleRate * channels);
    this.#file = openSync(path, "w");
    this.#flush();
  }

  /** How much there is, in seconds. */
  get seconds(): number {
    return (this.#dataBytes / 2 + this.#filled) / this.channels / this.sampleRate;
  }

  /** PCM of this sink's own rate and channels. */
  append(pcm: Int16Array): void {
    for (let at = 0; at < pcm.length && this.#isOpen; ) {
      const part = pcm.subarray(at, at + this.#waiting.length - this.#filled);
      this.#waiting.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled === this.#waiting.length) this.#flush();
    }
  }

  /** Writes what is left, and closes the file. Twice does nothing. */
  end(): void {
    if (!this.#isOpen) return;
    this.#flush();
    this.#close();
  }

  #flush(): void {
    if (!this.#isOpen) return;
    try {
      const octets = littleEndian(this.#waiting.subarray(0, this.#filled));
      writeAll(this.#file, octets, WAV_HEADER_BYTES + this.#dataBytes);
      this.#dataBytes += octets.length;
      this.#filled = 0;
      writeAll(this.#file, header(this, this.#dataBytes), 0);
      // No WAV file tells of more than 4 GiB.
      if (this.#dataBytes > MOST_BYTES) throw new Error("a WAV file holds no more than 4 GiB");
    } catch (cause) {
      this.#close();
      if (!this.#onerror) throw cause;
      this.#onerror(cause);
    }
  }

  #close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeSync(this.#file);
  }
}

function header(
  { sampleRate, channels }: { sampleRate: number; channels: number },
  dataBytes: number,
): Uint8Array {
  const octets = new Uint8Array(WAV_HEADER_BYTES);
  const view = new DataView(octets.buffer);
  const text = (at: number, word: string) => {
    for (const [nth, letter] of [...word].entries()) view.setUint8(at + nth, letter.charCodeAt(0));
  };
  text(0, "RIFF");
  view.setUint32(4, WAV_HEADER_BYTES - 8 + dataBytes, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, PCM, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * channels * 2, true);
  view.setUint16(32, channels * 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, dataBytes, true);
  return octets;
}

function littleEndian(pcm: Int16Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(pcm.length * 2));
  for (const [nth, sample] of pcm.entries()) view.setInt16(nth * 2, sample, true);
  return new Uint8Array(view.buffer);
}

function writeAll(file: number, octets: Uint8Array, position: number): void {
  for (let at = 0; at < octets.length; ) {
    at += writeSync(file, octets, at, octets.length - at, position + at);
  }
}

const WAV_HEADER_BYTES = 44;
const PCM = 1;
const MOST_BYTES = 0xffffffff - WAV_HEADER_BYTES - 2 * 2 * 192_000;
