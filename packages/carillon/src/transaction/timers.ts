/** Timers. RFC 3261 §17, Table 4. */

import type { Millis } from "../grammar/millis.ts";

export { type Millis, NEVER } from "../grammar/millis.ts";

/** The base values of RFC 3261 §17.1.1.1 and §17.1.2.2, from which every timer is derived. */
export interface TimerBase {
  /** Estimate of the round-trip time. */
  readonly t1: Millis;
  /** The longest interval between retransmissions of anything but an INVITE. */
  readonly t2: Millis;
  /** How long a message may stay in the network. */
  readonly t4: Millis;
}

//= RFC 3261 §17.1.1.2
//# The default value for T1 is 500 ms.
//= RFC 3261 §17.1.2.2
//# The default value of T2 is 4s
//= RFC 3261 §17.1.2.2
//# The default value of T4 is 5s.
/** T1 500 ms, T2 4 s, T4 5 s. RFC 3261 §17.1.1.1, Table 4. */
export const DEFAULT_TIMERS: TimerBase = Object.freeze({ t1: 500, t2: 4000, t4: 5000 });

/**
 * How long after its first request a client sends it in intervals of T2: 3.5 s by default. What
 * has not answered by then saves retransmissions with a 100. RFC 4320 §4.1, RFC 3261 §17.1.2.2.
 */
export function timerEReachesT2({ t1, t2 }: TimerBase): Millis {
  let interval = t1;
  let at = interval;
  while (2 * interval < t2) at += interval *= 2;
  return at;
}
