/** Mouth and ear of a desk phone: a source that clicks or steps, and a sink that hears it. */
import type { Sink, Source } from "carillon/rtp";
import { CLICK_EVERY_MS, CLICK_HZ, type Heard, LOUD, QUIET, type Said } from "./clicks.ts";
import { PITCHES, STEP_LEVEL, STEP_MS, StepEar } from "./steps.ts";

const CLICK_MS = 20;
const FULL = 0x7fff;

/** A microphone has collected a frame when it is read: its first sample is as old as it is long. */
export class Mouth implements Source {
  readonly sampleRate = 8000;
  readonly said: number[] = [];
  readonly #isSteps: boolean;
  #at = 0;
  #phase = 0;

  constructor(what: Said) {
    this.#isSteps = what === "steps";
  }

  read(samples: number): Int16Array {
    const startMs = Date.now() - (1000 * samples) / this.sampleRate;
    if (this.#isSteps) return Int16Array.from({ length: samples }, () => this.#step());
    return Int16Array.from({ length: samples }, (_, nth) => {
      const within = this.#at++ % (8 * CLICK_EVERY_MS);
      if (within === 0) this.said.push(startMs + nth / 8);
      if (within >= 8 * CLICK_MS) return 0;
      return 0.5 * FULL * Math.sin((2 * Math.PI * CLICK_HZ * (within + 2)) / this.sampleRate);
    });
  }

  #step(): number {
    const step = Math.floor(this.#at++ / (8 * STEP_MS));
    this.#phase += (2 * Math.PI * (PITCHES[step % PITCHES.length] ?? 0)) / this.sampleRate;
    return STEP_LEVEL * FULL * Math.sin(this.#phase);
  }
}

/** A loudspeaker plays a frame from when it is written. */
export class ClickEar implements Sink, Heard {
  readonly sampleRate = 8000;
  readonly clicks: number[] = [];
  readonly gapsMs: number[] = [];
  #quiet = 8 * 1000;
  #steps = this.#newSteps();

  write(pcm: Int16Array): void {
    const startMs = Date.now();
    for (const [nth, sample] of pcm.entries()) {
      this.#steps.hear(sample / FULL);
      const level = Math.abs(sample) / FULL;
      if (level < QUIET) this.#quiet++;
      else if (level > LOUD) this.#hear(startMs + nth / 8);
    }
  }

  forget(): void {
    this.clicks.length = 0;
    this.gapsMs.length = 0;
    this.#steps = this.#newSteps();
  }

  #newSteps(): StepEar {
    return new StepEar(PITCHES, STEP_MS, this.sampleRate, (ms) => this.gapsMs.push(ms));
  }

  #hear(atMs: number): void {
    if (this.#quiet > (8 * CLICK_EVERY_MS) / 3) this.clicks.push(atMs);
    this.#quiet = 0;
  }
}
