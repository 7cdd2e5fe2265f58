/** Parameters between commas, as authentication has them. RFC 3261 §25.1 (auth-param). */
import { isToken, trimmed } from "../../grammar/chars.ts";
import { MAX_PARAMS } from "../../grammar/limits.ts";
import type { Octets } from "../../grammar/octets.ts";
import type { Params } from "../../grammar/params.ts";
import { eachElement, quote, skipQuoted, unquote } from "../../grammar/quoted.ts";
import { formatToken } from "./token.ts";

/** `auth-param *(COMMA auth-param)`; undefined where it breaks the grammar. */
export function readCommaParams(octets: Octets, start: number): Params | undefined {
  const params = new Map<string, Octets>();
  let fine = true;
  const read = eachElement(octets, start, octets.length, MAX_PARAMS, (from, to) => {
    fine &&= readOne(octets, from, to, params);
  });
  return read && fine ? params : undefined;
}

/** `auth-param = auth-param-name EQUAL ( token / quoted-string )` */
function readOne(octets: Octets, from: number, to: number, params: Map<string, Octets>): boolean {
  const equal = octets.indexOf("=", from);
  if (equal < 0 || equal >= to) return false;
  const name = trimmed(octets, from, equal).toLowerCase();
  const value = trimmed(octets, equal + 1, to);
  const quoted = value[0] === '"';
  const fine = quoted ? skipQuoted(value, 0, value.length) === value.length : isToken(value);
  if (!fine || !isToken(name) || params.has(name)) return false;
  params.set(name, quoted ? unquote(value) : value);
  return true;
}

/** With quotes around every value but those of the names in `tokens`. */
export function formatCommaParams(params: Params, tokens: readonly string[]): Octets {
  const texts: Octets[] = [];
  for (const [name, value] of params) {
    const plain = tokens.includes(name) ? formatToken(value) : quote(value);
    texts.push(`${formatToken(name)}=${plain}`);
  }
  return texts.join(", ");
}
