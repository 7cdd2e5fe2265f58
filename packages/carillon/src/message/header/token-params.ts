/** A token with parameters: Event, Content-Disposition, Info-Package and many more. */
import { isTokenCode, skipSpace } from "../../grammar/chars.ts";
import type { Octets } from "../../grammar/octets.ts";
import { formatParams, type Params, readParams } from "../../grammar/params.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { badHeader } from "./header-error.ts";
import { formatList, formatListOrNone, parseList, parseListOrNone } from "./list.ts";
import { formatToken } from "./token.ts";

/** A token and what is said about it: `token;name=value`. */
export interface TokenParams {
  /** As written; whether its case counts, the header's own RFC says. */
  readonly token: string;
  /** Names in lower case, quotes taken off. */
  readonly params: Params;
}

/** `token *( SEMI generic-param )` */
export function readTokenParams(
  octets: Octets,
  start: number,
  end: number,
  source: string,
): Result<TokenParams> {
  const from = skipSpace(octets, start, end);
  let at = from;
  while (at < end && isTokenCode(octets.charCodeAt(at))) at++;
  if (at === from) return badHeader("expected a token", from, source);
  const params = readParams(octets, at, end);
  if (!params) return badHeader("the parameters break the grammar", at, source);
  return ok({ token: octets.slice(from, at), params });
}

export const parseTokenParams = (octets: Octets, source: string): Result<TokenParams> =>
  readTokenParams(octets, 0, octets.length, source);

export const formatTokenParams = ({ token, params }: TokenParams): Octets =>
  formatToken(token) + formatParams(params);

/** Such values between commas, or none. */
export const parseTokenParamsList = (
  octets: Octets,
  source: string,
): Result<readonly TokenParams[]> =>
  parseListOrNone(octets, source, (text, start, end) => readTokenParams(text, start, end, source));

/** Such values between commas, at least one. */
export const parseSomeTokenParams = (
  octets: Octets,
  source: string,
): Result<readonly TokenParams[]> =>
  parseList(octets, source, (text, start, end) => readTokenParams(text, start, end, source));

export const formatTokenParamsList = (values: readonly TokenParams[]): Octets =>
  formatListOrNone(values, formatTokenParams);

export const formatSomeTokenParams = (values: readonly TokenParams[]): Octets =>
  formatList(values, formatTokenParams);
