/** What a proxy changes in a message it forwards, as edits to its text. RFC 3261 §16.6, §16.7. */
import { parseCredentials } from "../auth/credentials.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import { parseNumber, skipSpace } from "../grammar/chars.ts";
import type { Octets } from "../grammar/octets.ts";
import { unfold } from "../grammar/quoted.ts";
import {
  elementSpans,
  findHeader,
  hasHeader,
  lineSpan,
  type Span,
  valueSpan,
} from "../message/headers.ts";
import type { Message, Request, Response } from "../message/message.ts";
import { Splicing } from "../message/splicing.ts";
import type { Via } from "../message/via.ts";
import { isWithheld } from "./trust-domain.ts";

/** What is changed in a request that is sent on. RFC 3261 §16.6. */
export interface Forwarding {
  /** Takes the place of the Request-URI. */
  readonly uri: Octets;
  /** The Via line's value. */
  readonly via: Octets;
  /** Max-Breadth: this copy's share. */
  readonly breadth: number;
  /** Record-Route values, the topmost first. */
  readonly recordRoutes?: readonly Octets[];
  /** Route values that it gets: they come before all that are in it. */
  readonly preloaded?: readonly Octets[];
  /** Whole lines that it gets before all that are in it, the last of them first. */
  readonly added?: readonly Octets[];
  /** Where the Route elements stand that have done their work. */
  readonly usedRoutes?: readonly Span[];
  /** Credentials for this realm have done theirs. */
  readonly realm: Octets;
  /** Whether it goes out on a stream, where Content-Length tells messages apart. */
  readonly stream?: boolean;
  /** Whether its word is believed on where it has been and who vouches; not, if left out. */
  readonly isBelieved?: () => boolean;
}

//= RFC 3261 §16.6
//# The copy MUST initially contain all of the header fields from the received request. Fields not
//# detailed in the processing described below MUST NOT be removed. The copy SHOULD maintain the
//# ordering of the header fields as in the received request. The proxy MUST NOT reorder field
//# values with a common field name (See Section 7.3.1). The proxy MUST NOT add to, modify, or
//# remove the message body.
/**
 * The text to send on: one walk over the header lines, and what is not touched goes as it came.
 * RFC 3261 §16.6.
 */
export function forwardRequest(from: Incoming, how: Forwarding): Octets {
  const { request } = from;
  const { headers, text } = request;
  const copy = new Splicing(text);
  const uriStart = request.method.length + 1;
  //= RFC 3261 §16.6
  //# The Request-URI in the copy's start line MUST be replaced with the URI for this target.
  const uriEnd = uriStart + request.uri.length;
  copy.replace(uriStart, uriEnd, how.uri);
  upperCaseVersion(copy, text, uriEnd + 1);
  const walk: Walk = { from, how, copy, seen: 0 };
  for (let line = 0; line < headers.names.length; line++) forwardLine(walk, line);
  const bodyEnd = headers.end + 2 + request.body.length;
  //= RFC 3261 §16.6
  //# If the request will be sent to the next hop using a stream-based transport and the copy
  //# contains no Content-Length header field, the proxy MUST insert one with the correct value for
  //# the body of the request (see Section 20.14).
  if (how.stream === true) insertLength(copy, request);
  //= RFC 3261 §18.3
  //# If there are additional bytes in the transport packet beyond the end of the body, they MUST be
  //# discarded.
  return copy.finish(bodyEnd);
}

//= RFC 3261 §7.1
//# The SIP-Version string is case-insensitive, but implementations MUST send upper-case.
function upperCaseVersion(copy: Splicing, text: Octets, start: number): void {
  if (!text.startsWith(VERSION, start)) copy.replace(start, start + VERSION.length, VERSION);
}

const VERSION = "SIP/2.0";

/** How far the copy is. */
interface Walk {
  readonly from: Incoming;
  readonly how: Forwarding;
  readonly copy: Splicing;
  /** Which of the headers that count once have come by: see below. */
  seen: number;
}
const [VIA, RECORD_ROUTE, MAX_FORWARDS, MAX_BREADTH] = [1, 2, 4, 8];

