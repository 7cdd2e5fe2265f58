/**
 * SIP URIs in their frequent spelling: `sip:user@host:port;param=value`, without escapes, password,
 * headers or IPv6. Whatever looks otherwise is left to the full reader in sip-uri.ts.
 */
import { isHostCode, isUriParamCode, isUserCode } from "../grammar/chars.ts";
import { LazyParams } from "../grammar/lazy-params.ts";
import type { Octets } from "../grammar/octets.ts";
import { NO_PARAMS, type Params } from "../grammar/params.ts";
import { isHost } from "./host.ts";
import type { SipUri } from "./sip-uri.ts";
import { readUriParams } from "./uri-params.ts";

const SEMICOLON = 0x3b;
const COLON = 0x3a;
const EQUAL = 0x3d;

/** Undefined where the full reader has to look. */
export function readPlainSipUri(text: Octets): SipUri | undefined {
  const isSip = text.startsWith("sip:");
  if (!isSip && !text.startsWith("sips:")) return undefined;
  const start = isSip ? 4 : 5;
  const at = text.indexOf("@", start);
  for (let i = start; i < at; i++) if (!isUserCode(text.charCodeAt(i))) return undefined;
  if (at === start) return undefined;
  const hostStart = at < 0 ? start : at + 1;
  let hostEnd = hostStart;
  while (hostEnd < text.length && isHostCode(text.charCodeAt(hostEnd))) hostEnd++;
  const host = text.slice(hostStart, hostEnd);
  if (!isHost(host)) return undefined;
  let end = hostEnd;
  let port: number | undefined;
  if (text.charCodeAt(end) === COLON) {
    port = 0;
    for (let digit = digitAt(text, ++end); digit >= 0; digit = digitAt(text, ++end)) {
      port = port * 10 + digit;
    }
    if (end === hostEnd + 1 || end > hostEnd + 6 || port > 65_535) return undefined;
  }
  const params = end === text.length ? NO_PARAMS : plainParams(text, end);
  if (!params) return undefined;
  return {
    scheme: isSip ? "sip" : "sips",
    user: at < 0 ? undefined : text.slice(start, at),
    password: undefined,
    host: host.toLowerCase(),
    port,
    params,
    headers: undefined,
  };
}

function digitAt(text: Octets, at: number): number {
  const digit = at < text.length ? text.charCodeAt(at) - 0x30 : -1;
  return digit <= 9 ? digit : -1;
}

/** `*( ";" pname [ "=" pvalue ] )` to the end of the text; of one name there is nothing to read. */
function plainParams(text: Octets, start: number): Params | undefined {
  if (text.length === start + 3 && text.startsWith(";lr", start)) return LR;
  let lengths = 0;
  for (let at = start; at < text.length; ) {
    if (text.charCodeAt(at) !== SEMICOLON) return undefined;
    const nameEnd = paramWordEnd(text, at + 1);
    const length = nameEnd - at - 1;
    // Two names of one length may be the same.
    if (length === 0 || length > 30 || (lengths & (1 << length)) !== 0) return undefined;
    lengths |= 1 << length;
    const hasValue = nameEnd < text.length && text.charCodeAt(nameEnd) === EQUAL;
    at = hasValue ? paramWordEnd(text, nameEnd + 1) : nameEnd;
  }
  return new LazyParams(text, start, text.length, readUriParams);
}

const LR: Params = new Map([["lr", ""]]);

function paramWordEnd(text: Octets, start: number): number {
  let at = start;
  while (at < text.length && isUriParamCode(text.charCodeAt(at))) at++;
  return at;
}
