/** What a proxy changes in a message it forwards, as edits to its text. RFC 3261 §16.6, §16.7. */
import { parseCredentials } from "../auth/credentials.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import { parseNumber, skipSpace } from "../grammar/chars.ts";
import type { Octets } from "../grammar/octets.ts";
import { findHeader, header, lineSpan, type Span, valueSpan } from "../message/headers.ts";
import type { Message, Request, Response } from "../message/message.ts";
import { type Edit, splice } from "../message/splice.ts";
import type { Via } from "../message/via.ts";

export interface Forwarding {
  /** Replaces the Request-URI. */
  readonly uri?: Octets | undefined;
  /** The Via line's value. */
  readonly via: Octets;
  /** Record-Route values, the topmost first. */
  readonly recordRoutes?: readonly Octets[];
  /** Where the Route elements stand that led to us. */
  readonly ownRoutes?: readonly Span[];
  /** Credentials for this realm have done their work here. */
  readonly realm: string;
}

/** The text to send on. */
export function forwardRequest(from: Incoming, how: Forwarding): Octets {
  const { request, viaEdit } = from;
  const edits: Edit[] = [];
  if (how.uri !== undefined) edits.push(uriEdit(request, how.uri));
  //= RFC 3261 §16.6
  //# The proxy MUST insert a Via header field value into the copy before the existing Via header
  //# field values.
  const top = lineSpan(request, findHeader(request, "Via")).start;
  //= RFC 3261 §16.6
  //# If this proxy wishes to remain on the path of future requests in a dialog created by this
  //# request (assuming the request creates a dialog), it MUST insert a Record-Route header field
  //# value into the copy before any existing Record-Route header field values, even if a Route
  //# header field is already present.
  const routes = (how.recordRoutes ?? []).map((value) => `Record-Route: ${value}\r\n`).join("");
  edits.push({ start: top, end: top, text: `Via: ${how.via}\r\n${routes}` });
  const moved = findHeader(request, "Record-Route");
  if (routes !== "" && moved >= 0 && lineSpan(request, moved).start < top) {
    // A Record-Route that stands above the Via headers: ours has to stand above it.
    edits.pop();
    const first = lineSpan(request, moved).start;
    edits.push({ start: first, end: first, text: routes });
    edits.push({ start: top, end: top, text: `Via: ${how.via}\r\n` });
  }
  if (viaEdit) edits.push(viaEdit);
  edits.push(maxForwardsEdit(request, top));
  edits.push(...removals(request, "Route", how.ownRoutes ?? []));
  edits.push(...credentialEdits(request, how.realm));
  //= RFC 3325 §5
  //# the proxy MUST replace that SIP or SIPS URI with a single SIP or SIPS URI or remove this
  //# header field.
  edits.push(...wholeLines(request, "P-Asserted-Identity"));
  return splice(request.text, edits);
}

/** The response without its topmost Via, which was ours. */
export function forwardResponse(response: Response, { start, end }: Via): Octets {
  //= RFC 3261 §16.7
  //# The proxy removes the topmost Via header field value from the response.
  return splice(response.text, removals(response, "Via", [{ start, end }]));
}

const uriEdit = ({ method, uri }: Request, text: Octets): Edit => {
  const start = method.length + 1;
  return { start, end: start + uri.length, text };
};

//= RFC 3261 §16.6
//# If the copy contains a Max-Forwards header field, the proxy MUST decrement its value by one (1).
//= RFC 3261 §16.6
//# If the copy does not contain a Max-Forwards header field, the proxy MUST add one with a field
//# value, which SHOULD be 70.
function maxForwardsEdit(request: Request, top: number): Edit {
  const line = findHeader(request, "Max-Forwards");
  if (line >= 0) {
    const value = parseNumber(header(request, "Max-Forwards") ?? "", 255) ?? 70;
    return { ...valueSpan(request, line), text: String(Math.max(0, value - 1)) };
  }
  return { start: top, end: top, text: "Max-Forwards: 70\r\n" };
}

/** Takes elements out of comma-separated headers, and a whole line when none is left in it. */
function removals(message: Message, name: "Route" | "Via", spans: readonly Span[]): Edit[] {
  const edits: Edit[] = [];
  for (let i = findHeader(message, name); i >= 0; i = findHeader(message, name, i + 1)) {
    const value = valueSpan(message, i);
    const within = spans.filter(({ start }) => start >= value.start && start < value.end);
    const last = within.at(-1);
    if (!last) continue;
    if (last.end === value.end) {
      edits.push({ ...lineSpan(message, i), text: "" });
    } else {
      // Those taken out are always the first ones: the comma after the last goes with them.
      const comma = message.text.indexOf(",", last.end);
      edits.push({
        start: value.start,
        end: skipSpace(message.text, comma + 1, value.end),
        text: "",
      });
    }
  }
  return edits;
}

function credentialEdits(request: Request, realm: string): Edit[] {
  const edits: Edit[] = [];
  const name = "Proxy-Authorization";
  for (let i = findHeader(request, name); i >= 0; i = findHeader(request, name, i + 1)) {
    const { start, end } = valueSpan(request, i);
    const credentials = parseCredentials(request.text.slice(start, end));
    if (!credentials.ok) continue;
    const one = credentials.value;
    // A token is good at this domain alone and must not travel on.
    const ours = one.kind === "Bearer" || (one.kind === "Digest" && one.realm === realm);
    if (ours) edits.push({ ...lineSpan(request, i), text: "" });
  }
  return edits;
}

function wholeLines(request: Request, name: "P-Asserted-Identity"): Edit[] {
  const edits: Edit[] = [];
  for (let i = findHeader(request, name); i >= 0; i = findHeader(request, name, i + 1)) {
    edits.push({ ...lineSpan(request, i), text: "" });
  }
  return edits;
}
