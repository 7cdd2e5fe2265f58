/** What a proxy changes in a message it forwards, as edits to its text. RFC 3261 §16.6, §16.7. */
import { parseCredentials } from "../auth/credentials.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import { parseNumber, skipSpace } from "../grammar/chars.ts";
import type { Octets } from "../grammar/octets.ts";
import { unfold } from "../grammar/quoted.ts";
import type { HeaderName } from "../message/header-name.ts";
import {
  elementSpans,
  findHeader,
  hasHeader,
  header,
  lineSpan,
  type Span,
  valueSpan,
} from "../message/headers.ts";
import type { Message, Request, Response } from "../message/message.ts";
import { type Edit, splice } from "../message/splice.ts";
import type { Via } from "../message/via.ts";

export interface Forwarding {
  /** Takes the place of the Request-URI. */
  readonly uri: Octets;
  /** The Via line's value. */
  readonly via: Octets;
  /** Max-Breadth: this copy's share. */
  readonly breadth: number;
  /** Record-Route values, the topmost first. */
  readonly recordRoutes?: readonly Octets[];
  /** Where the Route elements stand that have done their work. */
  readonly usedRoutes?: readonly Span[];
  /** Credentials for this realm have done theirs. */
  readonly realm: Octets;
  /** Whether it goes out on a stream, where Content-Length tells messages apart. */
  readonly stream?: boolean;
}

//= RFC 3261 §16.6
//# The copy MUST initially contain all of the header fields from the received request. Fields not
//# detailed in the processing described below MUST NOT be removed. The copy SHOULD maintain the
//# ordering of the header fields as in the received request. The proxy MUST NOT reorder field
//# values with a common field name (See Section 7.3.1). The proxy MUST NOT add to, modify, or
//# remove the message body.
/** The text to send on. */
export function forwardRequest(from: Incoming, how: Forwarding): Octets {
  const { request, viaEdit } = from;
  const edits: Edit[] = [...pathEdits(request, how), maxForwardsEdit(request)];
  edits.push(maxBreadthEdit(request, how.breadth));
  //= RFC 3261 §16.6
  //# The Request-URI in the copy's start line MUST be replaced with the URI for this target.
  if (how.uri !== request.uri) edits.push(uriEdit(request, how.uri));
  if (viaEdit) edits.push(viaEdit);
  edits.push(...routeRemovals(request, how.usedRoutes ?? []));
  edits.push(...credentialRemovals(request, how.realm), ...identityRemovals(request));
  edits.push(...lengthEdits(request, how.stream ?? false));
  return splice(request.text, edits);
}

export interface ResponseForwarding {
  /** Whole lines to add at the end of the headers. */
  readonly more?: readonly Octets[];
  readonly stream?: boolean;
}

/** The response without its topmost Via, which was ours. Undefined if no other Via is in it. */
export function forwardResponse(
  response: Response,
  via: Via,
  { more = [], stream = false }: ResponseForwarding = {},
): Octets | undefined {
  const edit = viaRemoval(response, via);
  //= RFC 3261 §16.7
  //# If no Via header field values remain in the response, the response was meant for this element
  //# and MUST NOT be forwarded.
  if (!edit) return undefined;
  const end = response.headers.end;
  //= RFC 3261 §16.7
  //# The proxy MUST NOT add to, modify, or remove the message body. Unless otherwise specified, the
  //# proxy MUST NOT remove any header field values other than the Via header field value discussed
  //# in Section 16.7 Item 3. In particular, the proxy MUST NOT remove any "received" parameter it
  //# may have added to the next Via header field value while processing the request associated with
  //# this response.
  const edits = [edit, ...identityRemovals(response), ...lengthEdits(response, stream)];
  return splice(response.text, [...edits, { start: end, end, text: more.join("") }]);
}

const uriEdit = ({ method, uri }: Request, text: Octets): Edit => {
  const start = method.length + 1;
  return { start, end: start + uri.length, text };
};

/** Our Via above the others, and our Record-Route above the others. */
function pathEdits(request: Request, { via, recordRoutes = [] }: Forwarding): Edit[] {
  //= RFC 5393 §4.2.1
  //# The proxy MUST insert a Via header field value into the copy before the existing Via header
  //# field values.
  //= RFC 3261 §16.6
  //# The proxy MUST insert a Via header field value into the copy before the existing Via header
  //# field values.
  const top = lineSpan(request, findHeader(request, "Via")).start;
  //= RFC 3261 §16.6
  //# If this proxy wishes to remain on the path of future requests in a dialog created by this
  //# request (assuming the request creates a dialog), it MUST insert a Record-Route header field
  //# value into the copy before any existing Record-Route header field values, even if a Route
  //# header field is already present.
  const routes = recordRoutes.map((value) => `Record-Route: ${value}\r\n`).join("");
  const first = findHeader(request, "Record-Route");
  const above = first < 0 ? top : Math.min(top, lineSpan(request, first).start);
  return [
    { start: top, end: top, text: `Via: ${via}\r\n` },
    { start: above, end: above, text: routes },
  ];
}