function forwardLine(walk: Walk, line: number): void {
  const { from, how, copy } = walk;
  const { request } = from;
  const name = request.headers.names[line];
  switch (name) {
    case "Via":
      if (isFirst(walk, VIA)) forwardTopVia(walk, line);
      return;
    case "Record-Route":
      if (isFirst(walk, RECORD_ROUTE)) insertRecordRoutes(walk, line);
      return;
    case "Max-Forwards":
      if (isFirst(walk, MAX_FORWARDS)) oneHopLess(walk, line);
      return;
    case "Max-Breadth": {
      if (!isFirst(walk, MAX_BREADTH)) return;
      const { start, end } = valueSpan(request, line);
      return copy.replace(start, end, String(how.breadth));
    }
    case "Route":
      return how.usedRoutes?.length ? removeRoutes(copy, request, line, how.usedRoutes) : undefined;
    case "Proxy-Authorization":
    case "Authorization":
      return areForUs(lineValueOf(request, line), how.realm)
        ? removeLine(copy, request, line)
        : undefined;
    // What servers say of a call, and a phone could make up: whose it was before, who vouches for
    // its number. From another domain's server, or a gateway that is trusted, it is passed on.
    case "Identity":
    case "Identity-Info":
    case "Diversion":
    case "History-Info":
    case "remote-party-id":
      return how.isBelieved?.() === true ? undefined : removeLine(copy, request, line);
    default:
      return isWithheld(name) ? removeLine(copy, request, line) : undefined;
  }
}

function isFirst(walk: Walk, which: number): boolean {
  const first = (walk.seen & which) === 0;
  walk.seen |= which;
  return first;
}

/** What is changed in a response that is sent on. RFC 3261 §16.7. */
export interface ResponseForwarding {
  /** Whole lines to add at the end of the headers. */
  readonly more?: readonly Octets[];
  /** Whether it goes out on a stream, where Content-Length tells messages apart. */
  readonly stream?: boolean;
}

/**
 * The response without its topmost Via, which was ours. Undefined if no other Via is in it: then it
 * was for this element. RFC 3261 §16.7.
 */
export function forwardResponse(
  response: Response,
  via: Via,
  { more = [], stream = false }: ResponseForwarding = {},
): Octets | undefined {
  //= RFC 3261 §16.7
  //# If no Via header field values remain in the response, the response was meant for this element
  //# and MUST NOT be forwarded.
  if (isForUsAlone(response, via)) return undefined;
  //= RFC 3261 §16.7
  //# The proxy MUST NOT add to, modify, or remove the message body. Unless otherwise specified, the
  //# proxy MUST NOT remove any header field values other than the Via header field value discussed
  //# in Section 16.7 Item 3. In particular, the proxy MUST NOT remove any "received" parameter it
  //# may have added to the next Via header field value while processing the request associated with
  //# this response.
  const { names, end } = response.headers;
  const copy = new Splicing(response.text);
  upperCaseVersion(copy, response.text, 0);
  let isTop = true;
  for (let line = 0; line < names.length; line++) {
    const name = names[line];
    if (name === "Via") {
      if (isTop) removeTopVia(copy, response, line, via);
      isTop = false;
    } else if (isWithheld(name)) {
      removeLine(copy, response, line);
    }
  }
  if (more.length > 0) copy.replace(end, end, more.join(""));
  if (stream) insertLength(copy, response);
  return copy.finish(end + 2 + response.body.length);
}

/** Whether no other Via is in it than ours on top. */
export function isForUsAlone(response: Response, via: Via): boolean {
  const line = findHeader(response, "Via");
  return via.end >= valueSpan(response, line).end && findHeader(response, "Via", line + 1) < 0;
}

//= RFC 3261 §16.7
//# The proxy removes the topmost Via header field value from the response.
function removeTopVia(copy: Splicing, response: Response, line: number, via: Via): void {
  const { end } = valueSpan(response, line);
  if (via.end >= end) return removeLine(copy, response, line);
  const comma = response.text.indexOf(",", via.end);
  copy.replace(via.start, skipSpace(response.text, comma + 1, end), "");
}

