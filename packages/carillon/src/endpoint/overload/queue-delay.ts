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
  /** Who has waited for so long, and many others before them, need not wait until it has lasted. */
  readonly hardMs: Millis;
  /** For how long nobody may have waited longer before it is over. */
  readonly calmMs: Millis;
}

/**
 * So many are a crowd. A machine that stood still, or has just woken up, has a handful of messages
 * however late they are, and nothing more to do than these.
 */
const CROWD = 50;
/** How long the longest is remembered at least. */
const LONGEST_MS = 10_000;

/** The waiting of everything that comes, as one number and one fact. Fed at every message. */
export class QueueDelay {
  readonly #limits: DelayLimits;
  #aboveSince: Millis = NEVER;
  /** How many have waited for longer since then. */
  #crowd = 0;
  #aboveAt: Millis = Number.NEGATIVE_INFINITY;
  #isOver = true;
  /** How long the last message had waited, in ms. */
  latestMs: Millis = 0;
  #longest: readonly [before: Millis, now: Millis] = [0, 0];
  #longestSince: Millis = 0;

  constructor(limits: DelayLimits) {
    this.#limits = limits;
  }

  /** One message has waited for so long; whether there is too much to do. */
  note(waitedMs: Millis, now: Millis): boolean {
    this.latestMs = waitedMs;
    if (waitedMs > 0) this.#keepLongest(waitedMs, now);
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

  /** The longest of the last ten to twenty seconds. */
  longestMs(now: Millis): Millis {
    this.#keepLongest(0, now);
    return Math.max(...this.#longest);
  }

  #keepLongest(waitedMs: Millis, now: Millis): void {
    const age = now - this.#longestSince;
    if (age >= LONGEST_MS) {
      this.#longest = [age < 2 * LONGEST_MS ? this.#longest[1] : 0, waitedMs];
      this.#longestSince = now;
    } else if (waitedMs > this.#longest[1]) this.#longest = [this.#longest[0], waitedMs];
  }

  #above(waitedMs: Millis, now: Millis): void {
    if (this.#aboveSince === NEVER) {
      this.#aboveSince = now;
      this.#crowd = 0;
    }
    this.#crowd++;
    const lasts = now - this.#aboveSince >= this.#limits.lastsMs;
    const isCrowd = waitedMs >= this.#limits.hardMs && this.#crowd >= CROWD;
    if (lasts || isCrowd) this.#isOver = false;
    this.#aboveAt = now;
  }
}
