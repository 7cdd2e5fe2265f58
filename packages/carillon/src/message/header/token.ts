/** Values that are tokens, one or a list. RFC 3261 §25.1. */
import { isToken, trimmed } from "../../grammar/chars.ts";
import type { Octets } from "../../grammar/octets.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { badHeader } from "./header-error.ts";
import { formatList, formatListOrNone, parseList, parseListOrNone } from "./list.ts";

/** Reads one token with white space around it. */
export function parseToken(octets: Octets, source: string): Result<string> {
  const token = trimmed(octets, 0, octets.length);
  return isToken(token) ? ok(token) : badHeader("expected a token", 0, source);
}

/** The token itself. Throws a RangeError on what is none. */
export function formatToken(token: string): Octets {
  if (!isToken(token)) throw new RangeError(`not a token: ${JSON.stringify(token)}`);
  return token;
}

const reader = (source: string) => (octets: Octets, start: number, end: number) =>
  parseToken(octets.slice(start, end), source);

export const parseTokens = (octets: Octets, source: string): Result<readonly string[]> =>
  parseList(octets, source, reader(source));
export const parseTokensOrNone = (octets: Octets, source: string): Result<readonly string[]> =>
  parseListOrNone(octets, source, reader(source));
export const formatTokens = (tokens: readonly string[]): Octets => formatList(tokens, formatToken);
export const formatTokensOrNone = (tokens: readonly string[]): Octets =>
  formatListOrNone(tokens, formatToken);
