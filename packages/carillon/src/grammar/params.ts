/**
 * Parameters: `*( SEMI name [ EQUAL value ] )`. RFC 3261 §25.1 (generic-param), §7.3.1 (names
 * regardless of case, each at most once).
 */
import { isToken, skipSpace, trimmed } from "./chars.ts";
import { MAX_PARAMS } from "./limits.ts";
import { findOutside, skipQuoted, unquote } from "./quoted.ts";

/** Lower-case names; a name without a value maps to the empty string. */
export type Params = ReadonlyMap<string, string>;

export const NO_PARAMS: Params = new Map<string, string>();

/**
 * Reads parameters from `start`, which stands at a semicolon or at `end`. Undefined when they
 * break the grammar: an empty or doubled name, an open quote, something that is neither token,
 * quoted string nor host.
 */
export function readParams(text: string, start: number, end: number): Params | undefined {
  let at = skipSpace(text, start, end);
  if (at === end) return NO_PARAMS;
  const params = new Map<string, string>();
  while (at < end) {
    if (text.charCodeAt(at) !== 0x3b || params.size === MAX_PARAMS) return undefined;
    const next = findOutside(text, at + 1, end, 0x3b);
    if (next < 0) return undefined;
    const equal = text.indexOf("=", at + 1);
    const hasValue = equal >= 0 && equal < next;
    const name = trimmed(text, at + 1, hasValue ? equal : next).toLowerCase();
    const value = hasValue ? readValue(trimmed(text, equal + 1, next)) : "";
    if (value === undefined || !isToken(name) || params.has(name)) return undefined;
    params.set(name, value);
    at = next;
  }
  return params;
}

/** `gen-value = token / host / quoted-string`; an empty one is taken for none. */
function readValue(text: string): string | undefined {
  if (text.charCodeAt(0) === 0x22) {
    return skipQuoted(text, 0, text.length) === text.length ? unquote(text) : undefined;
  }
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code <= 0x20 || code === 0x7f || '",<>'.includes(text[i] ?? "")) return undefined;
  }
  return text;
}
