/**
 * What authentication headers have in common: a scheme, then its parameters. RFC 3261 §25.1.
 * What Digest and Bearer mean by them is told by `carillon/auth`.
 */
import { isSpace, isTokenCode, skipSpace, trimEnd } from "../../grammar/chars.ts";
import type { Octets } from "../../grammar/octets.ts";
import { NO_PARAMS, type Params } from "../../grammar/params.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { formatCommaParams, readCommaParams } from "./comma-params.ts";
import { badHeader } from "./header-error.ts";
import { formatToken } from "./token.ts";

/** A challenge or credentials of any scheme. RFC 3261 §25.1; `token68` of RFC 7235 §2.1. */
export interface AuthValue {
  /** `Digest`, `Bearer` or another, as written; compared regardless of case. */
  readonly scheme: string;
  /** In place of parameters: what follows `Bearer` in credentials. */
  readonly token68: Octets | undefined;
  /** By name in lower case, quotes taken off; empty where there is a `token68`. */
  readonly params: Params;
}

/** `auth-scheme LWS ( token68 / auth-param *(COMMA auth-param) )`, one to a header line. */
export function parseAuthValue(octets: Octets, source: string): Result<AuthValue> {
  const start = skipSpace(octets, 0, octets.length);
  let end = start;
  while (end < octets.length && isTokenCode(octets.charCodeAt(end))) end++;
  const scheme = octets.slice(start, end);
  const next = skipSpace(octets, end, octets.length);
  if (scheme === "" || (next === end && end < octets.length)) {
    return badHeader("expected a scheme and white space", start, source);
  }
  const rest = octets.slice(next, trimEnd(octets, next, octets.length));
  if (rest === "") return ok({ scheme, token68: undefined, params: NO_PARAMS });
  if (isToken68(rest)) return ok({ scheme, token68: rest, params: NO_PARAMS });
  const params = readCommaParams(octets, next);
  if (!params) return badHeader("expected name=value, …", next, source);
  return ok({ scheme, token68: undefined, params });
}

/** `tokens` are the names whose values go without quotes. Throws a RangeError on what is none. */
export function formatAuthValue(value: AuthValue, tokens: readonly string[]): Octets {
  const { scheme, token68, params } = value;
  if (token68 !== undefined && !isToken68(token68)) throw new RangeError("not a token68");
  if (token68 !== undefined) return `${formatToken(scheme)} ${token68}`;
  return params.size === 0
    ? formatToken(scheme)
    : `${formatToken(scheme)} ${formatCommaParams(params, tokens)}`;
}

/** `token68 = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="` of RFC 7235 §2.1. */
function isToken68(text: Octets): boolean {
  let end = text.length;
  while (end > 0 && text[end - 1] === "=") end--;
  for (let i = 0; i < end; i++) {
    const code = text.charCodeAt(i);
    if (isSpace(code) || (code !== 0x2f && !isTokenCode(code))) return false;
    if ("!%*'`".includes(text[i] ?? "")) return false;
  }
  return end > 0;
}
