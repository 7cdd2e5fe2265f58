/**
 * Transactions. RFC 3261 §17, corrected by RFC 6026: four pure machines, each a namespace with
 * `start`, `step` and `deadline`, and the two requests that share an INVITE's branch.
 */
export { composeAck } from "./ack.ts";
export { composeCancel } from "./cancel.ts";
export * as inviteClient from "./invite-client.ts";
export * as inviteServer from "./invite-server.ts";
export * as nonInviteClient from "./non-invite-client.ts";
export * as nonInviteServer from "./non-invite-server.ts";
export { DEFAULT_TIMERS, type Millis, NEVER, type TimerBase } from "./timers.ts";
