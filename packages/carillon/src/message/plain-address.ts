/** From and To in their frequent spelling: `"Name" <uri>;tag=token`. RFC 3261 §20.20, §20.39. */
import { isTokenCode } from "../grammar/chars.ts";
import { LazyParams } from "../grammar/lazy-params.ts";
import type { Octets } from "../grammar/octets.ts";
import { NO_PARAMS, readParams } from "../grammar/params.ts";
import type { NameAddr } from "../uri/name-addr.ts";
import { plainParamsEnd } from "./plain-params.ts";

const SP = 0x20;
const QUOTE = 0x22;
const LAQUOT = 0x3c;
const RAQUOT = 0x3e;
const SEMICOLON = 0x3b;

/**
 * The value from `start` to `end`; undefined for the full reader. Where its tag stands,
 * `foundParams` says until the next call.
 */
export function readPlainAddress(
  text: Octets,
  bytes: Uint8Array,
  start: number,
  end: number,
): NameAddr | undefined {
  const isQuoted = bytes[start] === QUOTE;
  const nameStart = isQuoted ? start + 1 : start;
  let at = nameStart;
  if (isQuoted) while (QUOTED[bytes[at]!] === 1) at++;
  else while (isTokenCode(bytes[at]!) || bytes[at] === SP) at++;
  let nameEnd = at;
  if (isQuoted && bytes[at++] !== QUOTE) return undefined;
  while (bytes[at] === SP) at++;
  if (bytes[at] !== LAQUOT) return undefined;
  while (!isQuoted && nameEnd > nameStart && bytes[nameEnd - 1] === SP) nameEnd--;
  const uriStart = ++at;
  while (URI_CODE[bytes[at]!] === 1) at++;
  const uriEnd = at++;
  if (uriEnd === uriStart || bytes[uriEnd] !== RAQUOT) return undefined;
  if (at !== end && bytes[at] !== SEMICOLON) return undefined;
  if (plainParamsEnd(bytes, at, end) !== end) return undefined;
  const displayName = nameEnd === nameStart ? "" : text.slice(nameStart, nameEnd);
  const uri = text.slice(uriStart, uriEnd);
  const params = uriEnd + 1 === end ? NO_PARAMS : new LazyParams(text, uriEnd + 1, end, readParams);
  return { displayName, uri, params };
}

/** ASCII without a quote or a backslash. */
const QUOTED: Uint8Array = Uint8Array.from({ length: 256 }, (_, code) =>
  code >= SP && code < 0x7f && code !== QUOTE && code !== 0x5c ? 1 : 0,
);

/** Whatever does not end a URI in another reader's eyes: `hasDelimiter` of uri/name-addr.ts. */
const URI_CODE: Uint8Array = Uint8Array.from({ length: 256 }, (_, code) =>
  code > SP && code !== 0x7f && code !== QUOTE && code !== LAQUOT && code !== RAQUOT ? 1 : 0,
);
