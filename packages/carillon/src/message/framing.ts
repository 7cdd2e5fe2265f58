/**
 * Where messages begin and end on a stream: TCP and TLS. RFC 3261 §18.3, RFC 5626 §4.4.1.
 *
 * A pure machine: octets go in as they come, messages come out, and it makes no difference where
 * the octets were cut. It is strict, since two readers that disagree about where a message ends
 * see two different streams (the second message of one is the body of the other): one
 * Content-Length, in digits, or the connection is closed and nothing behind it is read.
 *
 * What waits is kept as a string that grows and is looked at once, when it is whole: octets that
 * come one by one cost no more than all at once.
 */
import { MAX_HEADER_SECTION, MAX_MESSAGE } from "../grammar/limits.ts";
import type { Octets } from "../grammar/octets.ts";
import { bad, ok, type ParseError, type Result } from "../grammar/result.ts";
import { contentLength, indexHeaders } from "./message.ts";

/**
 * Where a stream stands. Kept by whoever has the connection, and given to `frame` with what comes
 * next.
 */
export type Framing =
  /** Between messages, `seen` octets into CR LF CR LF. */
  | { readonly name: "Between"; readonly seen: number }
  /** In the headers: all of the message so far, and its last octets, three at most. */
  | { readonly name: "Headers"; readonly text: Octets; readonly tail: Octets }
  /** In the body of a message that will be `size` octets. */
  | { readonly name: "Body"; readonly text: Octets; readonly size: number }
  | { readonly name: "Closed" };

/** What a stream brought. */
export type Frame =
  | { readonly kind: "Message"; readonly text: Octets }
  /** A second CRLF between messages: answer it with one CRLF. */
  | { readonly kind: "Ping" }
  /** A CRLF between messages: what whoever sent a ping waits for, and else means nothing. */
  | { readonly kind: "Pong" }
  /** The last frame: close the connection. What of the message there is may be answered. */
  | { readonly kind: "Error"; readonly error: ParseError; readonly text: Octets };

/** A stream of which nothing has come yet. */
export const startFraming: Framing = { name: "Between", seen: 0 };

/**
 * What these octets complete, in order, and where the stream stands then. Nothing comes after an
 * error, whose codes are those of `parseMessage` for what it looks at: `bad-start-line`,
 * `bad-header`, `no-end`, `bad-content-length` (400), `too-large` (513). RFC 3261 §18.3,
 * RFC 5626 §4.4.1.
 */
export function frame(state: Framing, octets: Octets): readonly [Framing, ...Frame[]] {
  const frames: Frame[] = [];
  const reader: Reader = { octets, at: 0, frames };
  while (reader.at < octets.length && state.name !== "Closed")
    state = STEPS[state.name](state, reader);
  return [state, ...frames];
}

/** True while the rest of a message is waited for: what a time limit is for. */
export const isWaiting = ({ name }: Framing): boolean => name === "Headers" || name === "Body";

interface Reader {
  readonly octets: Octets;
  at: number;
  readonly frames: Frame[];
}

const STEPS = {
  Between: between as Step,
  Headers: inHeaders as Step,
  Body: inBody as Step,
};
type Step = (state: Framing, reader: Reader) => Framing;

const KEEP_ALIVE = "\r\n\r\n";
/** The CR of the last header may be the last octet below the limit: LF, CR, LF are to come. */
const MAX_HEAD = MAX_HEADER_SECTION + 2;

//= RFC 5626 §4.4.1
//# For this mechanism, the client "ping" is a double-CRLF sequence, and the server "pong" is a
//# single CRLF
function between({ seen }: Extract<Framing, { name: "Between" }>, reader: Reader): Framing {
  const next = reader.octets[reader.at];
  if (next === KEEP_ALIVE[seen]) {
    reader.at++;
    // Nothing else may come between two pongs, which are no ping to whoever has sent two.
    if (seen % 2 === 1) reader.frames.push({ kind: "Pong" });
    if (seen === 3) reader.frames.push({ kind: "Ping" });
    return { name: "Between", seen: (seen + 1) % 4 };
  }
  if (seen % 2 === 0) return { name: "Headers", text: "", tail: "" };
  return closed(reader, bad("bad-start-line", "a stray CR", 0, "RFC 3261 §7.5"), "\r");
}

function inHeaders({ text, tail }: Extract<Framing, { name: "Headers" }>, reader: Reader): Framing {
  const fresh = reader.octets.slice(reader.at);
  const searched = tail + fresh;
  const found = searched.indexOf(KEEP_ALIVE);
  const end = found < 0 ? undefined : text.length - tail.length + found + 4;
  // Where the headers do not end in time, nobody waits for their end.
  if (end === undefined && text.length + fresh.length <= MAX_HEAD) {
    reader.at = reader.octets.length;
    return { name: "Headers", text: text + fresh, tail: searched.slice(-3) };
  }
  const headEnd = Math.min(end ?? MAX_HEAD, text.length + fresh.length);
  const head = text + fresh.slice(0, headEnd - text.length);
  const size = messageSize(head);
  if (!size.ok) return closed(reader, size, head);
  reader.at += headEnd - text.length;
  return complete(head, size.value, reader);
}

/** How long the message with this head is. */
function messageSize(head: Octets): Result<number> {
  const headers = indexHeaders(head, head.indexOf("\r\n") + 2);
  if (!headers.ok) return headers;
  const length = contentLength(head, headers.value);
  if (!length.ok) return length;
  //= RFC 3261 §7.4.2
  //# The "chunked" transfer encoding of HTTP/1.1 MUST NOT be used for SIP.
  //= RFC 3261 §18.3
  //# The Content-Length header field MUST be used with stream oriented transports.
  if (length.value === undefined) {
    return bad("bad-content-length", "Content-Length is missing", 0, "RFC 3261 §18.3");
  }
  const size = headers.value.end + 2 + length.value;
  if (size <= MAX_MESSAGE) return ok(size);
  return bad("too-large", `the message is over ${MAX_MESSAGE}`, 0, "RFC 3261 §21.5.7", 513);
}

function inBody({ text, size }: Extract<Framing, { name: "Body" }>, reader: Reader): Framing {
  const more = reader.octets.slice(reader.at, reader.at + size - text.length);
  reader.at += more.length;
  return complete(text + more, size, reader);
}

function complete(text: Octets, size: number, { frames }: Reader): Framing {
  if (text.length < size) return { name: "Body", text, size };
  frames.push({ kind: "Message", text });
  return startFraming;
}

function closed(
  { frames }: Reader,
  { error }: { readonly error: ParseError },
  text: Octets,
): Framing {
  frames.push({ kind: "Error", error, text });
  return { name: "Closed" };
}
