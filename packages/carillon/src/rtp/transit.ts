/**
 * How late packets are: their time on the way, above the least that was seen lately, and how much
 * of it a buffer should wait out. Whoever sends by another clock than ours drifts; the least is
 * that of the last ten to twenty seconds.
 */
import type { Millis } from "../grammar/millis.ts";

const BUCKET_MS = 5;
const BUCKETS = 100;
/** The part of packets that may be later than what is waited for. */
const TAIL = 0.01;
/** What one packet counts less than the next: half of it after seven seconds of speech. */
const GROWTH = 1 / 0.998;
const HEAVY = 1e9;
const WINDOW_MS = 10_000;

export class Transit {
  readonly #weights = new Float64Array(BUCKETS);
  #weight = 1;
  #total = 0;
  #least = Number.POSITIVE_INFINITY;
  #leastBefore = Number.POSITIVE_INFINITY;
  #windowEnd: Millis = Number.NEGATIVE_INFINITY;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** The least time on the way; Infinity before the first packet. */
  get least(): Millis {
    return Math.min(this.#least, this.#leastBefore);
  }

  /** A packet with this time on the way (by two clocks: only differences mean something). */
  add(transit: Millis, now: Millis): void {
    this.#count++;
    if (now >= this.#windowEnd) {
      this.#leastBefore = this.#least;
      this.#least = Number.POSITIVE_INFINITY;
      this.#windowEnd = now + WINDOW_MS;
    }
    if (transit < this.#least) this.#least = transit;
    const bucket = Math.min(BUCKETS - 1, Math.floor((transit - this.least) / BUCKET_MS));
    this.#weight *= GROWTH;
    this.#weights[bucket]! += this.#weight;
    this.#total += this.#weight;
    if (this.#weight > HEAVY) this.#lighten();
  }

  /** So late is one packet in a hundred, or later. */
  get tailMs(): number {
    let tail = 0;
    for (let bucket = BUCKETS - 1; bucket >= 0; bucket--) {
      tail += this.#weights[bucket]!;
      if (tail > TAIL * this.#total) return (bucket + 1) * BUCKET_MS;
    }
    return 0;
  }

  #lighten(): void {
    for (let bucket = 0; bucket < BUCKETS; bucket++) this.#weights[bucket]! /= this.#weight;
    this.#total /= this.#weight;
    this.#weight = 1;
  }
}
