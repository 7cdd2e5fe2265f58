/** User agents: phones and calls. `carillon/ua`. */
export { Call, type CallState, type Peer } from "./call.ts";
export type { MediaFactory, MediaSession, Wanted } from "./media.ts";
export { Phone as CorePhone, type PhoneHost, type PhoneOptions, type PhoneWorld } from "./phone.ts";
export type { PhoneState, ServerWay } from "./registration.ts";
export type { IterationOptions } from "./replay.ts";
export { type CallEnd, SipError, type SipErrorCode } from "./sip-error.ts";
