/** Carillon in a browser: the main door there. */
export {
  type CallEnd,
  type CallState,
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
  type Wanted,
  type Wish,
} from "../ua/index.ts";

import type { Call as CoreCall } from "../ua/index.ts";
import type { WebMedia } from "./web-media.ts";

export { Phone, type WebPhoneOptions } from "./phone.ts";
export { WebMedia } from "./web-media.ts";

/** A call with WebRTC media. */
export type Call = CoreCall<WebMedia>;
