/** What a user agent checks of a request before it looks at what it is for. RFC 3261 §8.2. */
import type { Incoming } from "../endpoint/incoming.ts";
import { explanation } from "../endpoint/refusal.ts";
import type { Reply } from "../endpoint/reply.ts";
import type { HeaderField } from "../message/compose.ts";
import { elements, hasHeader, header } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import type { Agent } from "./agent.ts";
import { BODIES, sessionBody } from "./session-body.ts";

//= RFC 3261 §13.1
//# A UA that supports INVITE MUST also support ACK, CANCEL and BYE.
//= RFC 3261 §20.5
//# All methods, including ACK and CANCEL, understood by the UA MUST be included in the list of
//# methods in the Allow header field, when present.
/** Methods understood inside and outside of dialogs, whatever else a phone is used for. */
const ALLOW: readonly string[] = "INVITE ACK CANCEL BYE OPTIONS UPDATE".split(" ");
/** With more of them: the value of Allow. */
export const allowed = (more: readonly string[]): string =>
  [...new Set([...ALLOW, ...more])].join(", ");
/** Those that the RFCs know; which of them are served, `allow` says. */
const KNOWN: ReadonlySet<string> = new Set(
  "REGISTER SUBSCRIBE NOTIFY PUBLISH INFO REFER MESSAGE PRACK".split(" "),
);

/** What responses, and requests of this method, say of extensions. */
//= RFC 3261 §8.1.1.9
//# The option tags listed MUST only refer to extensions defined in standards-track RFCs.
/** What a request, or an answer that says what we can do, has for Supported. */
export function supportedHeader({ abilities }: Agent, method?: string): readonly HeaderField[] {
  const { extensions, quietExtensions } = abilities;
  const others = extensions.filter((one) => one !== "100rel");
  // What is sent reliably to this phone it acknowledges in any case.
  const ofRequests = method === "INVITE" ? ["100rel", ...others] : others;
  const said = method === undefined ? [...extensions, ...quietExtensions] : ofRequests;
  return said.length === 0 ? [] : [["Supported", said.join(", ")]];
}

/** Bodies that are understood, and how they may be packed. */
export const ACCEPT: readonly HeaderField[] = [
  ["Accept", BODIES],
  ["Accept-Encoding", "identity"],
];

/** What an OPTIONS is answered with. `more` are further capabilities. */
export const capabilities = (
  agent: Agent,
  more: readonly HeaderField[],
): readonly HeaderField[] => [
  ["Allow", agent.allow],
  ...supportedHeader(agent),
  ...ACCEPT,
  ...more,
];

//= RFC 3261 §7.3.2
//# If a header field appears in a message not matching its category (such as a request header field
//# in a response), it MUST be ignored.
//= RFC 3261 §20
//# If one is placed in a request by mistake, it MUST be ignored by the UAS receiving the request.
// Each header is looked at by whoever knows what it means where it stands, and by nobody else.
/**
 * Why a request is refused before anything else is asked of it; undefined if it is not. With
 * `otherBody`, what its body may be is not ours to say.
 */
export function objection(
  { request }: Incoming,
  user: string,
  agent: Agent,
  otherBody: boolean,
): Reply | undefined {
  return (
    methodObjection(request, agent.allow) ??
    addressObjection(request, user) ??
    requireObjection(request, agent) ??
    (otherBody ? undefined : contentObjection(request)) ??
    acceptObjection(request)
  );
}

//= RFC 3261 §8.2.1
//# Once a request is authenticated (or authentication is skipped), the UAS MUST inspect the method
//# of the request.
export function methodObjection({ method }: Request, allow: string): Reply | undefined {
  if (allow.split(", ").includes(method)) return undefined;
  //= RFC 3261 §8.2.1
  //# If the UAS recognizes but does not support the method of a request, it MUST generate a 405
  //# (Method Not Allowed) response.
  //= RFC 3261 §8.2.1
  //# The UAS MUST also add an Allow header field to the 405 (Method Not Allowed) response. The
  //# Allow header field MUST list the set of methods supported by the UAS generating the message.
  //= RFC 3261 §21.4.6
  //# The response MUST include an Allow header field containing a list of valid methods for the
  //# indicated address.
  return { status: KNOWN.has(method) ? 405 : 501, headers: [["Allow", allow]] };
}

