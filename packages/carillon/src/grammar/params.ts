/**
 * Parameters: `*( SEMI name [ EQUAL value ] )`. RFC 3261 §25.1 (generic-param), §7.3.1 (names
 * regardless of case, each at most once).
 */
import { isHex, isToken, isTokenCode, skipSpace, trimmed } from "./chars.ts";
import { MAX_PARAMS } from "./limits.ts";
import { findOutside, quote, skipQuoted, unquote } from "./quoted.ts";

/** Lower-case names; a name without a value maps to the empty string. RFC 3261 §7.3.1. */
export type Params = ReadonlyMap<string, string>;

export const NO_PARAMS: Params = new Map<string, string>();

/**
 * Reads parameters from `start`, which stands at a semicolon or at `end`. Undefined when they
 * break the grammar: an empty or doubled name, an open quote, something that is neither token,
 * quoted string nor host. `read` says what a value is where a header has more than that.
 */
export function readParams(
  text: string,
  start: number,
  end: number,
  read: (text: string) => string | undefined = readValue,
): Params | undefined {
  let at = skipSpace(text, start, end);
  if (at === end) return NO_PARAMS;
  const params = new Map<string, string>();
  while (at < end) {
    const plain = readPlain(text, at, end, params);
    if (plain < 0) return undefined;
    if (plain > 0) {
      at = plain;
      continue;
    }
    if (text.charCodeAt(at) !== 0x3b || params.size === MAX_PARAMS) return undefined;
    const next = findOutside(text, at + 1, end, 0x3b);
    if (next < 0) return undefined;
    const equal = text.indexOf("=", at + 1);
    const hasValue = equal >= 0 && equal < next;
    const name = trimmed(text, at + 1, hasValue ? equal : next).toLowerCase();
    const value = hasValue ? read(trimmed(text, equal + 1, next)) : "";
    if (value === undefined || !isToken(name) || params.has(name)) return undefined;
    params.set(name, value);
    at = next;
  }
  return params;
}

/**
 * Nearly all parameters are `;name` or `;name=token` without white space, and are read here in one
 * go. Where the next one starts; 0 if this one has to be looked at more closely; -1 if it is bad.
 */
function readPlain(text: string, start: number, end: number, params: Map<string, string>): number {
  if (text.charCodeAt(start) !== 0x3b) return 0;
  let at = start + 1;
  while (at < end && isTokenCode(text.charCodeAt(at))) at++;
  const nameEnd = at;
  if (text.charCodeAt(at) === 0x3d && at < end) {
    at++;
    while (at < end && isTokenCode(text.charCodeAt(at))) at++;
  }
  if (nameEnd === start + 1 || (at < end && text.charCodeAt(at) !== 0x3b)) return 0;
  const name = text.slice(start + 1, nameEnd).toLowerCase();
  if (params.size === MAX_PARAMS || params.has(name)) return -1;
  params.set(name, nameEnd < at ? text.slice(nameEnd + 1, at) : "");
  return at;
}

/** `gen-value = token / host / quoted-string`; an empty one is taken for none. */
export function readValue(text: string): string | undefined {
  if (text.charCodeAt(0) === 0x22) {
    return skipQuoted(text, 0, text.length) === text.length ? unquote(text) : undefined;
  }
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code <= 0x20 || code === 0x7f || '",<>'.includes(text.charAt(i))) return undefined;
  }
  return text;
}

/** The parameters as text, each with its semicolon. Throws a RangeError on what is none. */
export function formatParams(params: Params): string {
  let text = "";
  for (const [name, value] of params) text += formatParam(name, value);
  return text;
}

//= RFC 3261 §25.1
//# These special characters MUST be in a quoted string to be used within a parameter value.
/** `;name`, `;name=value` or `;name="value"`: quoted where it is neither token nor address. */
export function formatParam(name: string, value: string): string {
  if (!isToken(name)) throw new RangeError(`not the name of a parameter: ${JSON.stringify(name)}`);
  if (value === "") return `;${name}`;
  return `;${name}=${isToken(value) || isReference(value) ? value : quote(value)}`;
}

/** An IPv6 address in its brackets, as far as its characters tell. */
function isReference(text: string): boolean {
  if (text[0] !== "[" || text.indexOf("]") !== text.length - 1) return false;
  for (let i = 1; i < text.length - 1; i++) {
    if (!isHex(text, i, i + 1) && !":.".includes(text.charAt(i))) return false;
  }
  return text.length > 2;
}
