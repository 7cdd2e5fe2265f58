/** Messages on a WebSocket: one SIP message, one WebSocket message. RFC 7118 §5. */
import type { Octets } from "../grammar/octets.ts";
import { bad, type Result } from "../grammar/result.ts";
import { hasHeader } from "./headers.ts";
import { type Message, parseMessage } from "./message.ts";

//= RFC 7118 §5
//# Each SIP message MUST be carried within a single WebSocket message, and a WebSocket message MUST
//# NOT contain more than one SIP message.
/**
 * Reads a WebSocket message that has to be exactly one SIP message. Content-Length may be missing;
 * if it is there, nothing stands behind the body it tells of: that would be a second message to
 * another reader. RFC 7118 §5.
 *
 * Errors: `bad-content-length` (400), and those of `parseMessage`.
 */
export function parseWebSocketMessage(octets: Octets): Result<Message> {
  const message = parseMessage(octets);
  if (!message.ok || !hasHeader(message.value, "Content-Length")) return message;
  const { text, headers, body } = message.value;
  const extra = text.length - (headers.end + 2 + body.length);
  if (extra === 0) return message;
  const what = `${extra} octets stand behind the body`;
  return bad("bad-content-length", what, text.length - extra, "RFC 7118 §5");
}

/** `Ping` and `Pong` of RFC 5626 §4.4.1, which RFC 7118 §6 lets through; else undefined. */
export function webSocketKeepAlive(octets: Octets): "Ping" | "Pong" | undefined {
  if (octets === "\r\n\r\n") return "Ping";
  return octets === "\r\n" ? "Pong" : undefined;
}
