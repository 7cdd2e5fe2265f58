/** What was seen not long ago, in a table that cannot grow without end. */
import { flat } from "../grammar/octets.ts";
import { Oldest } from "../grammar/oldest.ts";
import type { Millis } from "../transaction/timers.ts";

/** Names that were added within `lifeMs`; of more than `capacity` the oldest goes. */
export class Recent {
  readonly #lifeMs: number;
  readonly #capacity: number;
  /** When each was added last, the oldest first. */
  readonly #at = new Map<string, Millis>();
  readonly #oldest = new Oldest(this.#at);

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
    this.#oldest.makeRoom(this.#capacity);
    this.#at.set(flat(key), now);
  }

  /** Whether it was added within the last `withinMs`; within `lifeMs` if left out. */
  has(key: string, now: Millis, withinMs: number = this.#lifeMs): boolean {
    const at = this.#at.get(key);
    return at !== undefined && now - at < withinMs;
  }
}
