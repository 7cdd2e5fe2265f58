/**
 * The request that a URI asks for: one on a card, in a page, in a Contact. RFC 3261 §19.1.5.
 *
 * Whoever wrote it need not be a friend. It may say which method, where to, and a few headers that
 * are harmless (`honouredHeaders`); a body and every other header is left out.
 */
import { isToken, parseNumber } from "../grammar/chars.ts";
import type { Octets } from "../grammar/octets.ts";
import type { Params } from "../grammar/params.ts";
import { bad, ok, type Result } from "../grammar/result.ts";
import { honouredHeaders } from "../uri/embedded-headers.ts";
import { unescapeUri } from "../uri/escape.ts";
import { isIpv4 } from "../uri/host.ts";
import { formatSipUri, type SipUri } from "../uri/sip-uri.ts";
import { type HeaderField, mayStandIn } from "./compose.ts";
import { parseAcceptContact } from "./header/accept-contact.ts";
import { parseEvent } from "./header/event.ts";
import { parseExpires } from "./header/expires.ts";
import { parseInReplyTo } from "./header/in-reply-to.ts";
import { parseJoin } from "./header/join.ts";
import { parsePriority } from "./header/priority.ts";
import { parseRejectContact } from "./header/reject-contact.ts";
import { parseReplaces } from "./header/replaces.ts";
import { parseRequestDisposition } from "./header/request-disposition.ts";
import { parseRequire } from "./header/require.ts";
import { parseSubject } from "./header/subject.ts";
import { parseTargetDialog } from "./header/target-dialog.ts";
import { parseUserToUser } from "./header/user-to-user.ts";
import { headerName } from "./header-name.ts";

/** The request that a URI asks for. RFC 3261 §19.1.5. */
export interface UriRequest {
  /** The one that the URI names, or the one that was given for those that name none. */
  readonly method: string;
  /** What stands in the start line. */
  readonly uri: Octets;
  /** The URI in To, which names somebody and says nothing about the way. */
  readonly to: Octets;
  /** Those that the URI asks for and a stranger may ask for, in the URI's order. */
  readonly headers: readonly HeaderField[];
}

/** What whoever sends the request can do. */
export interface Abilities {
  /** As written: the case of methods counts. */
  readonly methods: ReadonlySet<string>;
  /** Option tags. */
  readonly extensions: ReadonlySet<string>;
}

const SOURCE = "RFC 3261 §19.1.5";

/**
 * The request that a URI asks for: one on a card, in a page, in a Contact. `method` is that of a
 * URI which says none. RFC 3261 §19.1.5.
 *
 * Errors: `bad-uri` (400) for a request that would be none, `unsupported-method` (405),
 * `unsupported-extension` (420), and those of the readers of the headers that it asks for.
 */
export function requestOfUri(uri: SipUri, able: Abilities, method = "INVITE"): Result<UriRequest> {
  const faulty = faultOf(uri);
  if (faulty !== undefined) return bad("bad-uri", faulty, 0, "RFC 3261 §19.1.1");
  //= RFC 3261 §19.1.5
  //# If the URI contains a method parameter, its value MUST be used as the method of the request.
  const wanted = uri.params.has("method") ? unescapeUri(uri.params.get("method") ?? "") : method;
  if (!isToken(wanted)) return bad("bad-uri", "its method is none", 0, SOURCE);
  if (!able.methods.has(wanted)) {
    return bad("unsupported-method", `it asks for ${wanted}`, 0, SOURCE, 405);
  }
  const headers = headersOf(uri, able.extensions);
  if (!headers.ok) return headers;
  const stray = headers.value.find(([name]) => !mayStandIn(name, wanted));
  if (stray) return bad("bad-uri", `it asks for ${stray[0]} in a ${wanted}`, 0, SOURCE);
  return ok({ method: wanted, ...addresses(uri), headers: headers.value });
}