//= RFC 3261 §8.2.2.1
//# If the Request-URI uses a scheme not supported by the UAS, it SHOULD reject the request with a
//# 416 (Unsupported URI Scheme) response. If the Request-URI does not identify an address that the
//# UAS is willing to accept requests for, it SHOULD reject the request with a 404 (Not Found)
//# response.
function addressObjection({ uri }: Request, user: string): Reply | undefined {
  const address = parseSipUri(uri);
  if (!address.ok) return { status: address.error.status };
  const isOwn = address.value.user === undefined || address.value.user === user;
  return isOwn ? undefined : { status: 404 };
}

//= RFC 3261 §8.2.2.3
//# If a UAS does not understand an option-tag listed in a Require header field, it MUST respond by
//# generating a response with status code 420 (Bad Extension). The UAS MUST add an Unsupported
//# header field, and list in it those options it does not understand amongst those in the Require
//# header field of the request.
//= RFC 3261 §20.32
//# Although an optional header field, the Require MUST NOT be ignored if it is present.
//= RFC 3261 §20.32
//# Each option tag defines a SIP extension that MUST be understood to process the request.
//= RFC 3261 §21.4.15
//# The server MUST include a list of the unsupported extensions in an Unsupported header field in
//# the response.
/** And whatever an ability has against it. */
export function requireObjection(request: Request, { abilities }: Agent): Reply | undefined {
  const required = elements(request, "Require");
  if (!required.ok) return { status: required.error.status };
  const known = [...abilities.extensions, ...abilities.quietExtensions];
  const unknown = required.value.filter((one) => !known.includes(one));
  if (unknown.length > 0) return { status: 420, headers: [["Unsupported", unknown.join(", ")]] };
  for (const object of abilities.objections) {
    const reply = object(request);
    if (reply) return reply;
  }
  return undefined;
}

//= RFC 3261 §8.2.3
//# If there are any bodies whose type (indicated by the Content-Type), language (indicated by the
//# Content-Language) or encoding (indicated by the Content-Encoding) are not understood, and that
//# body part is not optional (as indicated by the Content-Disposition header field), the UAS MUST
//# reject the request with a 415 (Unsupported Media Type) response.
//= RFC 3261 §20.12
//# When present, its value indicates what additional content codings have been applied to the
//# entity-body, and thus what decoding mechanisms MUST be applied in order to obtain the media-type
//# referenced by the Content-Type header field.
// None is known here, so that what is encoded is refused and never taken for what it says it holds.
export function contentObjection(request: Request): Reply | undefined {
  if (request.body === "") return undefined;
  const disposition = header(request, "Content-Disposition") ?? "";
  if (/;\s*handling\s*=\s*optional\b/i.test(disposition)) return undefined;
  const encoding = header(request, "Content-Encoding") ?? "identity";
  const isRead = hasHeader(request, "Content-Type") && sessionBody(request) !== "";
  if (isRead && encoding.toLowerCase() === "identity") return undefined;
  //= RFC 3261 §8.2.3
  //# The response MUST contain an Accept header field listing the types of all bodies it
  //# understands, in the event the request contained bodies of types not supported by the UAS.
  //= RFC 3261 §8.2.3
  //# If the request contained content encodings not understood by the UAS, the response MUST
  //# contain an Accept-Encoding header field listing the encodings understood by the UAS.
  //= RFC 3261 §21.4.13
  //# The server MUST return a list of acceptable formats using the Accept, Accept-Encoding, or
  //# Accept-Language header field, depending on the specific problem with the content.
  return { status: 415, headers: ACCEPT };
}

/** An INVITE whose answer may not be SDP can have none. RFC 4475 §3.3.15. */
function acceptObjection(request: Request): Reply | undefined {
  if (request.method !== "INVITE" || !hasHeader(request, "Accept")) return undefined;
  const ranges = elements(request, "Accept");
  if (!ranges.ok) return { status: ranges.error.status };
  const takesSdp = ranges.value.some((range) => {
    const type = (range.split(";")[0] ?? "").trim().toLowerCase();
    return type === SDP || type === "application/*" || type === "*/*";
  });
  const why = "calls are described in application/sdp, which Accept leaves out";
  return takesSdp ? undefined : { status: 406, headers: [explanation("", why)] };
}

//= RFC 3261 §13.2.1
//# The Session Description Protocol (SDP) (RFC 2327 [1]) MUST be supported by all user agents as a
//# means to describe sessions
const SDP = "application/sdp";
