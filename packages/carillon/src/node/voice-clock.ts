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
  /** From now on this is called every 20 ms; once, however often it is added. */
  add(beat: Beat): void;
  /** It is called no more. */
  delete(beat: Beat): void;
  /** On the clock of `performance.now()`, in ms. */
  now(): Millis;
  /** A packet has come. */
  arrived?(): void;
}

/** More than this is not caught up with. */
const MOST_BEHIND_MS = 200;
/** From so many calls on, packets are waited for together. */
const MANY_CALLS = 25;
/** So few in a turn of the loop are not worth the turn. */
const FEW_PACKETS = 8;
const LULL_MS = 2;

const never = new Int32Array(new SharedArrayBuffer(4));
const sleepFor = (ms: Millis): void => {
  Atomics.wait(never, 0, 0, ms);
};

/**
 * One timer for any number of voices: every 20 ms, without drift. `voiceClock` is the one of this
 * process; another is for tests.
 */
export class VoiceClock implements VoiceTime {
  readonly #beats = new Set<Beat>();
  #timer: NodeJS.Timeout | NodeJS.Immediate | undefined;
  #isRunning = false;
  #due: Millis = 0;
  #skipped = 0;
  /** Packets in this turn of the loop. */
  #arrived = 0;
  readonly #sleep: (ms: Millis) => void;

  /** `sleep` stops the process for a moment. */
  constructor(sleep: (ms: Millis) => void = sleepFor) {
    this.#sleep = sleep;
  }

  /** How many beats were left out, because the process was busy for too long. */
  get skipped(): number {
    return this.#skipped;
  }

  /** In ms since this process began. */
  now(): Millis {
    return performance.now();
  }

  /** The first one starts the timer. */
  add(beat: Beat): void {
    this.#beats.add(beat);
    if (this.#timer || this.#isRunning) return;
    this.#due = performance.now() + FRAME_MS;
    this.#wait();
  }

  /** The last one stops it. */
  delete(beat: Beat): void {
    this.#beats.delete(beat);
    if (this.#beats.size > 0 || !this.#timer) return;
    clearTimeout(this.#timer as NodeJS.Timeout);
    clearImmediate(this.#timer as NodeJS.Immediate);
    this.#timer = undefined;
  }

  /**
   * A packet has come. With 25 voices and more, after a turn in which few came, the process sleeps
   * for up to 2 ms and finds the next ones together, as network cards do it with interrupts: waking
   * it for each costs several times what the packet does. It never sleeps into the next beat.
   */
  arrived(): void {
    if (this.#beats.size < MANY_CALLS) return;
    if (this.#arrived++ === 0) setImmediate(() => this.#lull());
  }

  #lull(): void {
    const isWorthIt = this.#arrived < FEW_PACKETS;
    this.#arrived = 0;
    const ms = Math.min(LULL_MS, this.#due - performance.now() - 1);
    if (isWorthIt && ms > 0) this.#sleep(ms);
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
    // It has fired. Who comes and goes meanwhile must find neither it nor a second one.
    this.#timer = undefined;
    this.#isRunning = true;
    try {
      this.#beat(performance.now());
    } finally {
      this.#isRunning = false;
      if (this.#beats.size > 0) this.#wait();
    }
  }

  #beat(now: Millis): void {
    if (now - this.#due > MOST_BEHIND_MS) {
      const missed = Math.floor((now - this.#due) / FRAME_MS);
      this.#skipped += missed;
      this.#due += missed * FRAME_MS;
    }
    for (; this.#due <= now; this.#due += FRAME_MS) {
      for (const beat of this.#beats) beat(this.#due);
    }
  }
}

/** The timer of all voices in this process that are given no other. */
export const voiceClock: VoiceClock = new VoiceClock();
