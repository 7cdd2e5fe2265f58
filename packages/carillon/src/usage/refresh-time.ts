/** When to refresh what expires: registrations, subscriptions, publications. */
import type { Millis } from "../transaction/timers.ts";

const LONG_BEFORE_MS = 600_000;

/**
 * How long after it was granted to refresh it, in ms: at half of a short time, ten minutes before
 * the end of a long one. A refresh that is lost can then be tried again.
 */
export function refreshAfterMs(seconds: number): Millis {
  return Math.max(500 * seconds, 1000 * seconds - LONG_BEFORE_MS);
}

/** What a peer may grant or demand at most: RFC 3261 §10.2 knows no more than 32 bits. */
export const MAX_SECONDS: number = 2 ** 32 - 1;

/** Whether the Min-Expires of a 423 is a reason to ask again: it wants more than was asked for. */
export const isLonger = (seconds: number | undefined, than: number): seconds is number =>
  seconds !== undefined && seconds > than && seconds <= MAX_SECONDS;

/**
 * The longest that a peer is left alone because it asked for it, in seconds. With a longer
 * Retry-After, a slip of somebody's would be rid of us until we are started anew.
 */
export const LONGEST_WAIT_SECONDS: number = 3600;
