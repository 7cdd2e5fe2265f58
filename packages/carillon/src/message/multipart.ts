/** Bodies of several parts. RFC 2046 §5.1, in SIP by RFC 5621. */
import { MAX_DEPTH, MAX_PARTS } from "../grammar/limits.ts";
import type { Octets } from "../grammar/octets.ts";
import { unfold } from "../grammar/quoted.ts";
import { bad, ok, type Result } from "../grammar/result.ts";
import { type MediaType, parseContentType } from "./header/content-type.ts";
import type { HeaderName } from "./header-name.ts";
import { indexHeaders } from "./message.ts";
import { formatMultipartHead, isBoundary } from "./multipart-boundary.ts";

/** One part of a multipart, with the parts in it. RFC 2046 §5.1. */
export interface BodyPart {
  /** In order; names as in a message's own headers. */
  readonly headers: readonly (readonly [name: HeaderName, value: Octets])[];
  /** As its headers say, or `text/plain`, or `message/rfc822` in a digest. RFC 2046 §5.1. */
  readonly contentType: MediaType;
  /** As it stands there; where this is a multipart itself, `parts` says what is in it. */
  readonly body: Octets;
  /** What a multipart within this one is made of; empty for any other part. */
  readonly parts: readonly BodyPart[];
}

const fail = (what: string, offset: number, section = "5.1.1") =>
  bad("bad-multipart", what, offset, `RFC 2046 §${section}`);

/**
 * The parts of a body of this type, with the parts of parts. RFC 2046 §5.1.
 *
 * Errors (400): `bad-multipart` where a boundary is missing or not closed, where there are over 64
 * parts in all or over 4 levels of them; `bad-header` and the like for the parts' own headers.
 */
export function parseMultipart(type: MediaType, body: Octets): Result<readonly BodyPart[]> {
  return readParts(type, body, { left: MAX_PARTS }, 1);
}

interface Budget {
  left: number;
}

function readParts(
  type: MediaType,
  body: Octets,
  budget: Budget,
  depth: number,
): Result<readonly BodyPart[]> {
  const boundary = type.params.get("boundary") ?? "";
  if (depth > MAX_DEPTH) return fail(`over ${MAX_DEPTH} levels of parts`, 0);
  if (type.type !== "multipart" || !isBoundary(boundary)) return fail("no boundary", 0);
  const texts = splitParts(body, `--${boundary}`, budget);
  if (typeof texts === "string") return fail(texts, 0);
  const parts: BodyPart[] = [];
  for (const text of texts) {
    const part = readPart(text, type.subtype === "digest", budget, depth);
    if (!part.ok) return part;
    parts.push(part.value);
  }
  return ok(parts);
}

//= RFC 2046 §5.1.1
//# The boundary delimiter MUST occur at the beginning of a line, i.e., following a CRLF
/** The texts between delimiters, or what is wrong. Goes from line to line, once. */
function splitParts(body: Octets, dashes: Octets, budget: Budget): Octets[] | string {
  const texts: Octets[] = [];
  let partStart = -1;
  for (let line = 0; line <= body.length; ) {
    const end = body.indexOf("\r\n", line);
    const lineEnd = end < 0 ? body.length : end;
    const kind = delimiterKind(body, line, lineEnd, dashes);
    if (kind === "neither") return "a line that starts as a boundary and is none";
    if (kind !== "none") {
      if (partStart >= 0) texts.push(body.slice(partStart, Math.max(partStart, line - 2)));
      if (kind === "last") return texts.length > 0 ? texts : "there are no parts";
      if (budget.left-- === 0) return `over ${MAX_PARTS} parts`;
      partStart = lineEnd + 2;
    }
    if (end < 0) break;
    line = lineEnd + 2;
  }
  return "the last boundary is missing";
}

//= RFC 2046 §5.1
//# The boundary delimiter MUST NOT appear inside any of the encapsulated parts, on a line by itself
//# or as the prefix of any line.
/**
 * `delimiter transport-padding`, where the last delimiter has two more dashes. A line that goes on
 * after the boundary is a delimiter to some readers (RFC 2046 §5.1.1 lets them look no further)
 * and content to others: neither here.
 */
function delimiterKind(
  body: Octets,
  start: number,
  end: number,
  dashes: Octets,
): "none" | "next" | "last" | "neither" {
  if (!body.startsWith(dashes, start) || start + dashes.length > end) return "none";
  let at = start + dashes.length;
  const isLast = body.startsWith("--", at) && at + 2 <= end;
  if (isLast) at += 2;
  while (at < end && (body[at] === " " || body[at] === "\t")) at++;
  if (at < end) return "neither";
  return isLast ? "last" : "next";
}

/** `body-part := MIME-part-headers [CRLF *OCTET]` */
function readPart(
  text: Octets,
  inDigest: boolean,
  budget: Budget,
  depth: number,
): Result<BodyPart> {
  const whole = withEmptyLine(text);
  const index = indexHeaders(whole, 0);
  if (!index.ok) return index;
  const { names, at, end } = index.value;
  const headers = names.map((name, line) => {
    return [name, unfold(whole.slice(at[3 * line + 1], at[3 * line + 2]))] as const;
  });
  const contentType = typeOf(headers, inDigest);
  if (!contentType.ok) return contentType;
  const body = whole.slice(end + 2);
  const isNested = contentType.value.type === "multipart";
  const parts = isNested ? readParts(contentType.value, body, budget, depth + 1) : ok([]);
  if (!parts.ok) return parts;
  return ok({ headers, contentType: contentType.value, body, parts: parts.value });
}

/** A part that is headers alone may lack the empty line behind them. */
function withEmptyLine(text: Octets): Octets {
  if (text.startsWith("\r\n") || text.includes("\r\n\r\n")) return text;
  return text === "" || text.endsWith("\r\n") ? `${text}\r\n` : `${text}\r\n\r\n`;
}

//= RFC 2046 §5.1.1
//# If no Content-Type field is present it is assumed to be "message/rfc822" in a
//# "multipart/digest" and "text/plain" otherwise.
function typeOf(headers: BodyPart["headers"], inDigest: boolean): Result<MediaType> {
  const lines = headers.filter(([name]) => name === "Content-Type");
  if (lines.length > 1) return fail("a part with two types", 0, "5.1");
  return parseContentType(lines[0]?.[1] ?? (inDigest ? "message/rfc822" : "text/plain"));
}

/** What a part is written from. */
export interface PartToWrite {
  /**
   * In the order in which they are written. Content-Type has to be among them, or `text/plain` is
   * meant.
   */
  readonly headers: readonly (readonly [name: HeaderName, value: Octets])[];
  /** Octets, written as they are: nothing is encoded. */
  readonly body: Octets;
}

/**
 * A body of these parts. Throws a RangeError where there is no part, where the boundary is none or
 * stands in a part, and on a header that cannot be written.
 */
export function formatMultipart(parts: readonly PartToWrite[], boundary: string): Octets {
  if (!isBoundary(boundary) || parts.length === 0)
    throw new RangeError("not a boundary, or no part");
  let text = "";
  for (const { headers, body } of parts) {
    if (body.includes(`--${boundary}`)) throw new RangeError("the boundary stands in a part");
    text += `--${boundary}\r\n${formatMultipartHead(headers)}\r\n${body}\r\n`;
  }
  return `${text}--${boundary}--\r\n`;
}
