/**
 * Messages in their frequent spelling, read in one pass over bytes: no folded line, no white space
 * before a colon, no octet below a blank, `SIP/2.0` in capitals.
 *
 * Whatever looks otherwise is left to the full reader in message.ts, which accepts it or says what
 * is wrong. What is accepted here, the full reader reads the same way: plain-message.test.ts.
 */
import { bytesOf } from "../grammar/byte-view.ts";
import { isTokenCode } from "../grammar/chars.ts";
import { MAX_HEADER_SECTION, MAX_HEADERS, MAX_MESSAGE } from "../grammar/limits.ts";
import type { Octets } from "../grammar/octets.ts";
import { type HeaderName, type HeaderNumber, headerAt, NAME_OF } from "./header-name.ts";
import type { HeaderIndex, Message } from "./message.ts";
import { plainMethod } from "./plain-method.ts";

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SP = 0x20;
const COLON = 0x3a;

/** The headers of a plain message, and where those stand that every message has. */
export interface PlainHeaders extends HeaderIndex {
  /** The number of the first line of this name; -1 where there is none. */
  readonly via: number;
  readonly from: number;
  readonly to: number;
  readonly callId: number;
  readonly cseq: number;
  readonly contentLength: number;
  /** Whether one of these but Via stands there twice. */
  readonly repeated: boolean;
}

/** Whether they were found here. */
export const arePlain = (headers: HeaderIndex): headers is PlainHeaders => "repeated" in headers;

/** Undefined where the full reader has to look. `text` begins with the start line. */
export function readPlainMessage(text: Octets): Message | undefined {
  const bytes = bytesOf(text);
  const isResponse = bytes[3] === 0x2f && bytes[7] === SP && text.startsWith("SIP/2.0 ");
  return isResponse ? readPlainResponse(text, bytes) : readPlainRequest(text, bytes);
}

function readPlainRequest(text: Octets, bytes: Uint8Array): Message | undefined {
  let methodEnd = 0;
  while (isTokenCode(bytes[methodEnd]!)) methodEnd++;
  if (methodEnd === 0 || bytes[methodEnd] !== SP) return undefined;
  let uriEnd = methodEnd + 1;
  while (URI_CODE[bytes[uriEnd]!] === 1) uriEnd++;
  if (uriEnd === methodEnd + 1 || !endsRequestLine(bytes, uriEnd)) return undefined;
  const headers = indexPlainHeaders(text, bytes, uriEnd + 10);
  const bodyEnd = headers ? plainBodyEnd(text, bytes, headers) : -1;
  if (!headers || bodyEnd < 0) return undefined;
  const method = plainMethod(text, bytes, 0, methodEnd);
  const body = text.slice(headers.end + 2, bodyEnd);
  const uri = text.slice(methodEnd + 1, uriEnd);
  return { kind: "Request", method, uri, text, headers, body };
}

function readPlainResponse(text: Octets, bytes: Uint8Array): Message | undefined {
  const status = 100 * (bytes[8]! - 48) + 10 * (bytes[9]! - 48) + (bytes[10]! - 48);
  const areDigits = isDigit(bytes[8]!) && isDigit(bytes[9]!) && isDigit(bytes[10]!);
  if (!areDigits || status < 100 || status > 699 || bytes[11] !== SP) return undefined;
  let phraseEnd = 12;
  while (bytes[phraseEnd]! >= SP) phraseEnd++;
  if (bytes[phraseEnd] !== CR || bytes[phraseEnd + 1] !== LF) return undefined;
  const headers = indexPlainHeaders(text, bytes, phraseEnd + 2);
  const bodyEnd = headers ? plainBodyEnd(text, bytes, headers) : -1;
  if (!headers || bodyEnd < 0) return undefined;
  const body = text.slice(headers.end + 2, bodyEnd);
  const reasonPhrase = text.slice(12, phraseEnd);
  return { kind: "Response", status, reasonPhrase, text, headers, body };
}

/** What may stand in a Request-URI as far as its end is looked for: see `readRequestLine`. */
const URI_CODE: Uint8Array = Uint8Array.from({ length: 256 }, (_, code) =>
  code > SP && code !== 0x7f && code !== 0x3c && code !== 0x3e ? 1 : 0,
);

/** ` SIP/2.0` and the line's end. */
function endsRequestLine(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < LINE_END.length; i++) if (bytes[at + i] !== LINE_END[i]) return false;
  return true;
}
const LINE_END: Uint8Array = Uint8Array.from(" SIP/2.0\r\n", (one) => one.charCodeAt(0));

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/** Offsets of the headers that are being indexed. */
const offsets = new Int32Array(3 * MAX_HEADERS);
const FIRST = 6;
const first = new Int32Array(FIRST);

function indexPlainHeaders(
  text: Octets,
  bytes: Uint8Array,
  start: number,
): PlainHeaders | undefined {
  const names: HeaderName[] = [];
  let repeated = false;
  let i = start;
  let n = 0;
  for (let k = 0; k < FIRST; k++) first[k] = -1;
  for (let code = bytes[i]!; code !== CR; code = bytes[i]!) {
    const lineStart = i;
    while (isTokenCode(code)) code = bytes[++i]!;
    if (i === lineStart || code !== COLON || n === 3 * MAX_HEADERS) return undefined;
    const name = headerAt(bytes, lineStart, i);
    if (name < 0) names.push(text.slice(lineStart, i).toLowerCase());
    else names.push(NAME_OF[name]!);
    if (name >= 0 && name < FIRST) {
      if (first[name]! < 0) first[name] = names.length - 1;
      else if (name !== VIA) repeated = true;
    }
    code = bytes[++i]!;
    while (code === SP || code === TAB) code = bytes[++i]!;
    const valueStart = i;
    while (code >= SP) code = bytes[++i]!;
    if (code !== CR || bytes[i + 1] !== LF || bytes[i + 2] === SP || bytes[i + 2] === TAB)
      return undefined;
    let valueEnd = i;
    while (valueEnd > valueStart && bytes[valueEnd - 1] === SP) valueEnd--;
    offsets[n] = lineStart;
    offsets[n + 1] = valueStart;
    offsets[n + 2] = valueEnd;
    n += 3;
    i += 2;
  }
  // Near the limit, the full reader says which side of it this is.
  if (bytes[i + 1] !== LF || i > MAX_HEADER_SECTION - 4) return undefined;
  return {
    names,
    at: copied(n),
    end: i,
    via: first[0]!,
    from: first[1]!,
    to: first[2]!,
    callId: first[3]!,
    cseq: first[4]!,
    contentLength: first[5]!,
    repeated,
  };
}

const VIA: HeaderNumber = 0;

function copied(length: number): number[] {
  const at = new Array<number>(length);
  for (let i = 0; i < length; i++) at[i] = offsets[i]!;
  return at;
}

/** Where the body ends by Content-Length, or where the text does; -1 for a second look. */
function plainBodyEnd(text: Octets, bytes: Uint8Array, headers: PlainHeaders): number {
  if (text.length > MAX_MESSAGE) return -1;
  if (headers.contentLength < 0) return text.length;
  const start = headers.at[3 * headers.contentLength + 1]!;
  const end = headers.at[3 * headers.contentLength + 2]!;
  if (headers.repeated || end === start || end - start > 5) return -1;
  let length = 0;
  for (let i = start; i < end; i++) {
    if (!isDigit(bytes[i]!)) return -1;
    length = 10 * length + bytes[i]! - 48;
  }
  const bodyEnd = headers.end + 2 + length;
  return bodyEnd <= text.length ? bodyEnd : -1;
}
