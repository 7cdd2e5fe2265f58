/**
 * Whether there is more to do than is done, by how long what comes has waited. Not by CPU: a busy
 * server that keeps up is a good one.
 *
 * A single pause, as of a garbage collector, makes everything wait once and is no overload: it has
 * to last. From then on everybody is judged by the time that they themselves have waited, until
 * nobody has waited for long for a while.
 */
import { type Millis, NEVER } from "../../grammar/millis.ts";

/** What tells a pause from too much work. Times are in ms. */
export interface DelayLimits {
  /** What lasts when everything is as it should be waits less. */
  readonly targetMs: Millis;
  /** For how long everybody has to have waited longer before it is taken for overload. */
  readonly lastsMs: Millis;
  /** Who has waited for so long need not be the second one. */
  readonly hardMs: Millis;
  /** For how long nobody may have waited longer before it is over. */
  readonly calmMs: Millis;
}

/** The waiting of everything that comes, as one number and one fact. Fed at every message. */
export class QueueDelay {
  readonly #limits: DelayLimits;
  #aboveSince: Millis = NEVER;
  #aboveAt: Millis = Number.NEGATIVE_INFINITY;
  #isOver = true;
  /** How long the last message had waited, in ms. */
  latestMs: Millis = 0;
  /** The longest since it was last put to zero. */
  longestMs: Millis = 0;

  constructor(limits: DelayLimits) {
    this.#limits = limits;
  }

  /** One message has waited for so long; whether there is too much to do. */
  note(waitedMs: Millis, now: Millis): boolean {
    this.latestMs = waitedMs;
    if (waitedMs > this.longestMs) this.longestMs = waitedMs;
    if (waitedMs < this.#limits.targetMs) {
      this.#aboveSince = NEVER;
      if (!this.#isOver && now - this.#aboveAt >= this.#limits.calmMs) this.#isOver = true;
    } else this.#above(waitedMs, now);
    return !this.#isOver;
  }

  /** The same without a message: when nothing comes any more, it is over as well. */
  isOverloaded(now: Millis): boolean {
    if (now - this.#aboveAt >= this.#limits.calmMs) this.#isOver = true;
    return !this.#isOver;
  }

  #above(waitedMs: Millis, now: Millis): void {
    if (this.#aboveSince === NEVER) this.#aboveSince = now;
    const lasts = now - this.#aboveSince >= this.#limits.lastsMs;
    if (lasts || waitedMs >= this.#limits.hardMs) this.#isOver = false;
    this.#aboveAt = now;
  }
}
