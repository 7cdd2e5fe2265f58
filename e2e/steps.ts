/**
 * A sound in which what is missing is heard: a tone that steps to another pitch each 20 ms. Whoever
 * conceals a packet that was lost says the last pitch again, and the one after it never comes.
 */

/** Hertz, over and over; telephones carry all of them. */
export const PITCHES = Array.from({ length: 12 }, (_, nth) => 400 + 250 * nth);
export const STEP_MS = 20;
/** Of full scale. */
export const STEP_LEVEL = 0.5;

/**
 * Listens to it. Nothing outside of this class is used in it: its source goes into pages. What was
 * missing counts in steps, so that what is told is at most a step more or less than what was lost.
 */
export class StepEar {
  readonly #pitches: readonly number[];
  readonly #stepMs: number;
  readonly #rate: number;
  readonly #onGap: (ms: number) => void;
  readonly #window: Float64Array;
  readonly #hop: number;
  #at = 0;
  #candidate = -1;
  #times = 0;
  #last = -1;
  #lastAt = 0;

  /** `onGap` is told how much was missing, in milliseconds. */
  constructor(
    pitches: readonly number[],
    stepMs: number,
    rate: number,
    onGap: (ms: number) => void,
  ) {
    this.#pitches = pitches;
    this.#stepMs = stepMs;
    this.#rate = rate;
    this.#onGap = onGap;
    this.#window = new Float64Array(rate / 125);
    this.#hop = rate / 500;
  }

  /** From -1 to 1. */
  hear(sample: number): void {
    this.#window[this.#at++ % this.#window.length] = sample;
    if (this.#at % this.#hop !== 0 || this.#at < this.#window.length) return;
    const pitch = this.#loudest();
    this.#times = pitch === this.#candidate ? this.#times + 1 : 1;
    this.#candidate = pitch;
    // Ten milliseconds of it: two windows that begin one after the other.
    if (pitch >= 0 && this.#times === 2) this.#reach(pitch);
  }

  #reach(pitch: number): void {
    const [count, ms] = [this.#pitches.length, (1000 * (this.#at - this.#lastAt)) / this.#rate];
    const ahead = (pitch - this.#last + count) % count;
    const isLong = ms > this.#stepMs * (count / 2 + 1);
    // A step back is what stretches sound, not a gap; nor is what was said again.
    if (this.#last >= 0 && !isLong && (ahead === 0 || ahead > count / 2)) return;
    if (this.#last >= 0 && isLong) this.#onGap(ms - this.#stepMs);
    else if (this.#last >= 0 && ahead > 1) this.#onGap((ahead - 1) * this.#stepMs);
    this.#last = pitch;
    this.#lastAt = this.#at;
  }

  /** Which pitch has most of what is in the window; -1: none. */
  #loudest(): number {
    let energy = 0;
    for (const sample of this.#window) energy += sample * sample;
    const length = this.#window.length;
    if (energy < 0.001 * length) return -1;
    let [best, most] = [-1, 0];
    for (let nth = 0; nth < this.#pitches.length; nth++) {
      const power = this.#power(this.#pitches[nth] ?? 0);
      if (power > most) [best, most] = [nth, power];
    }
    return (2 * most) / (length * energy) > 0.5 ? best : -1;
  }

  /** Goertzel's. The window is a ring: where it begins turns the phase alone, but for the seam. */
  #power(hertz: number): number {
    const factor = 2 * Math.cos((2 * Math.PI * hertz) / this.#rate);
    const length = this.#window.length;
    let [one, two] = [0, 0];
    for (let nth = 0; nth < length; nth++) {
      const next = (this.#window[(this.#at + nth) % length] ?? 0) + factor * one - two;
      two = one;
      one = next;
    }
    return one * one + two * two - factor * one * two;
  }
}
