/**
 * How often an address may be wrong: a bucket of tokens each, in a table that cannot grow without
 * end. Only failures cost, so a whole school behind one address joins undisturbed.
 */
import { isIPv6 } from "node:net";

export interface AttemptLimits {
  /** Failures in a row before an address has to wait. */
  readonly burst: number;
  /** One more is allowed after each of these. */
  readonly refillMs: number;
  /** Addresses remembered; over it the longest unheard of is forgotten. */
  readonly addresses: number;
}

const defaults: AttemptLimits = { burst: 30, refillMs: 10_000, addresses: 10_000 };

interface Bucket {
  readonly tokens: number;
  readonly at: number;
}

export class Attempts {
  readonly #limits: AttemptLimits;
  readonly #now: () => number;
  /** In the order of the last failure, which makes the first entry the one to forget. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(now: () => number, limits: AttemptLimits = defaults) {
    this.#now = now;
    this.#limits = limits;
  }

  /** Whole seconds until this address may try again; 0 if it may now. */
  waitSeconds(address: string): number {
    const tokens = this.#tokens(network(address));
    return tokens >= 1 ? 0 : Math.ceil(((1 - tokens) * this.#limits.refillMs) / 1000);
  }

  failed(address: string): void {
    const key = network(address);
    const tokens = Math.max(0, this.#tokens(key) - 1);
    this.#buckets.delete(key);
    if (this.#buckets.size >= this.#limits.addresses) {
      const [oldest] = this.#buckets.keys();
      if (oldest !== undefined) this.#buckets.delete(oldest);
    }
    this.#buckets.set(key, { tokens, at: this.#now() });
  }

  #tokens(key: string): number {
    const { burst, refillMs } = this.#limits;
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) return burst;
    return Math.min(burst, bucket.tokens + (this.#now() - bucket.at) / refillMs);
  }
}

/** One IPv6 customer owns a whole /64, so that is what is counted. */
function network(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = "", tail] = address.split("::");
  const groups = head.split(":");
  if (tail !== undefined) {
    const after = tail.split(":").filter((group) => group !== "");
    while (groups.length + after.length < 8) groups.push("0");
  }
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group || "0", 16))
    .join(":");
}
