/** The microphone, by a program that the system has. */

import type { Source } from "carillon/rtp";
import { SampleQueue } from "../sound/sample-queue.ts";
import { DEVICE_RATE, type SoundDeviceOptions, SoundProcess } from "./sound-process.ts";

/** Records from the system's microphone. The program runs until `close`. */
export class Microphone implements Source {
  /** In Hz, of what is read; 48,000 if nothing was asked for. */
  readonly sampleRate: number;
  readonly #process: SoundProcess;
  readonly #queue: SampleQueue = new SampleQueue();
  /** One half of a sample that was cut in two. */
  #odd: Buffer = Buffer.alloc(0);
  #isReady = false;

  /** Throws in words where the system has no program that records. */
  constructor(options: SoundDeviceOptions = {}) {
    this.sampleRate = options.sampleRate ?? DEVICE_RATE;
    this.#process = new SoundProcess("microphone", options);
    this.#process.output.on("data", (octets: Buffer) => this.#add(octets));
  }

  /** Undefined while there is nothing yet; null once it stopped. */
  read(samples: number): Int16Array | undefined | null {
    if (this.#process.isClosed) return null;
    // A little waits before it begins, since pipes bring it in pieces.
    if (!this.#isReady && this.#queue.length < samples + this.#ms(CUSHION_MS)) return undefined;
    this.#isReady = this.#queue.length >= samples;
    return this.#isReady ? this.#queue.take(samples) : undefined;
  }

  /** Ends the program, and what is read is over (null). */
  close(): void {
    this.#process.close();
  }

  #add(octets: Buffer): void {
    const all = this.#odd.length === 0 ? octets : Buffer.concat([this.#odd, octets]);
    const pcm = new Int16Array(all.length >> 1);
    for (let nth = 0; nth < pcm.length; nth++) pcm[nth] = all.readInt16LE(nth * 2);
    this.#odd = all.subarray(pcm.length * 2);
    this.#queue.add(pcm);
    // Whoever reads more slowly than is recorded would be further and further behind.
    if (this.#queue.length > this.#ms(LATEST_MS)) this.#queue.trim(this.#ms(CUSHION_MS * 2));
  }

  #ms(milliseconds: number): number {
    return (this.sampleRate * milliseconds) / 1000;
  }
}

const CUSHION_MS = 20;
const LATEST_MS = 200;
