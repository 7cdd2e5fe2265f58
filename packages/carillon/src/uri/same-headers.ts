/** Headers that stand in two URIs, each compared as its own rules say. RFC 3261 §19.1.4, §20. */
import { isToken, sameIgnoringCase } from "../grammar/chars.ts";
import { skipQuoted } from "../grammar/quoted.ts";
import { type EmbeddedHeader, embeddedHeaders } from "./embedded-headers.ts";
import { parseNameAddr } from "./name-addr.ts";
import type { SipUri } from "./sip-uri.ts";

/** Whether two URIs, as text, address the same. */
export type SameAddress = (a: string, b: string) => boolean;

//= RFC 3261 §19.1.4
//# URI header components are never ignored. Any present header component MUST be present in both
//# URIs and match for the URIs to match. The matching rules are defined for each header field in
//# Section 20.
//= RFC 3261 §19.1.4
//# The ordering of parameters and header fields is not significant in comparing SIP and SIPS URIs.
/** Several headers of one name are compared in their order, which means something in a message. */
export function sameHeaders(a: SipUri, b: SipUri, sameAddress: SameAddress): boolean {
  if (a.headers === b.headers) return true;
  const [one, other] = [ordered(a), ordered(b)];
  if (one.length !== other.length) return false;
  return one.every(({ name, value }, i) => {
    const { name: otherName, value: otherValue } = other[i] as EmbeddedHeader;
    return name === otherName && sameValue(name, value, otherValue, sameAddress);
  });
}

/** By name; what has the same name stays in order. */
const ordered = (uri: SipUri): readonly EmbeddedHeader[] =>
  [...embeddedHeaders(uri)].sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));

const ADDRESSES: ReadonlySet<string> = new Set([
  "from",
  "to",
  "contact",
  "reply-to",
  "refer-to",
  "referred-by",
  "route",
  "record-route",
]);
/** RFC 3261 §20.8, §20.16, and what holds a Call-ID or is no header. */
const CASE_COUNTS: ReadonlySet<string> = new Set([
  "call-id",
  "in-reply-to",
  "cseq",
  "replaces",
  "join",
  "target-dialog",
  "body",
]);

function sameValue(name: string, a: string, b: string, sameAddress: SameAddress): boolean {
  if (a === b) return true;
  if (CASE_COUNTS.has(name)) return false;
  return ADDRESSES.has(name) ? sameNameAddr(a, b, sameAddress) : folded(a) === folded(b);
}

//= RFC 3261 §20.20
//# Two From header fields are equivalent if their URIs match, and their parameters match. Extension
//# parameters in one header field, not present in the other are ignored for the purposes of
//# comparison. This means that the display name and presence or absence of angle brackets do not
//# affect matching.
function sameNameAddr(a: string, b: string, sameAddress: SameAddress): boolean {
  const [one, other] = [parseNameAddr(a), parseNameAddr(b)];
  if (!one.ok || !other.ok || !sameAddress(one.value.uri, other.value.uri)) return false;
  const params = other.value.params;
  if (one.value.params.has("tag") !== params.has("tag")) return false;
  return [...one.value.params].every(([name, value]) => {
    const theirs = params.get(name) ?? value;
    return isToken(value) ? sameIgnoringCase(value, theirs) : value === theirs;
  });
}

//= RFC 3261 §7.3.1
//# Unless otherwise stated in the definition of a particular header field, field values, parameter
//# names, and parameter values are case-insensitive.
//= RFC 3261 §7.3.1
//# Unless specified otherwise, values expressed as quoted strings are case-sensitive.
function folded(value: string): string {
  let out = "";
  let from = 0;
  for (let at = value.indexOf('"'); at >= 0; at = value.indexOf('"', from)) {
    const end = skipQuoted(value, at, value.length);
    if (end < 0) break;
    out += value.slice(from, at).toLowerCase() + value.slice(at, end);
    from = end;
  }
  return out + value.slice(from).toLowerCase();
}
