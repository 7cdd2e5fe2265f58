/**
 * SIP messages as they stand on the wire. RFC 3261 §7.
 *
 * One linear pass finds the start line and where each header begins and ends. The received text
 * is kept: a header is read when somebody asks for it, and what a proxy forwards is this text
 * with edits spliced in.
 */
import { isBlank, isTokenCode, parseNumber, skipSpace, trimEnd } from "../grammar/chars.ts";
import { MAX_HEADER_SECTION, MAX_HEADERS, MAX_MESSAGE } from "../grammar/limits.ts";
import type { Octets } from "../grammar/octets.ts";
import { bad, ok, type ParseError, type Result } from "../grammar/result.ts";
import { type HeaderName, headerName } from "./header-name.ts";
import { readPlainMessage } from "./plain-message.ts";

/** Where the headers of a message stand in its text. */
export interface HeaderIndex {
  /** The name of each header line, in order. */
  readonly names: readonly HeaderName[];
  /** Three offsets a line: its start, where its value starts, where its value ends. */
  readonly at: readonly number[];
  /** The offset of the empty line that ends the headers. */
  readonly end: number;
}

/** A request, as it came or as it was composed. RFC 3261 §7.1. */
export interface Request {
  /** Tells it from a Response. */
  readonly kind: "Request";
  /** As written: the case of methods counts. */
  readonly method: string;
  /** The Request-URI as it came. */
  readonly uri: Octets;
  /** Everything up to and with the empty line and the body. */
  readonly text: Octets;
  /** Where the headers stand in `text`: `header`, `readHeader` and their like read them. */
  readonly headers: HeaderIndex;
  /** Octets; empty where there is none. */
  readonly body: Octets;
}

/** A response, as it came or as it was composed. RFC 3261 §7.2. */
export interface Response {
  /** Tells it from a Request. */
  readonly kind: "Response";
  /** 100 to 699. */
  readonly status: number;
  /** UTF-8, as it came; it may be empty. Programs look at the status. */
  readonly reasonPhrase: Octets;
  /** Everything up to and with the empty line and the body. */
  readonly text: Octets;
  /** Where the headers stand in `text`: `header`, `readHeader` and their like read them. */
  readonly headers: HeaderIndex;
  /** Octets; empty where there is none. */
  readonly body: Octets;
}

/**
 * Told apart by `kind`. Both have the whole `text`, the index of their `headers`, and the `body`.
 * RFC 3261 §7.
 */
export type Message = Request | Response;

const CR = 0x0d;
const LF = 0x0a;
const COLON = 0x3a;
const BACKSLASH = 0x5c;

/**
 * Reads one whole message, such as a datagram or a WebSocket message. RFC 3261 §7.
 *
 * Errors, with the status a server should answer: `too-large` (513), `bad-start-line` (400),
 * `bad-version` (505), `bad-header` (400), `no-end` (400: the headers do not end),
 * `bad-content-length` (400).
 */
export function parseMessage(received: Octets): Result<Message> {
  if (received.length > MAX_MESSAGE) return tooLarge("the message", MAX_MESSAGE);
  //= RFC 3261 §7.5
  //# Implementations processing SIP messages over stream-oriented transports MUST ignore any CRLF
  //# appearing before the start-line
  let start = 0;
  while (received.charCodeAt(start) === CR && received.charCodeAt(start + 1) === LF) start += 2;
  const text = start === 0 ? received : received.slice(start);
  const plain = readPlainMessage(text);
  return plain ? ok(plain) : readMessage(text);
}

/** The full reader: all there may be, and what is wrong with the rest. */
export function readMessage(text: Octets): Result<Message> {
  const lineEnd = text.indexOf("\r\n");
  if (lineEnd < 0) return bad("bad-start-line", "no line end", 0, "RFC 3261 §7");
  const line = readStartLine(text, lineEnd);
  if (!line.ok) return line;
  const headers = indexHeaders(text, lineEnd + 2);
  if (!headers.ok) return headers;
  const body = readBody(text, headers.value);
  if (!body.ok) return body;
  return ok({ ...line.value, text, headers: headers.value, body: body.value } as Message);
}

