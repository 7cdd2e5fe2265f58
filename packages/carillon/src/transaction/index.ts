/**
 * Transactions, as four pure machines: `carillon/transaction`. RFC 3261 §17, corrected by RFC 6026.
 * Each is a namespace with `start`, `step` and `deadline`; beside them are the two requests that
 * share an INVITE's branch.
 *
 * ```ts
 * import { composeRequest } from "carillon/message";
 * import { DEFAULT_TIMERS, nonInviteClient } from "carillon/transaction";
 *
 * // An OPTIONS over UDP that nobody answers: when it is sent, until timer F.
 * const request = composeRequest("OPTIONS", "sip:bob@192.0.2.7", [
 *   ["Via", "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1"],
 *   ["From", "<sip:alice@192.0.2.1>;tag=a1"],
 *   ["To", "<sip:bob@192.0.2.7>"],
 *   ["Call-ID", "c1"],
 *   ["CSeq", "1 OPTIONS"],
 * ]);
 * const params = { request, reliable: false, timers: DEFAULT_TIMERS };
 * let [state, ...outputs] = nonInviteClient.start(params, 0);
 * const story = [`0 ${outputs[0]?.kind}`];
 * while (state.name !== "Terminated") {
 *   const now = nonInviteClient.deadline(state);
 *   [state, ...outputs] = nonInviteClient.step(params, state, { kind: "Tick" }, now);
 *   story.push(`${now} ${outputs[0]?.kind}`);
 * }
 * console.log(story.slice(0, 4).join(", ")); // 0 Send, 500 Send, 1500 Send, 3500 Send
 * console.log(story.at(-1)); // 32000 Failed
 * ```
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
