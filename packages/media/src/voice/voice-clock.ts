/**
 * The beat of all voices of the process: every 20 ms, one timer for however many calls. What was
 * missed, because the process was busy, is made up for, a little at once; after a long stop the
 * beat begins anew.
 */
export interface Beat {
  /** `now` in milliseconds of `performance.now()`. */
  beat(now: number): void;
}

export const BEAT_MS = 20;
/** More than this is not made up for. */
const MOST_BEHIND_MS = 200;

class VoiceClock {
  readonly #all = new Set<Beat>();
  #timer: NodeJS.Timeout | undefined;
  #due = 0;

  add(one: Beat): void {
    this.#all.add(one);
    if (this.#timer) return;
    this.#due = performance.now() + BEAT_MS;
    this.#wait();
  }

  delete(one: Beat): void {
    this.#all.delete(one);
    if (this.#all.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #wait(): void {
    this.#timer = setTimeout(() => this.#run(), Math.max(0, this.#due - performance.now()));
  }

  #run(): void {
    const now = performance.now();
    if (now - this.#due > MOST_BEHIND_MS) this.#due = now;
    for (; this.#due <= now && this.#all.size > 0; this.#due += BEAT_MS) {
      for (const one of this.#all) one.beat(now);
    }
    if (this.#all.size > 0) this.#wait();
  }
}

export const voiceClock: VoiceClock = new VoiceClock();
