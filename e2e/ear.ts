/** Hears what comes to a phone in Node, and measures it. */
import type { Sink } from "carillon/rtp";
import { toneShare } from "carillon-media";

/** What is measured: half a second. */
const MEASURED = 2;

export class Ear implements Sink {
  #heard: number[] = [];
  #sampleRate = 48_000;

  write(pcm: Int16Array, sampleRate: number): void {
    this.#sampleRate = sampleRate;
    this.#heard.push(...pcm);
    if (this.#heard.length > sampleRate) this.#heard = this.#heard.slice(-sampleRate / MEASURED);
  }

  forget(): void {
    this.#heard = [];
  }

  /** How much of the last half a second is this tone, 0 to 1; 0 before so much was heard. */
  share(hertz: number): number {
    const wanted = this.#sampleRate / MEASURED;
    if (this.#heard.length < wanted) return 0;
    return toneShare(Int16Array.from(this.#heard.slice(-wanted)), this.#sampleRate, hertz);
  }
}
