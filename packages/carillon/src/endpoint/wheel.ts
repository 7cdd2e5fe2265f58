/**
 * One timing wheel for everything that waits.
 *
 * A slot is 10 ms wide and a round is 41 s; what is due later than a round is put in again when
 * its slot comes up. Nothing is ever early. Moving a deadline later, or cancelling it, touches no
 * slot: the timer only remembers, and the slot finds out when it comes.
 */
import { type Millis, NEVER } from "../transaction/timers.ts";
import { SLOTS, SlotBits } from "./slot-bits.ts";

/**
 * A time at which somebody wants to be called: `newTimer` makes it, `schedule` of the endpoint sets
 * it.
 */
export interface Timer {
  /** When it is due; set by `schedule`. NEVER when it is not wanted. */
  at: Millis;
  /** The slot's number that will look at it; a reference from any other slot is a stale one. */
  slot: number;
  /** Whom to tell. It may schedule again. */
  readonly owner: Timed;
}

/** Who is called when a timer is due. */
export interface Timed {
  /** It is time: in the turn of an input, never before `timer.at`. `now` is in ms. */
  due(now: Millis, timer: Timer): void;
}

const SLOT_MS = 10;

export class Wheel {
  readonly #slots: Timer[][] = Array.from({ length: SLOTS }, () => []);
  readonly #full = new SlotBits();
  /** The number of the slot that has been looked at last. */
  #at: number;
  #count = 0;

  constructor(now: Millis) {
    this.#at = Math.floor(now / SLOT_MS);
  }

  /** References held in slots, stale ones with them: zero means nothing is waiting. */
  get size(): number {
    return this.#count;
  }

  /** Sets or moves a deadline. NEVER cancels. */
  schedule(timer: Timer, at: Millis): void {
    timer.at = at;
    if (at === NEVER) return;
    const wanted = Math.max(Math.ceil(at / SLOT_MS), this.#at + 1);
    const slot = Math.min(wanted, this.#at + SLOTS - 1);
    if (timer.slot > this.#at && timer.slot <= slot) return;
    this.#put(timer, slot);
  }

  /** Runs whatever is due at `now`, in order of slots. */
  advance(now: Millis): void {
    const due = this.#takeOut(Math.floor(now / SLOT_MS));
    let done = 0;
    try {
      while (done < due.length) {
        const timer = due[done++];
        if (timer) this.#run(timer, now);
      }
    } finally {
      // Somebody threw: the others must not pay for it.
      for (const timer of due.slice(done)) {
        if (timer.slot >= 0 && timer.slot <= this.#at) this.#put(timer, this.#at + 1);
      }
    }
  }

  /** When the next slot that is not empty comes up; NEVER if none. */
  deadline(): Millis {
    const next = this.#next();
    return next < 0 ? NEVER : next * SLOT_MS;
  }

  /** The number of the next slot that is not empty; -1 if none. */
  #next(): number {
    const from = (this.#at + 1) % SLOTS;
    const found = this.#full.next(from);
    return found < 0 ? -1 : this.#at + 1 + ((found - from + SLOTS) % SLOTS);
  }

  /**
   * Empties the slots up to this one, and stands there. Only then is anything run: after a long
   * sleep, what is scheduled anew is so from now on, and not from where the wheel stood.
   */
  #takeOut(until: number): Timer[] {
    const due: Timer[] = [];
    for (let slot = this.#next(); slot >= 0 && slot <= until; slot = this.#next()) {
      this.#at = slot;
      const timers = this.#slots[slot % SLOTS] ?? [];
      for (const timer of timers) due.push(timer);
      this.#count -= timers.length;
      timers.length = 0;
      this.#full.clear(slot % SLOTS);
    }
    this.#at = Math.max(this.#at, until);
    return due;
  }

  #put(timer: Timer, slot: number): void {
    timer.slot = slot;
    this.#slots[slot % SLOTS]?.push(timer);
    this.#full.set(slot % SLOTS);
    this.#count++;
  }

  #run(timer: Timer, now: Millis): void {
    // A stale reference: its timer is in a later slot now, or has been looked at already.
    if (timer.slot > this.#at || timer.slot < 0) return;
    timer.slot = -1;
    if (timer.at > now) this.schedule(timer, timer.at);
    else timer.owner.due(now, timer);
  }
}

/**
 * A timer that is not wanted yet. It may be scheduled, moved and taken back as often as one likes.
 */
export const newTimer = (owner: Timed): Timer => ({ at: NEVER, slot: -1, owner });
