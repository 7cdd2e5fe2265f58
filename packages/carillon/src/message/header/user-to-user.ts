/** User-to-User. RFC 7433 §4.1. */
import { isToken, isTokenCode } from "../../grammar/chars.ts";
import type { Octets } from "../../grammar/octets.ts";
import { type Params, readParams } from "../../grammar/params.ts";
import { quote, skipQuoted, unquote } from "../../grammar/quoted.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { badHeader } from "./header-error.ts";
import { formatList, parseList } from "./list.ts";
import { formatNamedParams, otherParams } from "./named-params.ts";

/** Data that two user agents exchange while they set a call up or end it. RFC 7433 §4.1. */
export interface UserToUser {
  /** In the encoding that is named: hexadecimal digits where that is `hex`. */
  readonly data: Octets;
  /** The package it belongs to. */
  readonly purpose: string | undefined;
  /** What the data are, in the package's own words. */
  readonly content: string | undefined;
  /** `hex` or another; undefined leaves it to the package. */
  readonly encoding: string | undefined;
  /** Others than `purpose`, `content` and `encoding`. */
  readonly params: Params;
}

const SOURCE = "RFC 7433 §4.1";

/**
 * `UUI = "User-to-User" HCOLON uui-value *(COMMA uui-value)`.
 * RFC 7433 §4.1. Errors: `bad-header` (400).
 */
export const parseUserToUser = (octets: Octets): Result<readonly UserToUser[]> =>
  parseList(octets, SOURCE, readUserToUser);

/** `uui-value = uui-data *(SEMI uui-param)`, `uui-data = token / quoted-string` */
function readUserToUser(octets: Octets, start: number, end: number): Result<UserToUser> {
  const quoted = octets[start] === '"';
  let at = quoted ? skipQuoted(octets, start, end) : start;
  while (!quoted && at < end && isTokenCode(octets.charCodeAt(at))) at++;
  const params = at > start ? readParams(octets, at, end) : undefined;
  if (!params) return badHeader("expected data and parameters", start, SOURCE);
  const text = octets.slice(start, at);
  return ok({
    data: quoted ? unquote(text) : text,
    purpose: params.get("purpose"),
    content: params.get("content"),
    encoding: params.get("encoding"),
    params: otherParams(params, "purpose", "content", "encoding"),
  });
}

/**
 * Quotes around data that are no token. Throws a RangeError on an empty list, and on a field's name
 * among the parameters.
 */
export const formatUserToUser = (values: readonly UserToUser[]): Octets =>
  formatList(values, ({ data, purpose, content, encoding, params }) => {
    const named = formatNamedParams(
      [
        ["purpose", purpose],
        ["content", content],
        ["encoding", encoding],
      ],
      params,
    );
    return (isToken(data) ? data : quote(data)) + named;
  });
