/** How much each sender may send: so much at once, and so much a second from then on. */
import type { Millis } from "../grammar/millis.ts";

/** The size of a bucket, and how fast it fills. */
export interface Rate {
  /** At once. */
  readonly burst: number;
  /** From then on. */
  readonly perSecond: number;
}

interface Bucket {
  readonly left: number;
  readonly at: Millis;
}

/** Senders that are remembered; one that is forgotten has everything again. */
const MAX_SENDERS = 20_000;

export class Budget {
  readonly #rate: Rate;
  readonly #buckets = new Map<string, Bucket>();

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /**
   * Takes so much of what a sender has. 0: it is taken; otherwise in how many seconds there is
   * enough, and nothing has been taken.
   */
  take(sender: string, cost: number, now: Millis): number {
    const { burst, perSecond } = this.#rate;
    const known = this.#buckets.get(sender);
    const filled = known ? known.left + ((now - known.at) / 1000) * perSecond : burst;
    const left = Math.min(burst, filled);
    // What is larger than the bucket takes it whole.
    const wanted = Math.min(cost, burst);
    if (left < wanted) return Math.max(1, Math.ceil((wanted - left) / perSecond));
    this.#buckets.delete(sender);
    this.#buckets.set(sender, { left: left - wanted, at: now });
    for (const oldest of this.#buckets.keys()) {
      if (this.#buckets.size <= MAX_SENDERS) break;
      this.#buckets.delete(oldest);
    }
    return 0;
  }
}
