/** Carillon in a browser: the main door there. */
export {
  type CallDialog,
  type CallEnd,
  type CallState,
  type DtmfTone,
  type Held,
  type IncomingMessage,
  type IterationOptions,
  type MessageAnswer,
  type MessageOptions,
  type MessagesOptions,
  type Peer,
  type PhoneState,
  SipError,
  type SipErrorCode,
  swap,
  type Wanted,
  type Wish,
} from "../ua/index.ts";

import type { Call as CoreCall } from "../ua/index.ts";
import type { WebMedia } from "./web-media.ts";

export { type BitrateLimits, limitBitrate } from "./bitrate.ts";
export type { Input } from "./inputs.ts";
export { type Mix, mix } from "./mix.ts";
export { Phone, type WebPhoneOptions } from "./phone.ts";
export { type ScreenShare, shareScreen } from "./screen.ts";
export { noticeSilence } from "./silence-watch.ts";
export {
  type CandidateKind,
  type Flow,
  type Measured,
  type MediaPath,
  type MediaStatistics,
  type Picture,
  type ReceivedMedia,
  type SentMedia,
  type StatisticsOptions,
  statistics,
} from "./statistics.ts";
export { trickle, trickleMedia } from "./trickle.ts";
export { type InputLost, WebMedia, type WebMediaEvents } from "./web-media.ts";
export { iceServers } from "./web-servers.ts";
export { webSocketMsrp } from "./web-socket-msrp.ts";

/** A call with WebRTC media. */
export type Call = CoreCall<WebMedia>;
