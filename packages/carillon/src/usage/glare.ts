/** Two who change a session at the same time. RFC 3261 §14, RFC 3311 §5. */
import type { Millis } from "../transaction/timers.ts";

/** A change of the session that one side wants. */
export interface Change {
  /** A re-INVITE, or an UPDATE. RFC 3311. */
  readonly method: "INVITE" | "UPDATE";
  /** Whether the request makes an offer. */
  readonly offer: boolean;
}

/** How long to wait after a 491, in ms; `random` is in [0, 1). RFC 3261 §14.1. */
export function glareWaitMs(ownsCallId: boolean, random: number): Millis {
  //= RFC 3261 §14.1
  //# 1. If the UAC is the owner of the Call-ID of the dialog ID (meaning it generated the value), T
  //# has a randomly chosen value between 2.1 and 4 seconds in units of 10 ms.
  //= RFC 3261 §14.1
  //# 2. If the UAC is not the owner of the Call-ID of the dialog ID, T has a randomly chosen value
  //# of between 0 and 2 seconds in units of 10 ms.
  return ownsCallId ? 2100 + 10 * Math.floor(191 * random) : 10 * Math.floor(201 * random);
}

/** The Retry-After of a 500 that says "not now": 0 to 10 s; `random` is in [0, 1). §14.2. */
export const glareRetryAfterSeconds = (random: number): number => Math.floor(11 * random);

/**
 * The change to make instead of two: whoever offers describes the whole session anew. RFC 3261
 * §14.1.
 */
export function mergedChange(held: Change | undefined, wanted: Change): Change {
  //= RFC 3261 §14.1
  //# It is important to note that the full description of the session, not just the change, is
  //# sent.
  return held?.offer && !wanted.offer ? held : wanted;
}