/** Our Via above the others; above them, too, whatever is not there yet. */
function forwardTopVia(walk: Walk, line: number): void {
  const { copy, how, from } = walk;
  const { names } = from.request.headers;
  const { start } = lineSpan(from.request, line);
  //= RFC 5393 §4.2.1
  //# The proxy MUST insert a Via header field value into the copy before the existing Via header
  //# field values.
  //= RFC 3261 §16.6
  //# The proxy MUST insert a Via header field value into the copy before the existing Via header
  //# field values.
  copy.replace(start, start, `Via: ${how.via}\r\n`);
  if (isFirst(walk, RECORD_ROUTE)) insertRecordRoutes(walk, line);
  //= RFC 3261 §16.6
  //# If the copy does not contain a Max-Forwards header field, the proxy MUST add one with a field
  //# value, which SHOULD be 70.
  if (!names.includes("Max-Forwards")) copy.replace(start, start, `Max-Forwards: ${MAX_HOPS}\r\n`);
  //= RFC 5393 §5.3.3
  //# All proxied requests MUST contain a single Max-Breadth header field value.
  if (!names.includes("Max-Breadth")) {
    copy.replace(start, start, `Max-Breadth: ${how.breadth}\r\n`);
  }
  for (const value of how.preloaded ?? []) copy.replace(start, start, `Route: ${value}\r\n`);
  for (const line of how.added ?? []) copy.replace(start, start, line);
  const edit = from.viaEdit;
  if (edit) copy.replace(edit.start, edit.end, edit.text);
}

//= RFC 3261 §16.6
//# If this proxy wishes to remain on the path of future requests in a dialog created by this
//# request (assuming the request creates a dialog), it MUST insert a Record-Route header field
//# value into the copy before any existing Record-Route header field values, even if a Route
//# header field is already present.
function insertRecordRoutes({ from, how, copy }: Walk, line: number): void {
  const { start } = lineSpan(from.request, line);
  for (const value of how.recordRoutes ?? []) {
    copy.replace(start, start, `Record-Route: ${value}\r\n`);
  }
}

//= RFC 3261 §16.6
//# If the copy contains a Max-Forwards header field, the proxy MUST decrement its value by one
//# (1).
// Nobody goes further than who says nothing: two servers that are routed at each other would pass a
// request of 255 hops between them 255 times.
function oneHopLess({ from: { request }, copy }: Walk, line: number): void {
  const { start, end } = valueSpan(request, line);
  const value = parseNumber(unfold(request.text.slice(start, end)), 255) ?? MAX_HOPS;
  copy.replace(start, end, String(Math.max(0, Math.min(value, MAX_HOPS) - 1)));
}

const MAX_HOPS = 70;

/** Takes elements out of a Route line, and the whole line when none is left in it. */
function removeRoutes(copy: Splicing, request: Request, line: number, used: readonly Span[]): void {
  const { start, end } = valueSpan(request, line);
  // A line of its own is what nearly every Route is.
  if (used.some((gone) => gone.start === start && gone.end === end)) {
    return removeLine(copy, request, line);
  }
  const all = elementSpans(request, "Route");
  const within = all.ok ? all.value.filter((one) => one.start >= start && one.end <= end) : [];
  const kept = within.filter((one) => !used.some((gone) => gone.start === one.start));
  if (kept.length === within.length) return;
  const [first, last] = [kept[0], kept.at(-1)];
  if (!first || !last) return removeLine(copy, request, line);
  copy.replace(start, first.start, "");
  copy.replace(last.end, end, "");
}

function removeLine(copy: Splicing, message: Message, line: number): void {
  const { start, end } = lineSpan(message, line);
  copy.replace(start, end, "");
}

//= RFC 7616 §3.6
//# Proxies MUST be completely transparent in the Digest access authentication scheme. That is, they
//# MUST forward the WWW-Authenticate, Authentication-Info, and Authorization header fields
//# untouched.
/**
 * Credentials that were for us. A token is good at this domain, for whoever holds it, and must not
 * travel on in whatever header it stands and however it is spelled.
 */
//= RFC 3261 §22.3
//# Proxies MUST NOT add values to the Proxy-Authorization header field.
//= RFC 3261 §22.3
//# When multiple proxies are used in a chain, a Proxy-Authorization header field value MUST NOT be
//# consumed by any proxy whose realm does not match the "realm" parameter specified in that value.
export function areForUs(text: Octets, realm: Octets): boolean {
  if (/(?:^|,)\s*bearer\b/i.test(text)) return true;
  const credentials = parseCredentials(text);
  // What we cannot read somebody else may: `Authorization: : Bearer …`.
  if (!credentials.ok) return /\bbearer\b/i.test(text);
  return credentials.value.kind === "Digest" && credentials.value.realm === realm;
}

function lineValueOf(request: Request, line: number): Octets {
  const { start, end } = valueSpan(request, line);
  return unfold(request.text.slice(start, end));
}

function insertLength(copy: Splicing, message: Message): void {
  if (hasHeader(message, "Content-Length")) return;
  const { end } = message.headers;
  copy.replace(end, end, `Content-Length: ${message.body.length}\r\n`);
}
