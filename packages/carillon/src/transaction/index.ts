/**
 * Transactions. RFC 3261 §17, corrected by RFC 6026: four pure machines, each a namespace with
 * `start`, `step` and `deadline`, and the two requests that share an INVITE's branch.
 */
export { composeAck } from "./ack.ts";
export { composeCancel } from "./cancel.ts";
/** The INVITE client transaction. RFC 3261 §17.1.1, RFC 6026 §8.4. */
export * as inviteClient from "./invite-client.ts";
/** The INVITE server transaction. RFC 3261 §17.2.1, RFC 6026 §8.7. */
export * as inviteServer from "./invite-server.ts";
/** The non-INVITE client transaction. RFC 3261 §17.1.2. */
export * as nonInviteClient from "./non-invite-client.ts";
/** The non-INVITE server transaction. RFC 3261 §17.2.2, RFC 4320 §4. */
export * as nonInviteServer from "./non-invite-server.ts";
export { DEFAULT_TIMERS, type Millis, NEVER, type TimerBase } from "./timers.ts";
