/**
 * `Byte-Range`: which octets of a message a chunk has, and ranges that were seen. RFC 4975 §7.1.1.
 */
import { parseNumber } from "../grammar/chars.ts";
import type { Octets } from "../grammar/octets.ts";

/** Which octets of a message a chunk carries, or a report is about. RFC 4975 §9. */
export interface ByteRange {
  /** The position of its first octet; that of the message's first is 1. */
  readonly start: number;
  /** The position of its last octet; undefined is `*`: not known, or it may be interrupted. */
  readonly end: number | undefined;
  /** Octets of the whole message; undefined is `*`. */
  readonly total: number | undefined;
}

/**
 * `Byte-Range = "Byte-Range:" SP range-start "-" range-end "/" total`; undefined where it breaks
 * that grammar. RFC 4975 §9.
 */
export function parseByteRange(text: Octets): ByteRange | undefined {
  const dash = text.indexOf("-");
  const slash = text.indexOf("/", dash);
  if (dash < 0 || slash < 0) return undefined;
  const start = parseNumber(text.slice(0, dash), Number.MAX_SAFE_INTEGER);
  const end = numberOrStar(text.slice(dash + 1, slash));
  const total = numberOrStar(text.slice(slash + 1));
  if (start === undefined || end === undefined || total === undefined || start < 1)
    return undefined;
  // `1-0/0` is a message of nothing: an end right before the start.
  if (end !== "*" && end < start - 1) return undefined;
  if (end !== "*" && total !== "*" && end > total) return undefined;
  return { start, end: known(end), total: known(total) };
}

/** The value as text: `1-2048/*`. */
export const formatByteRange = ({ start, end, total }: ByteRange): Octets =>
  `${start}-${end ?? "*"}/${total ?? "*"}`;

const numberOrStar = (text: string): number | "*" | undefined =>
  text === "*" ? "*" : parseNumber(text, Number.MAX_SAFE_INTEGER);

const known = (value: number | "*"): number | undefined => (value === "*" ? undefined : value);

/** Octets from `start` up to and without `end`, counted from 0. */
export interface Span {
  /** The first octet. */
  readonly start: number;
  /** The octet after the last one. */
  readonly end: number;
}

/** The spans with one more, in order, without gaps between neighbours that touch. */
export function withSpan(spans: readonly Span[], added: Span): readonly Span[] {
  if (added.end <= added.start) return spans;
  let { start, end } = added;
  const before: Span[] = [];
  const after: Span[] = [];
  for (const span of spans) {
    if (span.end < start) before.push(span);
    else if (span.start > end) after.push(span);
    else {
      start = Math.min(start, span.start);
      end = Math.max(end, span.end);
    }
  }
  return [...before, { start, end }, ...after];
}

/** How many octets there are from the first one on without a gap. */
export const reached = ([first]: readonly Span[]): number =>
  first !== undefined && first.start === 0 ? first.end : 0;
