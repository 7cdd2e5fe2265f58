/**
 * The timers of an endpoint in a page, in whose place Node has the wheel of wheel.ts: here they are
 * dozens, and looking at all of them costs nothing.
 */
import { type Millis, NEVER } from "../transaction/timers.ts";
import type { Timed, Timer } from "./wheel.ts";

export class Wheel {
  readonly #waiting = new Set<Timer>();

  /** How many wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Sets or moves a deadline. NEVER cancels. */
  schedule(timer: Timer, at: Millis): void {
    timer.at = at;
    this.#waiting.delete(timer);
    if (at !== NEVER) this.#waiting.add(timer);
  }

  /** Runs whatever is due at `now`; what is scheduled meanwhile waits for the next time. */
  advance(now: Millis): void {
    const due = [...this.#waiting].filter(({ at }) => at <= now);
    for (const timer of due.sort((a, b) => a.at - b.at)) {
      // One of those before may have moved it.
      if (timer.at > now) continue;
      this.schedule(timer, NEVER);
      timer.owner.due(now, timer);
    }
  }

  /** When the next is due; NEVER if none is. */
  deadline(): Millis {
    return Math.min(NEVER, ...[...this.#waiting].map(({ at }) => at));
  }
}

export const newTimer = (owner: Timed): Timer => ({ at: NEVER, slot: -1, place: -1, owner });
