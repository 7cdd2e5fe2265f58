/**
 * How much strangers may ask. Over UDP anybody can write anybody's address, so that what is
 * answered without credentials goes to whom it says: so much for one source and no more.
 */
import type { Millis } from "../grammar/millis.ts";
import { Oldest } from "../grammar/oldest.ts";
import { sourceOf } from "../transport/source.ts";

/** A pail of so many, into which so many a second fall. */
export interface Rate {
  /** At once. */
  readonly burst: number;
  /** And from then on. */
  readonly perSecond: number;
}

/** Counts down from `burst`, and up with the time. */
export class Bucket {
  readonly #rate: Rate;
  #left: number;
  #at: Millis;

  constructor(rate: Rate, now: Millis) {
    this.#rate = rate;
    this.#left = rate.burst;
    this.#at = now;
  }

  /** Takes so many, if there are so many. */
  take(count: number, now: Millis): boolean {
    const { burst, perSecond } = this.#rate;
    this.#left = Math.min(burst, this.#left + (Math.max(0, now - this.#at) * perSecond) / 1000);
    this.#at = now;
    if (this.#left < count) return false;
    this.#left -= count;
    return true;
  }
}

/** Sources that are remembered; of more the oldest is forgotten. */
const MAX_SOURCES = 4096;

/** One bucket a source, and one for all of them. */
export class SourceBudget {
  readonly #each: Rate;
  readonly #all: Bucket;
  readonly #buckets = new Map<string, Bucket>();
  readonly #oldest = new Oldest(this.#buckets);

  constructor(each: Rate, all: Rate, now: Millis) {
    this.#each = each;
    this.#all = new Bucket(all, now);
  }

  /** Whether one more question of this source is answered. */
  take(host: string, now: Millis): boolean {
    const source = sourceOf(host);
    let bucket = this.#buckets.get(source);
    if (!bucket) {
      this.#oldest.makeRoom(MAX_SOURCES);
      bucket = new Bucket(this.#each, now);
      this.#buckets.set(source, bucket);
    }
    return bucket.take(1, now) && this.#all.take(1, now);
  }
}
