/** `a=sctp-port` and `a=max-message-size`: data channels' transport. RFC 8841 §5, §6. */
import { MAX_PORT } from "../limits.ts";
import { readInteger } from "../sdp-chars.ts";
import { type AttributeType, valueAttribute } from "./attribute-type.ts";

/**
 * `a=sctp-port`, 0 to 65535: within DTLS; zero closes the association. `sctp-port-value =
 * 1*5(DIGIT)`. RFC 8841 §5.2.
 */
export const sctpPort: AttributeType<number> = valueAttribute({
  name: "sctp-port",
  source: "RFC 8841 §5.2",
  expected: "a port up to 65535",
  read: (text) => readInteger(text, 0, MAX_PORT),
  write: String,
});

/**
 * `a=max-message-size`: octets; zero is any size. `max-message-size-value = 1*DIGIT`.
 * RFC 8841 §6.2.
 */
export const maxMessageSize: AttributeType<number> = valueAttribute({
  name: "max-message-size",
  source: "RFC 8841 §6.2",
  expected: "a number of octets",
  read: (text) => readInteger(text, 0, Number.MAX_SAFE_INTEGER),
  write: String,
});

//= RFC 8841 §6.1
//# If the SDP "max-message-size" attribute is not present, the default value is 64K.
/** What `a=max-message-size` is where there is none. RFC 8841 §6.1. */
export const DEFAULT_MAX_MESSAGE_BYTES = 65_536;
