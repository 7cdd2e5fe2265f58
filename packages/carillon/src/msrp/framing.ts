/**
 * Where MSRP requests and responses begin and end on a connection. RFC 4975 §7.1, §9.
 *
 * A pure machine: octets go in as they come, and it makes no difference where they were cut. Heads
 * come out whole; bodies come out in the pieces that came, so that a file of any size costs no more
 * than what is on its way. Bodies are bytes and not one-byte strings: nobody compares or splices
 * them. Linear: a line end is looked for once, and a place where the end-line may begin is looked
 * at once, since a CR stands in it at its start alone.
 */
import { fromBytes, type Octets, toBytes } from "../grammar/octets.ts";
import { bad, type ParseError } from "../grammar/result.ts";
import { MAX_HEAD, MAX_HEADERS, MAX_OTHER_BODY } from "./limits.ts";
import {
  type Continuation,
  type MsrpHead,
  parseStartLine,
  readHead,
  type StartLine,
} from "./message.ts";

/** Where a connection stands: kept by whoever has it, and given to `frame` with what comes next. */
export type Framing =
  /** Between messages: what there is of a start line. */
  | { readonly name: "Start"; readonly line: Octets }
  /** In the headers: those that are whole, and what there is of the next. */
  | {
      readonly name: "Headers";
      readonly start: StartLine;
      readonly lines: readonly Octets[];
      readonly line: Octets;
      /** All of the head so far. */
      readonly octets: number;
    }
  /** In a body: `held` may be the beginning of the end-line. */
  | {
      readonly name: "Body";
      readonly needle: Uint8Array;
      readonly held: Uint8Array;
      /** The first two octets of what is searched are the CRLF of the head. */
      readonly isFirst: boolean;
      /** How much of it may still come; Infinity for a SEND. */
      readonly left: number;
      /** Its head made no sense: nobody is told of the body. */
      readonly isMute: boolean;
    }
  | { readonly name: "Closed" };

/** What a connection brought. */
export type MsrpFrame =
  | { readonly kind: "Head"; readonly head: MsrpHead }
  /** Some of the body of the message whose head came last. Copy what is to be kept. */
  | { readonly kind: "Octets"; readonly octets: Uint8Array }
  /** The message whose head came last is over. */
  | { readonly kind: "End"; readonly flag: Continuation }
  /** A message whose head makes no sense; it is passed over. A request may be answered with 400. */
  | { readonly kind: "Unread"; readonly start: StartLine; readonly error: ParseError }
  /** The last frame: close the connection, what follows cannot be told apart. */
  | { readonly kind: "Error"; readonly error: ParseError };

/** A connection on which nothing has come yet. */
export const startFraming: Framing = { name: "Start", line: "" };

const CR = 0x0d;
const LF = 0x0a;
const CRLF: Uint8Array = Uint8Array.of(CR, LF);

interface Reader {
  readonly bytes: Uint8Array;
  at: number;
  readonly frames: MsrpFrame[];
}

/** What these octets bring, in order, and where the connection stands then. Never throws. */
export function frame(state: Framing, bytes: Uint8Array): readonly [Framing, ...MsrpFrame[]] {
  const reader: Reader = { bytes, at: 0, frames: [] };
  while (reader.at < bytes.length && state.name !== "Closed") {
    if (state.name === "Body") state = inBody(state, reader);
    else if (state.name === "Start") state = inStart(state, reader);
    else state = inHeaders(state, reader);
  }
  return [state, ...reader.frames];
}

/** True while the rest of a message is waited for. */
export const isWithin = (state: Framing): boolean =>
  state.name === "Headers" ||
  state.name === "Body" ||
  (state.name === "Start" && state.line !== "");

/** A line without its CRLF once it is whole, else what there is of it; undefined: it has no CR. */
function takeLine(line: Octets, reader: Reader): { line: Octets; isWhole: boolean } | undefined {
  const end = reader.bytes.indexOf(LF, reader.at);
  const upTo = end < 0 ? reader.bytes.length : end + 1;
  const text = line + fromBytes(reader.bytes.subarray(reader.at, upTo));
  reader.at = upTo;
  if (end < 0) return { line: text, isWhole: false };
  return text.endsWith("\r\n") ? { line: text.slice(0, -2), isWhole: true } : undefined;
}

function inStart(state: Extract<Framing, { name: "Start" }>, reader: Reader): Framing {
  const taken = takeLine(state.line, reader);
  if (!taken) return closed(reader, "a line that ends with LF alone");
  if (taken.line.length > 1024) return closed(reader, "a start line that does not end");
  if (!taken.isWhole) return { name: "Start", line: taken.line };
  const start = parseStartLine(taken.line);
  if (!start) return closed(reader, "no start line");
  return { name: "Headers", start, lines: [], line: "", octets: taken.line.length };
}

