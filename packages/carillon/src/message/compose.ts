/** Writing messages of one's own. RFC 3261 §7. */
import { isToken } from "../grammar/chars.ts";
import type { Octets } from "../grammar/octets.ts";
import { oneLine } from "./header/one-line.ts";
import type { HeaderName } from "./header-name.ts";
import { type Message, parseMessage, type Request, type Response } from "./message.ts";
import { reasonPhrase } from "./reason-phrase.ts";

/** One line of octets, or an exception: what would end the line would start a header. */
export { oneLine as plain } from "./header/one-line.ts";

/** A header to be written: its name, and its value without the line end. */
export type HeaderField = readonly [name: HeaderName, value: Octets];

//= RFC 6665 §8.2.1
//# The "Event" header field is defined only for use in SUBSCRIBE and NOTIFY requests and other
//# requests whose definition explicitly calls for its use. It MUST NOT appear in any other SIP
//# requests and MUST NOT appear in responses.
//= RFC 6665 §8.2.3
//# "Subscription-State" header fields are defined for use in NOTIFY requests only. They MUST NOT
//# appear in other SIP requests or responses.
/** Headers of these requests only, RFC 3903 §11.3 among what calls for an Event. */
const METHODS: ReadonlyMap<string, readonly string[]> = new Map([
  ["Event", ["SUBSCRIBE", "NOTIFY", "PUBLISH"]],
  ["Subscription-State", ["NOTIFY"]],
]);

/** Whether a message may have this header at all; `method` is that of a request. */
export const mayStandIn = (name: HeaderName, method: string | undefined): boolean =>
  METHODS.get(name)?.includes(method ?? "") ?? true;

//= RFC 3261 §7.1
//# To be compliant with this specification, applications sending SIP messages MUST include a
//# SIP-Version of "SIP/2.0".
//= RFC 3261 §7.1
//# The SIP-Version string is case-insensitive, but implementations MUST send upper-case.
/**
 * A request with these headers in this order; Content-Length is added. Throws a RangeError on a
 * value with a line end or NUL in it, so that no text from outside can become a header, on one that
 * must not stand in this message, and on a message that could not be read again. RFC 3261 §7.1.
 */
export function composeRequest(
  method: string,
  uri: Octets,
  headers: readonly HeaderField[],
  body: Octets = "",
): Request {
  if (!isToken(method)) throw new RangeError(`not a method: ${JSON.stringify(method)}`);
  return reparsed(
    `${method} ${oneLine(uri)} SIP/2.0\r\n${formatHeaders(headers, body, method)}`,
  ) as Request;
}

/**
 * A response with these headers in this order; Content-Length is added. Throws a RangeError as
 * `composeRequest` does, and on a status that is not from 100 to 699. RFC 3261 §7.2.
 */
export function composeResponse(
  status: number,
  headers: readonly HeaderField[],
  body: Octets = "",
  phrase: Octets = reasonPhrase(status),
): Response {
  return reparsed(
    `SIP/2.0 ${status} ${oneLine(phrase)}\r\n${formatHeaders(headers, body)}`,
  ) as Response;
}

/** `method` is that of a request. */
//= RFC 3261 §7
//# The start-line, each message-header line, and the empty line MUST be terminated by a
//# carriage-return line-feed sequence (CRLF). Note that the empty line MUST be present even if the
//# message-body is not.
//= RFC 3261 §20
//# If a stream-based protocol (such as TCP) is used as a transport, then the header field MUST be
//# sent.
//= RFC 3261 §20.14
//# If a stream-based protocol (such as TCP) is used as transport, the header field MUST be used.
//= RFC 3261 §20.14
//# If no body is present in a message, then the Content-Length header field value MUST be set to
//# zero.
function formatHeaders(headers: readonly HeaderField[], body: Octets, method?: string): Octets {
  let text = "";
  for (const [name, value] of headers) {
    if (!mayStandIn(name, method)) {
      throw new RangeError(`${name} in a ${method ?? "response"}`);
    }
    if (!isToken(name)) throw new RangeError(`not a header name: ${JSON.stringify(name)}`);
    text += `${name}: ${oneLine(value)}\r\n`;
  }
  return `${text}Content-Length: ${body.length}\r\n\r\n${body}`;
}

function reparsed(text: Octets): Message {
  const message = parseMessage(text);
  if (!message.ok) throw new RangeError(`composed what cannot be read: ${message.error.message}`);
  return message.value;
}
