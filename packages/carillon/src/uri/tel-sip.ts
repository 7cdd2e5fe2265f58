/** Telephone numbers as SIP URIs, and back. RFC 3261 §19.1.6. */
import { bad, type Result } from "../grammar/result.ts";
import { escapeRest, unescapeUri } from "./escape.ts";
import type { SipUri } from "./sip-uri.ts";
import { formatSubscriber, parseTelUri, type TelUri } from "./tel-uri.ts";

//= RFC 3261 §19.1.6
//# When a tel URL (RFC 2806 [9]) is converted to a SIP or SIPS URI, the entire
//# telephone-subscriber portion of the tel URL, including any parameters, is placed into the
//# userinfo part of the SIP or SIPS URI.
//= RFC 3261 §19.1.2
//# Any characters occurring in a telephone-subscriber that do not appear in an expansion of the BNF
//# for the user rule MUST be escaped.
//= RFC 3261 §25.1
//# Note, however, that any characters allowed there that are not allowed in the user part of the
//# SIP URI MUST be escaped.
/**
 * `sip:NUMBER@host;user=phone`: the number at this gateway or domain. Parameters stand in the order
 * of RFC 3966 §3, the newer one. RFC 3261 §19.1.6.
 */
export function telToSip(tel: TelUri, host: string, scheme: "sip" | "sips" = "sip"): SipUri {
  return {
    scheme,
    user: escapeRest(lowerCase(formatSubscriber(tel))),
    password: undefined,
    host: host.toLowerCase(),
    port: undefined,
    params: new Map([["user", "phone"]]),
    headers: undefined,
  };
}

//= RFC 3261 §19.1.6
//# To mitigate this problem, elements constructing telephone-subscriber fields to place in the
//# userinfo part of a SIP or SIPS URI SHOULD fold any case-insensitive portion of
//# telephone-subscriber to lower case, and order the telephone-subscriber parameters lexically by
//# parameter name, excepting isdn-subaddress and post-dial, which occur first and in that order.
function lowerCase(subscriber: string): string {
  return subscriber.toLowerCase().replace(/%[0-9a-f]{2}/g, (triplet) => triplet.toUpperCase());
}

/**
 * The number that the user part of a SIP URI is, if the URI says that it is one.
 * RFC 3261 §19.1.6.
 *
 * Errors: `bad-uri` (400) without `user=phone`, or where the user part is no number.
 */
export function sipToTel(uri: SipUri): Result<TelUri> {
  if (uri.params.get("user")?.toLowerCase() !== "phone" || uri.user === undefined) {
    return bad("bad-uri", "not a telephone number: user=phone is missing", 0, "RFC 3261 §19.1.6");
  }
  const semicolon = uri.user.indexOf(";");
  const end = semicolon < 0 ? uri.user.length : semicolon;
  // A number has no escapes of its own: # comes as %23 because a user part cannot hold it.
  const number = unescapeUri(uri.user.slice(0, end));
  // These stand in a parameter as they are, but not in a user part: `telToSip` escaped them.
  const params = uri.user.slice(end).replace(/%(?:3a|5b|5d)/gi, unescapeUri);
  return parseTelUri(`tel:${number}${params}`);
}
