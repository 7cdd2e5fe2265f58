/**
 * One timing wheel for everything that waits.
 *
 * A slot is 10 ms wide and a round is 41 s; what is due later than a round is put in again when
 * its slot comes up. Nothing is ever early. Moving a deadline later, or cancelling it, touches no
 * slot: the timer only remembers, and the slot finds out when it comes.
 */
import { type Millis, NEVER } from "../transaction/timers.ts";

export interface Timer {
  /** When it is due; set by `schedule`. NEVER when it is not wanted. */
  at: Millis;
  /** The slot's number that will look at it; a reference from any other slot is a stale one. */
  slot: number;
  /** Whom to tell. It may schedule again. */
  readonly owner: Timed;
}

export interface Timed {
  due(now: Millis, timer: Timer): void;
}

const SLOT_MS = 10;
const SLOTS = 4096;

export class Wheel {
  readonly #slots: Timer[][] = Array.from({ length: SLOTS }, () => []);
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
    const until = Math.floor(now / SLOT_MS);
    // After a long sleep every slot is looked at once, which finds everything.
    if (until - this.#at > SLOTS) this.#at = until - SLOTS;
    while (this.#at < until && this.#count > 0) {
      this.#at++;
      const timers = this.#slots[this.#at % SLOTS] ?? [];
      if (timers.length > 0) this.#run(timers, now);
    }
    if (this.#at < until) this.#at = until;
  }

  /** When the next slot that is not empty comes up; NEVER if none. */
  deadline(): Millis {
    if (this.#count === 0) return NEVER;
    for (let i = 1; i <= SLOTS; i++) {
      if ((this.#slots[(this.#at + i) % SLOTS] ?? []).length > 0) return (this.#at + i) * SLOT_MS;
    }
    return NEVER;
  }

  #put(timer: Timer, slot: number): void {
    timer.slot = slot;
    this.#slots[slot % SLOTS]?.push(timer);
    this.#count++;
  }

  #run(timers: Timer[], now: Millis): void {
    const batch = timers.splice(0);
    this.#count -= batch.length;
    for (const timer of batch) {
      // A reference is stale once its timer was put into an earlier slot.
      if (timer.slot > this.#at || timer.slot < 0) continue;
      timer.slot = -1;
      if (timer.at > now) this.schedule(timer, timer.at);
      else timer.owner.due(now, timer);
    }
  }
}

export const newTimer = (owner: Timed): Timer => ({ at: NEVER, slot: -1, owner });
