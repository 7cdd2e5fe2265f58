/**
 * The one timer of all voices in a process: every 20 ms, without drift. What has come to sockets
 * by then is read first, so a process that was busy for a moment plays what came meanwhile; after
 * a longer stop the beat begins anew.
 */
import { FRAME_MS } from "../rtp/player.ts";
import type { Millis } from "../transaction/timers.ts";

/** Called every 20 ms with the time that it was due, on the clock of `performance.now()`. */
export type Beat = (due: Millis) => void;

/** Whose time a voice has: that of the process, or one that is turned by hand. */
export interface VoiceTime {
  add(beat: Beat): void;
  delete(beat: Beat): void;
  now(): Millis;
}

/** More than this is not caught up with. */
const MOST_BEHIND_MS = 200;

export class VoiceClock implements VoiceTime {
  readonly #beats = new Set<Beat>();
  #timer: NodeJS.Timeout | NodeJS.Immediate | undefined;
  #due: Millis = 0;
  #skipped = 0;

  /** How many beats were left out, because the process was busy for too long. */
  get skipped(): number {
    return this.#skipped;
  }

  now(): Millis {
    return performance.now();
  }

  add(beat: Beat): void {
    this.#beats.add(beat);
    if (this.#timer) return;
    this.#due = performance.now() + FRAME_MS;
    this.#wait();
  }

  delete(beat: Beat): void {
    this.#beats.delete(beat);
    if (this.#beats.size > 0 || !this.#timer) return;
    clearTimeout(this.#timer as NodeJS.Timeout);
    clearImmediate(this.#timer as NodeJS.Immediate);
    this.#timer = undefined;
  }

  #wait(): void {
    this.#timer = setTimeout(
      () => {
        // Sockets come before this, and after timers.
        this.#timer = setImmediate(() => this.#run());
      },
      Math.max(0, this.#due - performance.now()),
    );
  }

  #run(): void {
    const now = performance.now();
    if (now - this.#due > MOST_BEHIND_MS) {
      const missed = Math.floor((now - this.#due) / FRAME_MS);
      this.#skipped += missed;
      this.#due += missed * FRAME_MS;
    }
    for (; this.#due <= now; this.#due += FRAME_MS) {
      for (const beat of this.#beats) beat(this.#due);
    }
    if (this.#beats.size > 0) this.#wait();
  }
}

/** Of this process. */
export const voiceClock: VoiceClock = new VoiceClock();
