/** Who is listened to at all, asked before anything is kept or answered. */
import type { Millis } from "../transaction/timers.ts";
import type { Flow } from "../transport/flow.ts";

/** Asked for each message, so answers come from memory. */
export interface Gate {
  /** Whether what comes from there is read. Over a connection, no is also its end. */
  hears(flow: Flow, now: Millis): boolean;
  /**
   * Whether somebody unknown there gets one more answer of which nothing is kept; asking counts
   * it. Over UDP the address may be somebody else's, who would be flooded.
   */
  answers(flow: Flow, now: Millis): boolean;
}
