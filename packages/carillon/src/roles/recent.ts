/** What was seen not long ago, in a table that cannot grow without end. */
import { flat } from "../grammar/octets.ts";
import type { Millis } from "../transaction/timers.ts";

/** Names that were added within `lifeMs`; of more than `capacity` the oldest goes. */
export class Recent {
  readonly #lifeMs: number;
  readonly #capacity: number;
  /** When each was added last, the oldest first. */
  readonly #at = new Map<string, Millis>();

  constructor(lifeMs: number, capacity: number) {
    this.#lifeMs = lifeMs;
    this.#capacity = capacity;
  }

  /** How many are kept. */
  get size(): number {
    return this.#at.size;
  }

  /** Adds it, or makes it new again. */
  add(key: string, now: Millis): void {
    this.#at.delete(key);
    if (this.#at.size >= this.#capacity) {
      const [oldest] = this.#at.keys();
      if (oldest !== undefined) this.#at.delete(oldest);
    }
    this.#at.set(flat(key), now);
  }

  /** Whether it was added within the last `withinMs`; within `lifeMs` if left out. */
  has(key: string, now: Millis, withinMs: number = this.#lifeMs): boolean {
    const at = this.#at.get(key);
    return at !== undefined && now - at < withinMs;
  }
}
