/** The mouth and the ear of a desk phone: a source that clicks, and a sink that hears it. */
import type { Sink, Source } from "carillon/rtp";
import { CLICK_EVERY_MS, CLICK_HZ, GAP_FROM_MS, type Heard, LOUD, QUIET } from "./clicks.ts";

const CLICK_MS = 20;
const FULL = 0x7fff;

/** A microphone has collected a frame when it is read: its first sample is as old as it is long. */
export class Mouth implements Source {
  readonly sampleRate = 8000;
  readonly said: number[] = [];
  readonly #isTone: boolean;
  #at = 0;

  constructor(what: "clicks" | "tone") {
    this.#isTone = what === "tone";
  }

  read(samples: number): Int16Array {
    const startMs = Date.now() - (1000 * samples) / this.sampleRate;
    return Int16Array.from({ length: samples }, (_, nth) => {
      const within = this.#at++ % (8 * CLICK_EVERY_MS);
      if (within === 0) this.said.push(startMs + nth / 8);
      if (!this.#isTone && within >= 8 * CLICK_MS) return 0;
      return 0.5 * FULL * Math.sin((2 * Math.PI * CLICK_HZ * (within + 2)) / this.sampleRate);
    });
  }
}

/** A loudspeaker plays a frame from when it is written. */
export class ClickEar implements Sink, Heard {
  readonly sampleRate = 8000;
  readonly clicks: number[] = [];
  readonly gapsMs: number[] = [];
  #quiet = 8 * 1000;
  #wasLoud = false;

  write(pcm: Int16Array): void {
    const startMs = Date.now();
    for (const [nth, sample] of pcm.entries()) {
      const level = Math.abs(sample) / FULL;
      if (level < QUIET) this.#quiet++;
      else if (level > LOUD) this.#hear(startMs + nth / 8);
    }
  }

  forget(): void {
    this.clicks.length = 0;
    this.gapsMs.length = 0;
    this.#wasLoud = false;
  }

  #hear(atMs: number): void {
    if (this.#quiet > (8 * CLICK_EVERY_MS) / 3) this.clicks.push(atMs);
    if (this.#wasLoud && this.#quiet >= 8 * GAP_FROM_MS) this.gapsMs.push(this.#quiet / 8);
    this.#wasLoud = true;
    this.#quiet = 0;
  }
}
