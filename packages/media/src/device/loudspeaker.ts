/** The loudspeaker, by a program that the system has. */

import type { Sink } from "carillon/rtp";
import { RateAdapter } from "../sound/rate-adapter.ts";
import { DEVICE_RATE, type SoundDeviceOptions, SoundProcess } from "./sound-process.ts";

/** Plays on the system's loudspeaker. The program runs until `close`. */
export class Loudspeaker implements Sink {
  /** In Hz, of what the program is sent; 48,000 if nothing was asked for. */
  readonly sampleRate: number;
  readonly #process: SoundProcess;
  readonly #adapter: RateAdapter;

  /** Throws in words where the system has no program that plays. */
  constructor(options: SoundDeviceOptions = {}) {
    this.sampleRate = options.sampleRate ?? DEVICE_RATE;
    this.#process = new SoundProcess("loudspeaker", options);
    this.#adapter = new RateAdapter(this.sampleRate);
    // What a player prints is nobody's business, and must not fill its pipe.
    this.#process.output.resume();
  }

  /** Any rate. What would be heard more than 250 ms late is left out. */
  write(pcm: Int16Array, sampleRate: number): void {
    const { input, isClosed } = this.#process;
    // Who plays more slowly than is sent would be further and further behind.
    if (isClosed || input.writableLength > (this.sampleRate * 2 * LATEST_MS) / 1000) return;
    const adapted = this.#adapter.adapt(pcm, sampleRate);
    const octets = Buffer.alloc(adapted.length * 2);
    for (const [nth, sample] of adapted.entries()) octets.writeInt16LE(sample, nth * 2);
    input.write(octets);
  }

  /** Ends the program. Twice does nothing. */
  close(): void {
    this.#process.close();
  }
}

const LATEST_MS = 250;
