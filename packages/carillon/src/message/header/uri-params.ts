/** URIs in brackets with parameters: Alert-Info, Call-Info, Error-Info. RFC 3261 §25.1. */
import { skipSpace } from "../../grammar/chars.ts";
import type { Octets } from "../../grammar/octets.ts";
import { type Params, readParams } from "../../grammar/params.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { formatNameAddr, hasDelimiter } from "../../uri/name-addr.ts";
import { badHeader } from "./header-error.ts";
import { formatList, parseList } from "./list.ts";

/** A URI that stands in brackets, and what is said about it: `<uri>;name=value`. */
export interface UriParams {
  /** Without the brackets, as it came. It may be of any scheme. */
  readonly uri: Octets;
  /** Names in lower case, quotes taken off. */
  readonly params: Params;
}

/** `LAQUOT absoluteURI RAQUOT *( SEMI generic-param ) *( COMMA … )` */
export const parseUriParams = (octets: Octets, source: string): Result<readonly UriParams[]> =>
  parseList(octets, source, (text, start, end) => readUriParams(text, start, end, source));

function readUriParams(
  octets: Octets,
  start: number,
  end: number,
  source: string,
): Result<UriParams> {
  const open = skipSpace(octets, start, end);
  const close = octets.indexOf(">", open);
  if (octets.charCodeAt(open) !== 0x3c || close < 0 || close >= end) {
    return badHeader("expected a URI in < and >", open, source);
  }
  const uri = octets.slice(open + 1, close);
  if (uri === "" || hasDelimiter(uri)) return badHeader("expected a URI", open, source);
  const params = readParams(octets, close + 1, end);
  if (!params) return badHeader("the parameters break the grammar", close + 1, source);
  return ok({ uri, params });
}

export const formatUriParams = (values: readonly UriParams[]): Octets =>
  formatList(values, ({ uri, params }) => formatNameAddr({ displayName: "", uri, params }));
