/**
 * Leaky buckets by name, in a table that cannot grow without end. What is put in leaks out with the
 * time, so that nobody is shut out for good by what they, or somebody in their name, did.
 */
import { flat } from "../grammar/octets.ts";
import { Oldest } from "../grammar/oldest.ts";
import type { Millis } from "../transaction/timers.ts";

/** How much a bucket holds, and how fast it leaks. */
export interface Leak {
  /** So many fit into an empty one. */
  readonly burst: number;
  /** One has leaked out after each of these, in ms. */
  readonly drainMs: number;
}

/**
 * Buckets of one kind. Of more than `capacity` the one goes into which nothing has been put for
 * longest.
 */
export class Budgets {
  readonly #leak: Leak;
  readonly #capacity: number;
  /** When each is empty again, in the order in which something was put into them last. */
  readonly #emptyAt = new Map<string, Millis>();
  readonly #oldest = new Oldest(this.#emptyAt);

  constructor(leak: Leak, capacity: number) {
    this.#leak = leak;
    this.#capacity = capacity;
  }

  /** How many buckets are kept. */
  get size(): number {
    return this.#emptyAt.size;
  }

  /** Whether one more fits; nothing is put in. */
  hasRoom(key: string, now: Millis): boolean {
    return this.waitMs(key, now) === 0;
  }

  /** In ms, until one more fits; 0 if it does now. */
  waitMs(key: string, now: Millis): number {
    const { burst, drainMs } = this.#leak;
    return Math.max(0, this.#fullFor(key, now) - (burst - 1) * drainMs);
  }

  /**
   * Puts one in, if it fits. One that is full gets no fuller: whoever goes on trying waits no
   * longer than who stops.
   */
  take(key: string, now: Millis): boolean {
    const fits = this.hasRoom(key, now);
    this.#put(key, now + this.#fullFor(key, now) + (fits ? this.#leak.drainMs : 0));
    return fits;
  }

  /** Empties one. */
  forget(key: string): void {
    this.#emptyAt.delete(key);
  }

  /** In ms, how long until all of it has leaked out. */
  #fullFor(key: string, now: Millis): number {
    return Math.max(0, (this.#emptyAt.get(key) ?? now) - now);
  }

  #put(key: string, emptyAt: Millis): void {
    this.#emptyAt.delete(key);
    this.#oldest.makeRoom(this.#capacity);
    this.#emptyAt.set(flat(key), emptyAt);
  }
}
