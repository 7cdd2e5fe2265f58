/** Where a phone's sound goes to be watched: when a tone was heard, and how long it was not. */
import type { Sink } from "carillon/rtp";
import { SAMPLE_RATE_HZ, shareOf } from "../interop/tone.ts";

/** 60 ms, a whole number of periods of tones that are multiples of 50 Hz. */
const WINDOW = (SAMPLE_RATE_HZ * 60) / 1000;
/** Of the energy in a window. */
const HEARD = 0.8;
/** What is shorter is no silence: a window that is half of one thing and half of another. */
const GAP_MS = 250;
/** Silence for so long is silence by now. */
const LATELY_MS = 1000;

/** A time in which the tone was not heard. */
export interface Gap {
  /** By `performance.now()`. */
  readonly fromMs: number;
  readonly ms: number;
}

export class ToneWatch implements Sink {
  readonly sampleRate = SAMPLE_RATE_HZ;
  readonly gaps: Gap[] = [];
  readonly #toneHz: number;
  readonly #window = new Float64Array(WINDOW);
  #filled = 0;
  #heardMs: number | undefined;

  constructor(toneHz: number) {
    this.#toneHz = toneHz;
  }

  /** Whether it is heard now. */
  get isHeard(): boolean {
    return this.#heardMs !== undefined && performance.now() - this.#heardMs < LATELY_MS;
  }

  write(pcm: Int16Array): void {
    for (const sample of pcm) {
      this.#window[this.#filled++] = sample / 0x8000;
      if (this.#filled === WINDOW) this.#judge();
    }
  }

  #judge(): void {
    this.#filled = 0;
    if (shareOf(this.#toneHz, this.#window) < HEARD) return;
    const now = performance.now();
    const since = this.#heardMs;
    if (since !== undefined && now - since > GAP_MS) {
      this.gaps.push({ fromMs: since, ms: now - since });
    }
    this.#heardMs = now;
  }
}
