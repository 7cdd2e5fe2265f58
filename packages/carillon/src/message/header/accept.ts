/** Accept. RFC 3261 §20.1. */
import { isToken, trimmed } from "../../grammar/chars.ts";
import type { Octets } from "../../grammar/octets.ts";
import { formatParams, type Params, readParams } from "../../grammar/params.ts";
import { findOutside } from "../../grammar/quoted.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { badHeader } from "./header-error.ts";
import { formatListOrNone, parseListOrNone } from "./list.ts";
import { formatToken } from "./token.ts";

/** What Accept lists: a media type, or a range of them. RFC 3261 §20.1. */
export interface MediaRange {
  /** Lower case, as `subtype` is; `*` for any. */
  readonly type: string;
  /** Lower case; `*` for any, which is all that may stand behind a `*`. */
  readonly subtype: string;
  /** The media type's parameters, then `q` and what follows it: see `readQ`. */
  readonly params: Params;
}

const SOURCE = "RFC 3261 §20.1";

/**
 * `Accept = "Accept" HCOLON [ accept-range *(COMMA accept-range) ]`.
 * RFC 3261 §20.1. Errors: `bad-header` (400).
 */
export const parseAccept = (octets: Octets): Result<readonly MediaRange[]> =>
  parseListOrNone(octets, SOURCE, (text, start, end) => readMedia(text, start, end, SOURCE));

/**
 * An empty list is an empty value: no body is understood. Throws a RangeError on what is no token.
 */
export const formatAccept = (ranges: readonly MediaRange[]): Octets =>
  formatListOrNone(ranges, formatMedia);

/** `media-type = m-type SLASH m-subtype *(SEMI m-parameter)`; white space may surround a slash. */
export function readMedia(
  octets: Octets,
  start: number,
  end: number,
  source: string,
): Result<MediaRange> {
  const semicolon = findOutside(octets, start, end, 0x3b);
  const slash = octets.indexOf("/", start);
  if (semicolon < 0 || slash < 0 || slash > semicolon) {
    return badHeader("expected type/subtype", start, source);
  }
  const type = trimmed(octets, start, slash).toLowerCase();
  const subtype = trimmed(octets, slash + 1, semicolon).toLowerCase();
  if (!isToken(type) || !isToken(subtype)) return badHeader("not a media type", start, source);
  const params = readParams(octets, semicolon, end);
  if (!params) return badHeader("the parameters break the grammar", semicolon, source);
  return ok({ type, subtype, params });
}

/** `type/subtype;params`. Throws a RangeError on what is no token. */
export const formatMedia = ({ type, subtype, params }: MediaRange): Octets =>
  `${formatToken(type)}/${formatToken(subtype)}${formatParams(params)}`;
