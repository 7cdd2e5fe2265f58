/** SIP and SIPS URIs. RFC 3261 §19.1, §25.1. */
import { isPassword, isUriHeader, isUser, sameIgnoringCase } from "../grammar/chars.ts";
import type { Params } from "../grammar/params.ts";
import { bad, ok, type Result } from "../grammar/result.ts";
import { comparable } from "./escape.ts";
import { formatHost, readHostPort, sameHost } from "./host.ts";
import { readPlainSipUri } from "./plain-sip-uri.ts";
import { sameHeaders } from "./same-headers.ts";
import { readUriParams } from "./uri-params.ts";

export { escapeUser, unescapeUri } from "./escape.ts";

/** `sip:user:password@host:port;params?headers`, escapes kept as they came. */
export interface SipUri {
  /** Lower case, whatever it was on the wire. */
  readonly scheme: "sip" | "sips";
  /** Raw, with its %HH escapes: `unescapeUri` it to compare or show it. */
  readonly user: string | undefined;
  /** Raw, as `user` is. RFC 3261 §19.1.1 advises against it; it is kept for comparison. */
  readonly password: string | undefined;
  /** Lower case, IPv6 without brackets. */
  readonly host: string;
  /** 0 to 65535; undefined where the URI has none, which is not the same as the default one. */
  readonly port: number | undefined;
  /** Names in lower case and without needless escapes, raw values; empty for a name alone. */
  readonly params: Params;
  /** What stands behind the question mark, raw. */
  readonly headers: string | undefined;
}

const SECTION = "RFC 3261 §19.1.1";
const fail = (what: string, offset: number) => bad("bad-uri", what, offset, SECTION);

/**
 * Reads a whole SIP or SIPS URI. RFC 3261 §19.1.1.
 *
 * `SIP-URI = "sip:" [ userinfo ] hostport uri-parameters [ headers ]`
 *
 * Errors: `bad-uri` (400), `unsupported-scheme` (416).
 */
export function parseSipUri(text: string): Result<SipUri> {
  if (text === latest.text) return latest.result;
  const plain = readPlainSipUri(text);
  const result = plain ? ok(plain) : readSipUri(text);
  latest = { text, result };
  return result;
}

/** A proxy asks about one Request-URI five times on end, each time for another reason. */
let latest: { readonly text: string; readonly result: Result<SipUri> } = {
  text: "",
  result: readSipUri(""),
};

/** The full reader: all there may be, and what is wrong with the rest. */
export function readSipUri(text: string): Result<SipUri> {
  const scheme = readScheme(text);
  if (scheme === undefined) {
    return bad("unsupported-scheme", "only sip and sips are known", 0, "RFC 3261 §8.2.2.1", 416);
  }
  const start = scheme.length + 1;
  const at = text.indexOf("@", start);
  const hostStart = at < 0 ? start : at + 1;
  const question = text.indexOf("?", hostStart);
  const paramsEnd = question < 0 ? text.length : question;
  const semicolon = text.indexOf(";", hostStart);
  const hostEnd = semicolon < 0 || semicolon > paramsEnd ? paramsEnd : semicolon;

  const where = readHostPort(text.slice(hostStart, hostEnd));
  if (!where)
    return fail("expected a host name or an IP address, and a port up to 65535", hostStart);
  const userInfo = at < 0 ? undefined : readUserInfo(text.slice(start, at));
  if (at >= 0 && !userInfo) return fail("the user part holds a character it may not", start);
  const params = readUriParams(text, hostEnd, paramsEnd);
  if (!params) return fail("the parameters break the grammar", hostEnd);
  const headers = question < 0 ? undefined : text.slice(question + 1);
  if (headers !== undefined && !areUriHeaders(headers)) return fail("bad headers", question);
  const { user, password } = userInfo ?? {};
  return ok({ scheme, user, password, ...where, params, headers });
}

/**
 * The URI as text; what was parsed and not changed comes out the same but for the case of host and
 * parameter names, and the `=` of an empty value.
 */
