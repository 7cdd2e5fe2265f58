/**
 * Whether those whom we know ask for more than can be done. That everybody waits does not say so:
 * strangers may flood us, or the machine stand still now and then, and nothing is gained by turning
 * our own away then. It has to last while all strangers are turned away, and their new requests
 * have to be what the time goes to.
 */
import { type Millis, NEVER } from "../../grammar/millis.ts";

/** For how long everybody has to have waited, and the part of that time that went to them. */
const [LASTS_MS, PART] = [150, 1 / 8];
/** After so long it does not matter what takes the time. */
const LONG_MS = 3000;
/** More than that nothing takes: the machine stood still. */
const MOST_MS = 10;
/** What lasts for less than this, as a pause does, does not keep it from being over. */
const HOLDS_MS = 100;
/** For how long nothing may have lasted longer before it is over. */
const CALM_MS = 1000;

/** Fed at every message. Times are the endpoint's. */
export class OwnLoad {
  readonly #limitMs: Millis;
  /** Since when nobody has waited less. */
  #since: Millis = NEVER;
  /** How much of the time since then their new requests took. */
  #spentMs: Millis = 0;
  #letInAt: Millis = NEVER;
  #lastedAt: Millis = Number.NEGATIVE_INFINITY;
  #isTooMuch = false;

  /** `limitMs` is what they may wait for: by then all strangers are turned away. */
  constructor(limitMs: Millis) {
    this.#limitMs = limitMs;
  }

  /** Whether it is too much. */
  get isTooMuch(): boolean {
    return this.#isTooMuch;
  }

  /** One message has waited for so long. */
  note(waitedMs: Millis, now: Millis): void {
    if (this.#letInAt !== NEVER) {
      this.#spentMs += Math.min(MOST_MS, now - this.#letInAt);
      this.#letInAt = NEVER;
    }
    if (waitedMs >= this.#limitMs) return this.#above(now);
    this.#since = NEVER;
    if (this.#isTooMuch && now - this.#lastedAt >= CALM_MS) this.#isTooMuch = false;
  }

  /** A new request of theirs is let in now, and takes the time until the next message is noted. */
  letIn(now: Millis): void {
    this.#letInAt = now;
  }

  #above(now: Millis): void {
    if (this.#since === NEVER) {
      this.#since = now;
      this.#spentMs = 0;
    }
    const forMs = now - this.#since;
    const isTheirs = forMs >= LASTS_MS && this.#spentMs >= PART * forMs;
    if (isTheirs || forMs >= LONG_MS) this.#isTooMuch = true;
    if (forMs >= HOLDS_MS) this.#lastedAt = now;
  }
}
