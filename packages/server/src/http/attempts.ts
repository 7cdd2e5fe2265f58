/**
 * How often an address may be wrong over HTTP: as over SIP a bucket that leaks, and whoever goes on
 * all the same is banned from both. Only failures cost, so a whole school behind one address joins
 * undisturbed.
 */
import { Budgets, sourceOf } from "carillon/roles";

export interface AttemptLimits {
  /** Failures in a row before an address has to wait. */
  readonly burst: number;
  /** One more is allowed after each of these. */
  readonly refillMs: number;
  /** Addresses remembered; over it the longest unheard of is forgotten. */
  readonly addresses: number;
}

export const ATTEMPT_LIMITS: AttemptLimits = {
  burst: 30,
  refillMs: 10_000,
  addresses: 10_000,
};

/** Hears of each failure: `Shield` of the library. */
interface Judge {
  misbehaved(host: string, what: string, now: number): void;
}

export class Attempts {
  readonly #now: () => number;
  readonly #judge: Judge | undefined;
  readonly #budgets: Budgets;

  constructor(
    now: () => number,
    { judge, limits = ATTEMPT_LIMITS }: { judge?: Judge; limits?: AttemptLimits } = {},
  ) {
    this.#now = now;
    this.#judge = judge;
    const { burst, refillMs: drainMs, addresses } = limits;
    this.#budgets = new Budgets({ burst, drainMs }, addresses);
  }

  /** Whole seconds until this address may try again; 0 if it may now. Asking in vain counts. */
  waitSeconds(address: string): number {
    const waitMs = this.#budgets.waitMs(sourceOf(address), this.#now());
    if (waitMs > 0) this.#judge?.misbehaved(address, GUESSED, this.#now());
    return Math.ceil(waitMs / 1000);
  }

  failed(address: string): void {
    this.#budgets.take(sourceOf(address), this.#now());
    this.#judge?.misbehaved(address, GUESSED, this.#now());
  }
}

const GUESSED = "guessed invites";
