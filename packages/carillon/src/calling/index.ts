/**
 * What few calls need: `carillon/calling`. Functions that take a phone, so that a page has no more
 * of it than it uses.
 */

export type { BridgeTold } from "../documents/bridge-told.ts";
export {
  type AnswerModeAsked,
  type AutoAnswer,
  answering,
  autoAnswer,
} from "../ua/answering.ts";
export { BridgeNotes } from "../ua/bridge-notes.ts";
export { failover } from "../ua/connector.ts";
export { earlySessionOf, earlySessions, startEarlySession } from "../ua/early-session.ts";
export { honourUris } from "../ua/honoured-uris.ts";
export { keysByInfo } from "../ua/info-keys.ts";
export { explainRefusals } from "../ua/more-at.ts";
export { type PushServiceTold, pushServices } from "../ua/push-services.ts";
export { RecordingNotes, type RecordingTold, recordAware } from "../ua/recording-notes.ts";
export { followRedirects, type RedirectPolicy } from "../ua/redirects.ts";
export { outbound } from "../ua/registered.ts";
export { reliably } from "../ua/reliable-responses.ts";
export { sessionTimers } from "../ua/session-timer.ts";
export {
  mayRest,
  type PushPromised,
  type PushRegistration,
  pushPromised,
  type SleepOptions,
  sleepable,
  woken,
} from "../ua/sleepable.ts";
export { trickles } from "../ua/trickle.ts";
export { WakeNotes } from "../ua/wake-notes.ts";
export { type WholePhoneOptions, wholePhone } from "../ua/whole-phone.ts";
