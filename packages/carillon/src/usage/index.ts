/**
 * What runs in and beside dialogs: `carillon/usage`. Pure machines, each a namespace with `start`,
 * `step` and `deadline` as the transactions are; the functions that read and write what they need;
 * and a picture of every machine up to here.
 */
export * as announcement from "./announcement.ts";
export { type BackOff, backOffMs, DEFAULT_BACK_OFF } from "./back-off.ts";
export * as composingReceiver from "./composing-receiver.ts";
export * as composingSender from "./composing-sender.ts";
export {
  type DnsSdRecord,
  instanceName,
  type Neighbour,
  type Presence,
  recordsOf,
  SIP_SERVICE,
} from "./dns-sd.ts";
export { type Change, glareWaitMs, mergedChange, retryAfterSeconds } from "./glare.ts";
export * as keepAlive from "./keep-alive.ts";
export { mermaid } from "./mermaid.ts";
export * as neighbourhood from "./neighbourhood.ts";
export * as notifier from "./notifier.ts";
export { allowEventsHeader, knowsPackage, notifyBodyType } from "./notify-body.ts";
export { type Arrow, type Box, type Picture, printPicture } from "./picture.ts";
export { pictures } from "./pictures/index.ts";
export * as publicationState from "./publication-state.ts";
export { type PublishOperation, publishHasBody, publishHeaders } from "./publish-headers.ts";
export * as publisher from "./publisher.ts";
export * as reconnection from "./reconnection.ts";
export * as redirection from "./redirection.ts";
export * as referee from "./referee.ts";
export * as referrer from "./referrer.ts";
export { refreshAfterMs } from "./refresh-time.ts";
export {
  type RegisterOperation,
  type RegisterRequest,
  type Registrant,
  registerRequest,
} from "./register-request.ts";
export * as registration from "./registration.ts";
export {
  firstRSeq,
  mayBeReliable,
  proxyMayBeReliable,
  type Reliability,
  type ReliabilityAsked,
  type ReliabilityPolicy,
  reliabilityHeaders,
  reliabilityOf,
  reliableHeaders,
} from "./reliable-provisional.ts";
export * as reliableProvisionalClient from "./reliable-provisional-client.ts";
export * as reliableProvisionalServer from "./reliable-provisional-server.ts";
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
export * as sessionModification from "./session-modification.ts";
export * as sessionTimer from "./session-timer.ts";
export * as subscriber from "./subscriber.ts";
export { endsSubscription, resubscribeAfterSeconds } from "./subscription-end.ts";
export {
  type EndReason,
  type NotifiedState,
  notifyHeaders,
  subscribeHeaders,
} from "./subscription-headers.ts";