function maxForwardsEdit(request: Request): Edit {
  const line = findHeader(request, "Max-Forwards");
  if (line >= 0) {
    //= RFC 3261 §16.6
    //# If the copy contains a Max-Forwards header field, the proxy MUST decrement its value by one
    //# (1).
    const value = parseNumber(header(request, "Max-Forwards") ?? "", 255) ?? 70;
    return { ...valueSpan(request, line), text: String(Math.max(0, value - 1)) };
  }
  //= RFC 3261 §16.6
  //# If the copy does not contain a Max-Forwards header field, the proxy MUST add one with a field
  //# value, which SHOULD be 70.
  const { start } = lineSpan(request, findHeader(request, "Via"));
  return { start, end: start, text: "Max-Forwards: 70\r\n" };
}

//= RFC 5393 §5.3.3
//# All proxied requests MUST contain a single Max-Breadth header field value.
function maxBreadthEdit(request: Request, breadth: number): Edit {
  const line = findHeader(request, "Max-Breadth");
  if (line >= 0) return { ...valueSpan(request, line), text: String(breadth) };
  const { start } = lineSpan(request, findHeader(request, "Via"));
  return { start, end: start, text: `Max-Breadth: ${breadth}\r\n` };
}

/** Takes elements out of the Route lines, and a whole line when none is left in it. */
function routeRemovals(request: Request, used: readonly Span[]): Edit[] {
  if (used.length === 0) return [];
  const all = elementSpans(request, "Route");
  const gone = new Set(used.map(({ start }) => start));
  const edits: Edit[] = [];
  for (const line of linesOf(request, "Route")) {
    const { start, end } = valueSpan(request, line);
    const within = all.ok ? all.value.filter((one) => one.start >= start && one.end <= end) : [];
    const kept = within.filter((one) => !gone.has(one.start));
    const [first, last] = [kept[0], kept.at(-1)];
    if (kept.length === within.length) continue;
    if (!first || !last) edits.push({ ...lineSpan(request, line), text: "" });
    else edits.push({ start, end: first.start, text: "" }, { start: last.end, end, text: "" });
  }
  return edits;
}

//= RFC 3261 §16.7
//# The proxy removes the topmost Via header field value from the response.
function viaRemoval(response: Response, { start, end }: Via): Edit | undefined {
  const line = findHeader(response, "Via");
  const value = valueSpan(response, line);
  if (end < value.end) {
    const comma = response.text.indexOf(",", end);
    return { start, end: skipSpace(response.text, comma + 1, value.end), text: "" };
  }
  return findHeader(response, "Via", line + 1) < 0
    ? undefined
    : { ...lineSpan(response, line), text: "" };
}

/**
 * Credentials that were for us. A token is good at this domain, for whoever holds it, and must not
 * travel on in whatever header it stands and however it is spelled.
 */
//= RFC 3261 §22.3
//# Proxies MUST NOT add values to the Proxy-Authorization header field.
//= RFC 3261 §22.3
//# When multiple proxies are used in a chain, a Proxy-Authorization header field value MUST NOT be
//# consumed by any proxy whose realm does not match the "realm" parameter specified in that value.
function credentialRemovals(request: Request, realm: Octets): Edit[] {
  return [...linesOf(request, "Proxy-Authorization"), ...linesOf(request, "Authorization")].flatMap(
    (line) => {
      const { start, end } = valueSpan(request, line);
      const text = unfold(request.text.slice(start, end));
      return isForUs(text, realm) ? [{ ...lineSpan(request, line), text: "" }] : [];
    },
  );
}

function isForUs(text: Octets, realm: Octets): boolean {
  if (/(?:^|,)\s*bearer\b/i.test(text)) return true;
  const credentials = parseCredentials(text);
  return credentials.ok && credentials.value.kind === "Digest" && credentials.value.realm === realm;
}

//= RFC 3325 §5
//# If the proxy received the message from an element that it does not trust and there is a
//# P-Asserted-Identity header present which contains a SIP or SIPS URI, the proxy MUST replace that
//# SIP or SIPS URI with a single SIP or SIPS URI or remove this header field.
//= RFC 3325 §6
//# The proxy MUST remove the user-provided P-Preferred-Identity header from any message it
//# forwards.
/** Nobody who is connected here speaks for others. */
const identityRemovals = (message: Message): Edit[] =>
  ["P-Asserted-Identity", "P-Preferred-Identity"].flatMap((name) =>
    linesOf(message, name).map((line) => ({ ...lineSpan(message, line), text: "" })),
  );

function lengthEdits(message: Message, stream: boolean): Edit[] {
  const { headers, body, text } = message;
  const end = headers.end + 2 + body.length;
  //= RFC 3261 §18.3
  //# If there are additional bytes in the transport packet beyond the end of the body, they MUST be
  //# discarded.
  const edits: Edit[] = end < text.length ? [{ start: end, end: text.length, text: "" }] : [];
  //= RFC 3261 §16.6
  //# If the request will be sent to the next hop using a stream-based transport and the copy
  //# contains no Content-Length header field, the proxy MUST insert one with the correct value for
  //# the body of the request (see Section 20.14).
  if (!stream || hasHeader(message, "Content-Length")) return edits;
  const line = `Content-Length: ${body.length}\r\n`;
  return [...edits, { start: headers.end, end: headers.end, text: line }];
}

function linesOf(message: Message, name: HeaderName): number[] {
  const lines: number[] = [];
  for (let i = findHeader(message, name); i >= 0; i = findHeader(message, name, i + 1))
    lines.push(i);
  return lines;
}
