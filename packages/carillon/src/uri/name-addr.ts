/** `name-addr / addr-spec` with parameters: From, To, Contact, Route. RFC 3261 §20, §25.1. */

import { isBlank, isTokenCode, skipSpace, trimmed } from "../grammar/chars.ts";
import { fromText, toText } from "../grammar/octets.ts";
import { formatParams, NO_PARAMS, type Params, readParams } from "../grammar/params.ts";
import { quote, skipQuoted, unfold, unquote } from "../grammar/quoted.ts";
import { bad, ok, type Result } from "../grammar/result.ts";

/**
 * `name-addr / addr-spec` with its parameters, as in From, To, Contact and Route. RFC 3261 §20.10.
 */
export interface NameAddr {
  /** As people read it, decoded from UTF-8; empty if there is none. */
  readonly displayName: string;
  /** The URI as it stands between the brackets. */
  readonly uri: string;
  /** The header's parameters, not the URI's. */
  readonly params: Params;
}

const fail = (what: string, offset: number) => bad("bad-address", what, offset, "RFC 3261 §20.10");

/**
 * Reads one `( name-addr / addr-spec ) *( SEMI param )`, which stands from `start` to `end` of the
 * text. RFC 3261 §20.10, §25.1.
 *
 * `name-addr = [ display-name ] LAQUOT addr-spec RAQUOT`
 *
 * Errors: `bad-address` (400). The URI itself is not looked into: `parseUri` does.
 */
export function parseNameAddr(
  text: string,
  start = 0,
  end: number = text.length,
): Result<NameAddr> {
  const bare = readBare(text, start, end);
  if (bare) return ok(bare);
  const at = skipSpace(text, start, end);
  const quoted = text.charCodeAt(at) === 0x22;
  const nameEnd = quoted ? skipQuoted(text, at, end) : at;
  if (nameEnd < 0) return fail("the quoted display name does not end", at);
  const open = bracketAt(text, nameEnd, end);
  if (open < 0) return quoted ? fail("expected <", nameEnd) : parseAddrSpec(text, at, end);
  const close = text.indexOf(">", open);
  if (close < 0 || close >= end) return fail("expected >", open);
  const displayName = quoted ? unquote(text.slice(at, nameEnd)) : unfold(trimmed(text, at, open));
  if (quoted ? skipSpace(text, nameEnd, open) !== open : !areTokens(displayName)) {
    return fail("a display name with other than tokens needs quotes", at);
  }
  const uri = text.slice(open + 1, close);
  if (uri === "" || hasDelimiter(uri)) return fail("expected a URI between < and >", open);
  const params = readParams(text, close + 1, end);
  if (!params) return fail("the parameters break the grammar", close + 1);
  return ok({ displayName: toText(displayName), uri, params });
}

/** Where the bracket before the URI is, or -1; one behind a semicolon is a parameter's. */
export function bracketAt(text: string, start: number, end: number): number {
  const open = text.indexOf("<", start);
  const semicolon = text.indexOf(";", start);
  return open >= end || (semicolon >= 0 && semicolon < open) ? -1 : open;
}

/** `<uri>` and nothing else, as in nearly every Route; undefined for a closer look. */
function readBare(text: string, start: number, end: number): NameAddr | undefined {
  if (text.charCodeAt(start) !== LAQUOT || text.charCodeAt(end - 1) !== RAQUOT) return undefined;
  const uri = text.slice(start + 1, end - 1);
  return uri === "" || hasDelimiter(uri) ? undefined : { displayName: "", uri, params: NO_PARAMS };
}

const LAQUOT = 0x3c;
const RAQUOT = 0x3e;

//= RFC 3261 §20
//# If the URI is not enclosed in angle brackets, any semicolon-delimited parameters are
//# header-parameters, not URI parameters.
function parseAddrSpec(text: string, start: number, end: number): Result<NameAddr> {
  const semicolon = text.indexOf(";", start);
  const uriEnd = semicolon < 0 || semicolon > end ? end : semicolon;
  const uri = trimmed(text, start, uriEnd);
  //= RFC 3261 §20
  //# If the URI contains a comma, question mark or semicolon, the URI MUST be enclosed in angle
  //# brackets (< and >).
  if (uri === "" || hasDelimiter(uri) || uri.includes("?") || uri.includes(",")) {
    return fail(
      "a URI with a comma or question mark, or with a name before it, needs < and >",
      start,
    );
  }
  const params = readParams(text, uriEnd, end);
  return params ? ok({ displayName: "", uri, params }) : fail("bad parameters", uriEnd);
}

//= RFC 3261 §20.10
//# Even if the "display-name" is empty, the "name-addr" form MUST be used if the "addr-spec"
//# contains a comma, semicolon, or question mark.
//= RFC 3261 §20.20
//# Even if the "display-name" is empty, the "name-addr" form MUST be used if the "addr-spec"
//# contains a comma, question mark, or semicolon.
//= RFC 3261 §20.31
//# Even if the "display-name" is empty, the "name-addr" form MUST be used if the "addr-spec"
//# contains a comma, question mark, or semicolon.
/**
 * Always with brackets and quotes, so that nothing in it can be read another way. Throws a
 * RangeError on what cannot stand where it is: a URI with a bracket or a space, a line end.
 */
export function formatNameAddr({ displayName, uri, params }: NameAddr): string {
  if (uri === "" || hasDelimiter(uri)) throw new RangeError(`not a URI: ${JSON.stringify(uri)}`);
  const name = displayName === "" ? "" : `${quote(fromText(displayName))} `;
  return `${name}<${uri}>${formatParams(params)}`;
}

/** `*(token LWS)`; other octets than ASCII are let through, as phones send them. */
function areTokens(name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (!isTokenCode(code) && !isBlank(code) && code < 128) return false;
  }
  return true;
}

/** What no URI holds, and what in another reader's eyes would end this one. */
export function hasDelimiter(uri: string): boolean {
  for (let i = 0; i < uri.length; i++) {
    const code = uri.charCodeAt(i);
    if (code <= 0x20 || code === 0x7f) return true;
    if (code === 0x22 || code === 0x3c || code === 0x3e) return true;
  }
  return false;
}