export function formatSipUri(uri: SipUri): string {
  const password = uri.password === undefined ? "" : `:${uri.password}`;
  const userInfo = uri.user === undefined ? "" : `${uri.user}${password}@`;
  const port = uri.port === undefined ? "" : `:${uri.port}`;
  let text = `${uri.scheme}:${userInfo}${formatHost(uri.host)}${port}`;
  for (const [name, value] of uri.params) text += value === "" ? `;${name}` : `;${name}=${value}`;
  return uri.headers === undefined ? text : `${text}?${uri.headers}`;
}

/** Whether two URIs address the same thing. RFC 3261 §19.1.4. */
export function sameSipUri(a: SipUri, b: SipUri): boolean {
  //= RFC 3261 §19.1.4
  //# A SIP and SIPS URI are never equivalent.
  if (a.scheme !== b.scheme) return false;
  //= RFC 3261 §19.1.4
  //# Comparison of the userinfo of SIP and SIPS URIs is case-sensitive.
  if (comparable(a.user) !== comparable(b.user)) return false;
  if ((a.password === undefined) !== (b.password === undefined)) return false;
  if (comparable(a.password) !== comparable(b.password)) return false;
  //= RFC 3261 §19.1.4
  //# A URI omitting any component with a default value will not match a URI explicitly containing
  //# that component with its default value.
  if (!sameHost(a.host, b.host) || a.port !== b.port) return false;
  return sameParams(a.params, b.params) && sameHeaders(a, b, sameWithin);
}

/** Addresses in embedded headers; their own headers, two URIs deep, are compared as they stand. */
function sameWithin(a: string, b: string): boolean {
  const [one, other] = [parseSipUri(a), parseSipUri(b)];
  if (!one.ok || !other.ok) return a === b;
  const without = (uri: SipUri): SipUri => ({ ...uri, headers: undefined });
  const isSameBelow = one.value.headers === other.value.headers;
  return isSameBelow && sameSipUri(without(one.value), without(other.value));
}

/** Parameters that count even when only one of the two URIs has them. */
const ALWAYS_COMPARED = ["user", "ttl", "method", "maddr", "transport"];

function sameParams(a: Params, b: Params): boolean {
  for (const name of ALWAYS_COMPARED) if (a.has(name) !== b.has(name)) return false;
  for (const [name, value] of a) {
    const other = b.get(name);
    //= RFC 3261 §19.1.4
    //# Any uri-parameter appearing in both URIs must match.
    if (other !== undefined && !sameIgnoringCase(comparable(value), comparable(other)))
      return false;
  }
  return true;
}

function readScheme(text: string): "sip" | "sips" | undefined {
  const scheme = text.slice(0, Math.max(0, text.indexOf(":"))).toLowerCase();
  return scheme === "sip" || scheme === "sips" ? scheme : undefined;
}

/** `userinfo = ( user / telephone-subscriber ) [ ":" password ] "@"` */
function readUserInfo(text: string): { user: string; password: string | undefined } | undefined {
  const colon = text.indexOf(":");
  const user = colon < 0 ? text : text.slice(0, colon);
  const password = colon < 0 ? undefined : text.slice(colon + 1);
  //= RFC 3261 §19.1.1
  //# If the @ sign is present in a SIP or SIPS URI, the user field MUST NOT be empty.
  //= RFC 3261 §19.1.2
  //# URIs MUST NOT contain unescaped space and control characters.
  if (user === "" || !isUser(user)) return undefined;
  return password === undefined || isPassword(password) ? { user, password } : undefined;
}

/** `headers = "?" header *( "&" header )`, `header = hname "=" hvalue` */
function areUriHeaders(headers: string): boolean {
  return headers.split("&").every((header) => {
    const equal = header.indexOf("=");
    return equal > 0 && isUriHeader(header.slice(0, equal)) && isUriHeader(header.slice(equal + 1));
  });
}