type StartLine =
  | { readonly kind: "Request"; readonly method: string; readonly uri: Octets }
  | { readonly kind: "Response"; readonly status: number; readonly reasonPhrase: Octets };

function readStartLine(text: Octets, end: number): Result<StartLine> {
  //= RFC 3261 §7.1
  //# The SIP-Version string is case-insensitive
  const isResponse = text.charCodeAt(7) === 0x20 && text.slice(0, 4).toUpperCase() === "SIP/";
  return isResponse ? readStatusLine(text, end) : readRequestLine(text, end);
}

/** `Status-Line = SIP-Version SP Status-Code SP Reason-Phrase CRLF` */
function readStatusLine(text: Octets, end: number): Result<StartLine> {
  const status = parseNumber(text.slice(8, 11), 699);
  if (text.slice(4, 8) !== "2.0 ")
    return bad("bad-version", "expected SIP/2.0", 0, "RFC 3261 §7.1", 505);
  if (status === undefined || status < 100 || text.charCodeAt(11) !== 0x20 || end < 12) {
    return bad("bad-start-line", "expected a status of 100 to 699", 8, "RFC 3261 §7.2");
  }
  for (let i = 12; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code === 0 || code === LF || code === CR) {
      return bad("bad-start-line", "a stray CR, LF or NUL", i, "RFC 3261 §7.2");
    }
  }
  return ok({ kind: "Response", status, reasonPhrase: text.slice(12, end) });
}

/** `Request-Line = Method SP Request-URI SP SIP-Version CRLF` */
function readRequestLine(text: Octets, end: number): Result<StartLine> {
  let methodEnd = 0;
  while (isTokenCode(text.charCodeAt(methodEnd))) methodEnd++;
  const uriEnd = text.lastIndexOf(" ", end - 1);
  if (methodEnd === 0 || text.charCodeAt(methodEnd) !== 0x20 || uriEnd <= methodEnd + 1) {
    return bad("bad-start-line", "expected METHOD URI SIP/2.0", 0, "RFC 3261 §7.1");
  }
  //= RFC 3261 §7.1
  //# The Request-URI MUST NOT contain unescaped spaces or control characters and MUST NOT be
  //# enclosed in "<>".
  for (let i = methodEnd + 1; i < uriEnd; i++) {
    const code = text.charCodeAt(i);
    if (code <= 0x20 || code === 0x7f || code === 0x3c || code === 0x3e) {
      return bad("bad-start-line", "the Request-URI holds what it may not", i, "RFC 3261 §7.1");
    }
  }
  const version = text.slice(uriEnd + 1, end);
  //= RFC 3261 §7.1
  //# The SIP-Version string is case-insensitive, but implementations MUST send upper-case.
  if (version !== "SIP/2.0" && version.toUpperCase() !== "SIP/2.0") {
    return /^SIP\/\d+\.\d+$/i.test(version)
      ? bad("bad-version", "expected SIP/2.0", uriEnd + 1, "RFC 3261 §21.5.6", 505)
      : bad("bad-start-line", "expected SIP/2.0 at the end", uriEnd + 1, "RFC 3261 §7.1");
  }
  return ok({
    kind: "Request",
    method: text.slice(0, methodEnd),
    uri: text.slice(methodEnd + 1, uriEnd),
  });
}

/**
 * Finds every header in one pass over the octets, from the first line after the start line to the
 * empty line; a folded line belongs to the one before. Errors: see `parseMessage`.
 */
