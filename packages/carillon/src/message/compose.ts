/** Writing messages of one's own. RFC 3261 §7. */
import { isToken } from "../grammar/chars.ts";
import type { Octets } from "../grammar/octets.ts";
import { oneLine } from "./header/one-line.ts";
import type { HeaderName } from "./header-name.ts";
import { type Message, parseMessage, type Request, type Response } from "./message.ts";
import { reasonPhrase } from "./reason-phrase.ts";

/** One line of octets, or an exception: what would end the line would start a header. */
export { oneLine as plain } from "./header/one-line.ts";

export type HeaderField = readonly [name: HeaderName, value: Octets];

/**
 * A request with these headers in this order; Content-Length is added. Throws on a value with a
 * line end or NUL in it, so that no text from outside can become a header.
 */
export function composeRequest(
  method: string,
  uri: Octets,
  headers: readonly HeaderField[],
  body: Octets = "",
): Request {
  if (!isToken(method)) throw new RangeError(`not a method: ${JSON.stringify(method)}`);
  return reparsed(
    `${method} ${oneLine(uri)} SIP/2.0\r\n${formatHeaders(headers, body)}`,
  ) as Request;
}

/** A response with these headers in this order; Content-Length is added. Throws as above. */
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

function formatHeaders(headers: readonly HeaderField[], body: Octets): Octets {
  let text = "";
  for (const [name, value] of headers) {
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