function inHeaders(state: Extract<Framing, { name: "Headers" }>, reader: Reader): Framing {
  const { start, lines } = state;
  const taken = takeLine(state.line, reader);
  if (!taken) return closed(reader, "a line that ends with LF alone");
  const octets = state.octets + taken.line.length - state.line.length;
  if (octets > MAX_HEAD) return closed(reader, `a head of more than ${MAX_HEAD} octets`);
  if (!taken.isWhole) return { ...state, line: taken.line, octets };
  const flag = endsWith(taken.line, start.transactionId);
  if (flag === undefined && taken.line !== "") {
    if (lines.length > MAX_HEADERS + 3) return closed(reader, "too many header fields");
    return { name: "Headers", start, lines: [...lines, taken.line], line: "", octets: octets + 2 };
  }
  const head = readHead(start, lines);
  if (head.ok) reader.frames.push({ kind: "Head", head: head.value });
  else reader.frames.push({ kind: "Unread", start, error: head.error });
  if (flag !== undefined) {
    if (head.ok) reader.frames.push({ kind: "End", flag });
    return startFraming;
  }
  const isSend = start.kind === "Request" && start.method === "SEND";
  const needle = toBytes(`\r\n-------${start.transactionId}`);
  const left = isSend ? Number.POSITIVE_INFINITY : MAX_OTHER_BODY;
  return { name: "Body", needle, held: CRLF, isFirst: true, left, isMute: !head.ok };
}

/** The flag of an end-line of this transaction; undefined if it is another line. */
function endsWith(line: Octets, id: Octets): Continuation | undefined {
  if (line.length !== id.length + 8 || !line.startsWith("-------") || !line.startsWith(id, 7)) {
    return undefined;
  }
  const flag = line.charAt(line.length - 1);
  return flag === "$" || flag === "+" || flag === "#" ? flag : undefined;
}

function inBody(state: Extract<Framing, { name: "Body" }>, reader: Reader): Framing {
  const fresh = reader.bytes.subarray(reader.at);
  const all = state.held.length === 0 ? fresh : joined(state.held, fresh);
  const found = findEnd(all, state.needle);
  // The CRLF that ends the head may be the one before the end-line: peers with empty bodies do so.
  const skip = state.isFirst ? Math.min(2, found.at) : 0;
  const octets = all.subarray(skip, found.at);
  const left = state.left - octets.length;
  if (left < 0) return closed(reader, "a body that is too long for its method");
  if (octets.length > 0 && !state.isMute) reader.frames.push({ kind: "Octets", octets });
  if (found.flag === undefined) {
    reader.at = reader.bytes.length;
    const held = all.slice(found.at);
    return { ...state, held, isFirst: state.isFirst && found.at === 0, left };
  }
  reader.at = reader.bytes.length - (all.length - found.next);
  if (!state.isMute) reader.frames.push({ kind: "End", flag: found.flag });
  return startFraming;
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const all = new Uint8Array(one.length + other.length);
  all.set(one);
  all.set(other, one.length);
  return all;
}

interface End {
  /** Where the end-line begins, or may begin once more has come; the length if nowhere. */
  readonly at: number;
  /** The first octet after it. */
  readonly next: number;
  readonly flag?: Continuation;
}

const FLAGS: ReadonlyMap<number, Continuation> = new Map([
  [0x24, "$"],
  [0x2b, "+"],
  [0x23, "#"],
]);

/**
 * Looks for CRLF, seven hyphens, the transaction's id, a flag and CRLF. One place is compared up to
 * where it differs, and as a CR begins it and stands nowhere else in it, no octet twice.
 */
export function findEnd(bytes: Uint8Array, needle: Uint8Array): End {
  const { length } = bytes;
  for (let at = bytes.indexOf(CR); at >= 0; at = bytes.indexOf(CR, at + 1)) {
    let same = 1;
    while (same < needle.length && at + same < length && bytes[at + same] === needle[same]) same++;
    if (at + same === length) return { at, next: length };
    if (same < needle.length) continue;
    const flag = FLAGS.get(bytes[at + same] ?? 0);
    if (flag === undefined) continue;
    const rest = at + same + 1;
    if (rest === length || (bytes[rest] === CR && rest + 1 === length)) return { at, next: length };
    if (bytes[rest] === CR && bytes[rest + 1] === LF) return { at, next: rest + 2, flag };
  }
  return { at: length, next: length };
}

function closed({ frames }: Reader, what: string): Framing {
  frames.push({ kind: "Error", error: bad("bad-msrp", what, 0, "RFC 4975 §9").error });
  return { name: "Closed" };
}
