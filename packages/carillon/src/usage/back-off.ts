/** How long to wait before another try at something that failed. RFC 5626 §4.5. */
import type { Millis } from "../transaction/timers.ts";

/** How waits grow. RFC 5626 §4.5. */
export interface BackOff {
  /** base-time: the first wait is between this and twice this. */
  readonly baseMs: Millis;
  /** max-time: no wait is longer. */
  readonly maxMs: Millis;
}

//= RFC 5626 §4.5
//# max-time with a default of 1800 seconds
//= RFC 5626 §4.5
//# base-time (if all failed) with a default of 30 seconds
/** 30 s and half an hour, the RFC's own. RFC 5626 §4.5. */
export const DEFAULT_BACK_OFF: BackOff = Object.freeze({ baseMs: 30_000, maxMs: 1_800_000 });

/**
 * The wait in ms after so many failures in a row, the last one among them; `random` is in [0, 1).
 * RFC 5626 §4.5.
 */
export function backOffMs({ baseMs, maxMs }: BackOff, failures: number, random: number): Millis {
  //= RFC 5626 §4.5
  //# W = min (max-time, (base-time * (2 ^ consecutive-failures)))
  const upperBound = Math.min(maxMs, baseMs * 2 ** failures);
  //= RFC 5626 §4.5
  //# The actual amount of time the UA waits before retrying registration (the retry delay time) is
  //# computed by selecting a uniform random time between 50 and 100% of the upper-bound wait time.
  return upperBound * (0.5 + 0.5 * random);
}

/** Silence, a fault of the server's, or its word that later is better: not a refusal on merit. */
export const isWorthARetry = (status: number, retryAfterSeconds: number | undefined): boolean =>
  status === 408 || (status >= 500 && status < 600) || retryAfterSeconds !== undefined;
