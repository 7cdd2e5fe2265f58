/** User agents: phones, calls, and single questions. `carillon/ua`. */

export type { DnsSdRecord, Neighbour } from "../usage/dns-sd.ts";
export type { Account } from "./asked-password.ts";
export { Call, type CallEvents } from "./call.ts";
export type { CallDialog, CallState, Held, Peer, SavedCall } from "./call-state.ts";
export { DescribedMedia, type DescribedMediaOptions } from "./described-media.ts";
export type { IncomingMessage } from "./incoming-message.ts";
export { serverWay } from "./located-way.ts";
export type { DtmfTone, MediaFactory, MediaSession, Wanted, Wish } from "./media.ts";
export type { MessagesOptions } from "./message-inbox.ts";
export type { MessageAnswer, MessageOptions } from "./message-outbox.ts";
export {
  type MulticastLink,
  type NeighbourChange,
  Neighbours,
  type NeighboursOptions,
  type Self,
} from "./neighbours.ts";
export {
  type CallOptions,
  Phone as CorePhone,
  type PhoneHost,
  type PhoneOptions,
  type PhoneWorld,
} from "./phone.ts";
export type { FlowState, PhoneState } from "./phone-state.ts";
export type { IterationOptions } from "./replay.ts";
export { type ServerWay, webSocketWay } from "./server-way.ts";
export { type CallEnd, SipError, type SipErrorCode } from "./sip-error.ts";
export { swap } from "./swap.ts";
export {
  type Answer,
  type ClientOptions,
  type ClientWorld,
  type Question,
  UserAgentClient,
} from "./user-agent-client.ts";
