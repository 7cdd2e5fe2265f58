/**
 * One timing wheel for everything that waits.
 *
 * A slot is 10 ms wide and a round is 41 s; what is due later than a round is put in again when
 * its slot comes up. Nothing is ever early. Moving a deadline later touches no slot: the timer only
 * remembers, and the slot finds out when it comes. A timer that is cancelled leaves its slot, with
 * everything that its owner holds.
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
  /** The number of the slot that will look at it; -1: none. */
  slot: number;
  /** Where it is in that slot; -1 once it has been taken out to be run. */
  place: number;
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
  readonly #slots: (Timer | undefined)[][] = Array.from({ length: SLOTS }, () => []);
  readonly #full = new SlotBits();
  /** The number of the slot that has been looked at last. */
  #at: number;
  #count = 0;

  constructor(now: Millis) {
    this.#at = Math.floor(now / SLOT_MS);
  }

  /** How many timers wait. */
  get size(): number {
    return this.#count;
  }

  /** Sets or moves a deadline. NEVER cancels. */
  schedule(timer: Timer, at: Millis): void {
    timer.at = at;
    if (at === NEVER) return this.#take(timer);
    const wanted = Math.max(Math.ceil(at / SLOT_MS), this.#at + 1);
    const slot = Math.min(wanted, this.#at + SLOTS - 1);
    if (timer.slot > this.#at && timer.slot <= slot) return;
    this.#take(timer);
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
        if (timer.place < 0 && timer.slot >= 0) this.#put(timer, this.#at + 1);
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
      for (const timer of timers) {
        if (!timer) continue;
        timer.place = -1;
        due.push(timer);
        this.#count--;
      }
      timers.length = 0;
      this.#full.clear(slot % SLOTS);
    }
    this.#at = Math.max(this.#at, until);
    return due;
  }

  #put(timer: Timer, slot: number): void {
    const timers = this.#slots[slot % SLOTS] ?? [];
    timer.slot = slot;
    timer.place = timers.length;
    timers.push(timer);
    this.#full.set(slot % SLOTS);
    this.#count++;
  }

  /** Out of its slot. The place stays empty, so that the others are run in the order they came. */
  #take(timer: Timer): void {
    const { slot, place } = timer;
    timer.slot = -1;
    timer.place = -1;
    if (place < 0) return;
    const timers = this.#slots[slot % SLOTS];
    if (timers) timers[place] = undefined;
    this.#count--;
  }

  #run(timer: Timer, now: Millis): void {
    // Another one that was run before has scheduled it anew, or cancelled it.
    if (timer.place >= 0 || timer.slot < 0) return;
    timer.slot = -1;
    if (timer.at > now) this.schedule(timer, timer.at);
    else timer.owner.due(now, timer);
  }
}

/**
 * A timer that is not wanted yet. It may be scheduled, moved and taken back as often as one likes.
 */
export const newTimer = (owner: Timed): Timer => ({ at: NEVER, slot: -1, place: -1, owner });
