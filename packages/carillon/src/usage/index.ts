/**
 * What runs in and beside dialogs: `carillon/usage`. Pure machines, each a namespace with `start`,
 * `step` and `deadline` as the transactions are; the functions that read and write what they need;
 * and a picture of every machine up to here.
 *
 * ```ts
 * import { DEFAULT_BACK_OFF, registration } from "carillon/usage";
 *
 * const params = { expiresSeconds: 3600, backOff: DEFAULT_BACK_OFF, spreadMs: 0 };
 * let [state, ...outputs] = registration.start(params, 0);
 * console.log(outputs[0]); // { kind: 'Register', expiresSeconds: 3600 }
 *
 * // Somebody else sends it, and tells what came of it: ten minutes are granted.
 * const none = { minExpiresSeconds: undefined, retryAfterSeconds: undefined, redirected: false };
 * const response = { kind: "Response", status: 200, expiresSeconds: 600, ...none } as const;
 * const granted = { ...response, random: 0 };
 * [state, ...outputs] = registration.step(params, state, granted, 100);
 * console.log(state.name, registration.deadline(state)); // Registered 300100
 * [state, ...outputs] = registration.step(params, state, { kind: "Tick" }, 300_100);
 * console.log(outputs[0]); // { kind: 'Register', expiresSeconds: 3600 }
 * ```
 */
/** Tells the link that a phone is there. RFC 6762 §8. */
export * as announcement from "./announcement.ts";
export { type BackOff, backOffMs, DEFAULT_BACK_OFF } from "./back-off.ts";
/** Whether somebody is writing to us. RFC 3994 §3.3. */
export * as composingReceiver from "./composing-receiver.ts";
/** Tells that a message is being written. RFC 3994 §3.2. */
export * as composingSender from "./composing-sender.ts";
export {
  type DnsSdRecord,
  instanceName,
  type Neighbour,
  type Presence,
  recordsOf,
  SIP_SERVICE,
} from "./dns-sd.ts";
export { type Change, glareRetryAfterSeconds, glareWaitMs, mergedChange } from "./glare.ts";
/** Pings over one flow, and their want of an answer. RFC 5626 §4.4. */
export * as keepAlive from "./keep-alive.ts";
export { mermaid } from "./mermaid.ts";
/** Who is on the link. RFC 6762 §5.2. */
export * as neighbourhood from "./neighbourhood.ts";
/** A subscription, the side that knows. RFC 6665 §4.2. */
export * as notifier from "./notifier.ts";
export { allowEventsHeader, knowsPackage, notifyBodyType } from "./notify-body.ts";
export { type Arrow, type Box, type Picture, printPicture } from "./picture.ts";
export { pictures } from "./pictures/index.ts";
/** What is published for one resource. RFC 3903 §6. */
export * as publicationState from "./publication-state.ts";
export { type PublishOperation, publishHasBody, publishHeaders } from "./publish-headers.ts";
/** One publication, kept alive. RFC 3903 §4. */
export * as publisher from "./publisher.ts";
/** A dialog whose flow is gone. RFC 5626 §4.5. */
export * as reconnection from "./reconnection.ts";
/** A call that is sent elsewhere. RFC 3261 §8.1.3.4. */
export * as redirection from "./redirection.ts";
/** A REFER of theirs. RFC 3515 §2.4. */
export * as referee from "./referee.ts";
/** A REFER of ours. RFC 3515 §2.4. */
export * as referrer from "./referrer.ts";
export { refreshAfterMs } from "./refresh-time.ts";
export {
  type RegisterOperation,
  type RegisterRequest,
  type Registrant,
  registerRequest,
} from "./register-request.ts";
/** One binding at a registrar, kept alive. RFC 3261 §10.2. */
export * as registration from "./registration.ts";
export {
  firstRSeq,
  mayBeReliable,
  proxyMayBeReliable,
  type Reliability,
  type ReliabilityAsked,
  type ReliabilityPolicy,
  reliabilityOf,
  reliabilityRequestHeaders,
  reliableHeaders,
} from "./reliable-provisional.ts";
/** Reliable provisional responses, received. RFC 3262 §4. */
export * as reliableProvisionalClient from "./reliable-provisional-client.ts";
/** Reliable provisional responses, sent. RFC 3262 §3. */
export * as reliableProvisionalServer from "./reliable-provisional-server.ts";
/** Which of several servers is used. RFC 5626 §4.5. */
export * as serverOrder from "./server-order.ts";
export {
  ABSOLUTE_MIN_SECONDS,
  answerTimer,
  askTimer,
  RECOMMENDED_SECONDS,
  raiseMinSe,
  readAgreed,
  type Session,
  type SessionExpires,
  type TimerAnswer,
  type TimerAsked,
  type TimerPolicy,
  timerHeaders,
} from "./session-interval.ts";
export {
  type ProxyTimerMemory,
  type ProxyTimerPolicy,
  type ProxyTimerRequest,
  type ProxyTimerResponse,
  proxyTimerRequest,
  proxyTimerResponse,
} from "./session-interval-proxy.ts";
/** re-INVITE and UPDATE from both sides. RFC 3261 §14, RFC 3311. */
export * as sessionModification from "./session-modification.ts";
/** The session timer of a dialog. RFC 4028. */
export * as sessionTimer from "./session-timer.ts";
/** A subscription, the side that wants to know. RFC 6665 §4.1. */
export * as subscriber from "./subscriber.ts";
export { endsSubscription, resubscribeAfterSeconds } from "./subscription-end.ts";
export {
  type EndReason,
  type NotifiedState,
  notifyHeaders,
  subscribeHeaders,
} from "./subscription-headers.ts";
