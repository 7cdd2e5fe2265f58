/** Values that are addresses, one or a list. RFC 3261 §20.10, §25.1. */
import { skipSpace } from "../../grammar/chars.ts";
import type { Octets } from "../../grammar/octets.ts";
import { skipQuoted } from "../../grammar/quoted.ts";
import type { Result } from "../../grammar/result.ts";
import { bracketAt, formatNameAddr, type NameAddr, parseNameAddr } from "../../uri/name-addr.ts";
import { badHeader } from "./header-error.ts";
import { formatList, parseList } from "./list.ts";

/** `( name-addr / addr-spec ) *( SEMI param ) *( COMMA … )` */
export const parseAddresses = (octets: Octets, source: string): Result<readonly NameAddr[]> =>
  parseList(octets, source, parseNameAddr);

/** `name-addr *( SEMI param ) *( COMMA … )`: Route and its like want the brackets. */
export const parseBracketed = (octets: Octets, source: string): Result<readonly NameAddr[]> =>
  parseList(octets, source, (text, start, end) => readBracketed(text, start, end, source));

/** `name-addr *( SEMI param )` */
export function readBracketed(
  octets: Octets,
  start: number,
  end: number,
  source: string,
): Result<NameAddr> {
  const at = skipSpace(octets, start, end);
  const quoted = octets.charCodeAt(at) === 0x22 ? skipQuoted(octets, at, end) : at;
  if (bracketAt(octets, Math.max(quoted, at), end) < 0)
    return badHeader("the URI has to stand in < and >", at, source);
  return parseNameAddr(octets, start, end);
}

export const formatAddresses = (addresses: readonly NameAddr[]): Octets =>
  formatList(addresses, formatNameAddr);
