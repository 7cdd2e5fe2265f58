/** What a request has to be before anything is done with it. RFC 3261 §16.3. */
import type { Incoming } from "../endpoint/incoming.ts";
import type { Reply } from "../endpoint/reply.ts";
import { isToken, parseNumber } from "../grammar/chars.ts";
import type { Octets } from "../grammar/octets.ts";
import type { HeaderName } from "../message/header-name.ts";
import { elements, findHeader, hasHeader, header } from "../message/headers.ts";
import type { Message } from "../message/message.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import type { Routes } from "./routes.ts";
import { isDowngraded } from "./sips.ts";

/** What to answer, and in words why. */
export type Refusal = Reply & { readonly why: string };

//= RFC 3261 §16.3
//# Before an element can proxy a request, it MUST verify the message's validity.
//= RFC 3261 §16.3
//# If any of these checks fail, the element MUST behave as a user agent server (see Section 8.2)
//# and respond with an error code.
//= RFC 3261 §16.3
//# The request MUST be well-formed enough to be handled with a server transaction. Any components
//# involved in the remainder of these Request Validation steps or the Request Forwarding section
//# MUST be well-formed.
//= RFC 3261 §16.3
//# Notice that a proxy is not required to detect merged requests and MUST NOT treat merged requests
//# as an error condition.
/**
 * Why a request is refused whoever sends it. Only what it needs to be forwarded is looked at.
 * Nothing in the answer depends on who lives here: strangers hear it too.
 */
export function refusalOf(from: Incoming, routes: Routes, isLoop: boolean): Refusal | undefined {
  const uri = parseSipUri(routes.uri);
  //= RFC 3261 §16.3
  //# If the Request-URI has a URI whose scheme is not understood by the proxy, the proxy SHOULD
  //# reject the request with a 416 (Unsupported URI Scheme) response.
  if (!uri.ok) return { status: uri.error.status, why: uri.error.message };
  //= RFC 5630 §5.1.1
  //# When presented with a SIPS URI, a UAC MUST NOT change it to a SIP URI.
  if (isDowngraded(from)) {
    return { status: 416, why: "a sips address needs TLS on the whole way, and this came without" };
  }
  const hops = hopsOf(from);
  if (hops === "Bad") return { status: 400, why: "Max-Forwards is not one number up to 255" };
  //= RFC 3261 §16.3
  //# If the request contains a Max-Forwards header field with a field value of zero (0), the
  //# element MUST NOT forward the request.
  //= RFC 3261 §16.3
  //# Otherwise, the element MUST return a 483 (Too many hops) response.
  if (hops === 0 && from.request.method !== "REGISTER") {
    return { status: 483, why: "it has passed too many servers" };
  }
  //= RFC 3261 §16.3
  //# If a loop is detected, the element MAY return a 482 (Loop Detected) response.
  //= RFC 5393 §4.2.2
  //# If these values are equal, the request has looped and the proxy MUST reject the request with a
  //# 482 (Loop Detected) response.
  if (isLoop) return { status: 482, why: "it has been here before: its routing goes in a circle" };
  //= RFC 3261 §10.2
  //# The To header field and the Request-URI field typically differ, as the former contains a user
  //# name. This address-of-record MUST be a SIP URI or SIPS URI.
  if (from.request.method === "REGISTER" && !parseSipUri(from.essentials.to.uri).ok) {
    return { status: 400, why: "To is no sip or sips URI, which a REGISTER needs" };
  }
  if (routes.broken !== undefined) return { status: 400, why: routes.broken };
  //= RFC 3261 §16.3
  //# If the request contains a Proxy-Require header field (Section 20.29) with one or more
  //# option-tags this element does not understand, the element MUST return a 420 (Bad Extension)
  //# response.
  return unsupported(from, "Proxy-Require");
}

/** The number in Max-Forwards; undefined without one. */
export function hopsOf({ request }: Incoming): number | undefined | "Bad" {
  const line = findHeader(request, "Max-Forwards");
  if (line < 0) return undefined;
  // With two of them, the next server could be counting the other one.
  if (findHeader(request, "Max-Forwards", line + 1) >= 0) return "Bad";
  return parseNumber(header(request, "Max-Forwards") ?? "", 255) ?? "Bad";
}

//= RFC 3261 §20.32
//# Although an optional header field, the Require MUST NOT be ignored if it is present.
//= RFC 3261 §21.4.15
//# The server MUST include a list of the unsupported extensions in an Unsupported header field in
//# the response.
/** The refusal of a request that requires an extension other than those that are `understood`. */
export function unsupported(
  { request }: Incoming,
  name: "Require" | "Proxy-Require",
  understood: readonly string[] = [],
): Refusal | undefined {
  if (!hasHeader(request, name)) return undefined;
  const tags = optionTags(request, name);
  if (!tags) return { status: 400, why: `${name} is no list of option tags` };
  //= RFC 3261 §16.3
  //# The response MUST include an Unsupported (Section 20.40) header field listing those
  //# option-tags the element did not understand.
  const unknown = tags.filter((tag) => !understood.includes(tag.toLowerCase()));
  const headers = [["Unsupported", unknown.join(", ")] as const];
  return unknown.length === 0
    ? undefined
    : { status: 420, why: `${name} is not supported`, headers };
}

/** Whether its Supported, or another header, names this extension, given in lower case. */
export const hasOptionTag = (
  message: Message,
  tag: string,
  name: "Supported" | "Require" = "Supported",
): boolean => optionTags(message, name)?.some((one) => one.toLowerCase() === tag) === true;

function optionTags(message: Message, name: HeaderName): Octets[] | undefined {
  const tags = elements(message, name);
  if (!tags.ok || !tags.value.every((tag) => isToken(tag))) return undefined;
  return [...tags.value];
}