export function indexHeaders(text: Octets, start: number): Result<HeaderIndex> {
  const names: HeaderName[] = [];
  const at: number[] = [];
  const limit = Math.min(text.length, MAX_HEADER_SECTION);
  let i = start;
  while (text.charCodeAt(i) !== CR) {
    const lineStart = i;
    while (isTokenCode(text.charCodeAt(i))) i++;
    const nameEnd = i;
    while (isBlank(text.charCodeAt(i))) i++;
    if (nameEnd === lineStart || text.charCodeAt(i) !== COLON) {
      return i < limit ? headerError("expected a header name and a colon", i) : noEnd(i);
    }
    i++;
    const lineEnd = findLineEnd(text, i, limit);
    if (lineEnd < 0)
      return lineEnd === -1 ? noEnd(text.length) : headerError("a stray CR, LF or NUL", i);
    if (names.length === MAX_HEADERS) return tooLarge("the number of headers", MAX_HEADERS);
    const valueStart = skipSpace(text, i, lineEnd);
    names.push(headerName(text, lineStart, nameEnd));
    at.push(lineStart, valueStart, trimEnd(text, valueStart, lineEnd));
    i = lineEnd + 2;
  }
  if (text.charCodeAt(i + 1) !== LF) return headerError("a stray CR", i);
  return ok({ names, at, end: i });
}

/**
 * The CRLF that ends a header, folds gone over. -1: none before the limit. -2: a CR, LF or NUL
 * that ends nothing; a peer that reads such a message otherwise would see other headers than we do.
 */
function findLineEnd(text: Octets, start: number, limit: number): number {
  for (let i = start; i < limit; i++) {
    const code = text.charCodeAt(i);
    if (code > CR || code === 0x09) continue;
    if (code === 0 && isQuotedPair(text, start, i)) continue;
    if (code === 0 || code === LF) return -2;
    if (code !== CR) continue;
    if (i + 1 >= text.length) return -1;
    if (text.charCodeAt(i + 1) !== LF) return -2;
    if (!isBlank(text.charCodeAt(i + 2))) return i;
    i += 2;
  }
  return -1;
}

/** An odd number of backslashes before it: `quoted-pair`, the one place where a NUL may stand. */
function isQuotedPair(text: Octets, start: number, at: number): boolean {
  let first = at;
  while (first > start && text.charCodeAt(first - 1) === BACKSLASH) first--;
  return (at - first) % 2 === 1;
}

//= RFC 3261 §18.3
//# If there are additional bytes in the transport packet beyond the end of the body, they MUST be
//# discarded.
function readBody(text: Octets, headers: HeaderIndex): Result<Octets> {
  const start = headers.end + 2;
  const length = contentLength(text, headers);
  if (!length.ok) return length;
  if (length.value === undefined) return ok(text.slice(start));
  if (start + length.value > text.length) {
    //= RFC 3261 §18.3
    //# If the transport packet ends before the end of the message body, this is considered an
    //# error.
    const what = `the body ends ${start + length.value - text.length} octets early`;
    return bad("bad-content-length", what, headers.end, "RFC 3261 §18.3");
  }
  return ok(text.slice(start, start + length.value));
}

/**
 * What Content-Length says; undefined where there is none. It stands there once, in digits only:
 * a peer that took another one of two, or read a sign, would see other messages than we do.
 *
 * Errors: `bad-content-length` (400).
 */
export function contentLength(
  text: Octets,
  { names, at }: HeaderIndex,
): Result<number | undefined> {
  const line = names.indexOf("Content-Length");
  if (line < 0) return ok(undefined);
  const offset = at[3 * line + 1] ?? 0;
  const length = parseNumber(text.slice(offset, at[3 * line + 2]), MAX_MESSAGE);
  if (length === undefined || names.indexOf("Content-Length", line + 1) >= 0) {
    const what = "expected one Content-Length of digits only";
    return bad("bad-content-length", what, offset, "RFC 3261 §20.14");
  }
  return ok(length);
}

const headerError = (what: string, offset: number) =>
  bad("bad-header", what, offset, "RFC 3261 §7.3.1");
const noEnd = (offset: number): { readonly ok: false; readonly error: ParseError } =>
  offset >= MAX_HEADER_SECTION
    ? tooLarge("the header section", MAX_HEADER_SECTION)
    : bad("no-end", "the headers do not end with an empty line", offset, "RFC 3261 §7");
const tooLarge = (what: string, max: number) =>
  bad("too-large", `${what} is over ${max}`, max, "RFC 3261 §21.5.7", 513);
