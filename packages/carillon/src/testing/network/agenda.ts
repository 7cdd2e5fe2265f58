/** What is going to happen, in order of time, and first come first served at one moment. */
import { type Millis, NEVER } from "../../grammar/millis.ts";

interface Event {
  readonly at: Millis;
  readonly run: () => void;
}

export class Agenda {
  readonly #events: Event[] = [];

  /** When the next thing happens; NEVER if nothing will. */
  get nextAt(): Millis {
    return this.#events[0]?.at ?? NEVER;
  }

  add(at: Millis, run: () => void): void {
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#events[middle]?.at ?? NEVER) > at) high = middle;
      else low = middle + 1;
    }
    this.#events.splice(low, 0, { at, run });
  }

  /** Takes out the next thing. */
  next(): (() => void) | undefined {
    return this.#events.shift()?.run;
  }
}