//= RFC 3261 §19.1.1
//# For a SIPS URI, the transport parameter MUST indicate a reliable transport.
//= RFC 3261 §19.1.1
//# The ttl parameter determines the time-to-live value of the UDP multicast packet and MUST only be
//# used if maddr is a multicast address and the transport protocol is UDP.
/** Parameters that make no sense together, in words. */
function faultOf({ scheme, params }: SipUri): string | undefined {
  const transport = params.get("transport")?.toLowerCase() ?? (scheme === "sip" ? "udp" : "tcp");
  if (scheme === "sips" && transport === "udp") return "a sips URI cannot be reached over UDP";
  if (!params.has("ttl")) return undefined;
  const isSent = transport === "udp" && isMulticast(params.get("maddr") ?? "");
  if (!isSent) return "ttl without a multicast address for UDP";
  const ttl = parseNumber(params.get("ttl") ?? "", 255);
  return ttl === undefined ? "its ttl is no number up to 255" : undefined;
}

/** RFC 5771, RFC 4291 §2.7. */
function isMulticast(host: string): boolean {
  if (isIpv4(host)) return (Number.parseInt(host, 10) & 0xf0) === 0xe0;
  return host.toLowerCase().startsWith("[ff");
}

//= RFC 3261 §19.1.5
//# An implementation MUST include any provided transport, maddr, ttl, or user parameter in the
//# Request-URI of the formed request.
//= RFC 3261 §19.1.5
//# The method parameter MUST NOT be placed in the Request-URI. Unknown URI parameters MUST be
//# placed in the message's Request-URI.
function addresses(uri: SipUri): { readonly uri: Octets; readonly to: Octets } {
  const params = without(uri.params, ["method"]);
  // RFC 3261 §19.1.1, table 1.
  const toParams = without(params, ["maddr", "ttl", "transport", "lr"]);
  return {
    uri: formatSipUri({ ...uri, params, headers: undefined }),
    to: formatSipUri({ ...uri, port: undefined, params: toParams, headers: undefined }),
  };
}

const without = (params: Params, names: readonly string[]): Params =>
  new Map([...params].filter(([name]) => !names.includes(name)));

//= RFC 3261 §19.1.5
//# If the request formed from constructing a message from a given URI is not a valid SIP request,
//# the URI is invalid. An implementation MUST NOT proceed with transmitting the request.
function headersOf(uri: SipUri, extensions: ReadonlySet<string>): Result<readonly HeaderField[]> {
  const fields: HeaderField[] = [];
  const seen = new Set<string>();
  for (const { name, value } of honouredHeaders(uri)) {
    const read = READERS[name];
    if (read === undefined) continue;
    const fine = read(value);
    if (!fine.ok) return fine;
    if (seen.has(name) && !LISTS.has(name)) {
      return bad("bad-uri", `it asks for ${name} twice`, 0, SOURCE);
    }
    seen.add(name);
    if (name === "require") {
      const missing = (fine.value as readonly string[]).find((tag) => !extensions.has(tag));
      //= RFC 3261 §19.1.5
      //# An implementation MUST NOT send a request requiring an extension that it does not support.
      if (missing !== undefined) {
        return bad("unsupported-extension", `it requires ${missing}`, 0, SOURCE, 420);
      }
    }
    fields.push([headerName(name, 0, name.length), value]);
  }
  return ok(fields);
}

/** Those that may stand in a message more than once. */
const LISTS: ReadonlySet<string> = new Set([
  ...["accept-contact", "reject-contact", "request-disposition"],
  ...["in-reply-to", "require", "user-to-user"],
]);

/** How what may be honoured is read, to see whether it can be. */
const READERS: Readonly<Record<string, (octets: Octets) => Result<unknown>>> = {
  "accept-contact": parseAcceptContact,
  event: parseEvent,
  expires: parseExpires,
  "in-reply-to": parseInReplyTo,
  join: parseJoin,
  priority: parsePriority,
  "reject-contact": parseRejectContact,
  replaces: parseReplaces,
  "request-disposition": parseRequestDisposition,
  require: parseRequire,
  subject: parseSubject,
  "target-dialog": parseTargetDialog,
  "user-to-user": parseUserToUser,
};
