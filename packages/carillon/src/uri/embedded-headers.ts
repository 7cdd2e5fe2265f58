/** Headers that stand in a URI, behind its question mark. RFC 3261 §19.1.1, §19.1.5. */
import type { Octets } from "../grammar/octets.ts";
import { escapeUriHeader, unescapeUri } from "./escape.ts";
import type { SipUri } from "./sip-uri.ts";

/** One header behind a URI's question mark: `hname "=" hvalue`. RFC 3261 §19.1.1. */
export interface EmbeddedHeader {
  /** In lower case, the long form; `body` is the body. */
  readonly name: string;
  /** What it says: its escapes taken off. It may hold line ends: see `honouredHeaders`. */
  readonly value: Octets;
}

/**
 * The headers behind a URI's question mark, in order. A stranger wrote them: what may be done with
 * them is what `honouredHeaders` leaves. `headers = "?" header *( "&" header )`, `header = hname
 * "=" hvalue`. RFC 3261 §19.1.1.
 */
export function embeddedHeaders({ headers }: SipUri): readonly EmbeddedHeader[] {
  if (headers === undefined) return [];
  return headers.split("&").map((header) => {
    const equal = header.indexOf("=");
    const written = unescapeUri(header.slice(0, equal)).toLowerCase();
    const name = LONG_FORMS.get(written) ?? written;
    return { name, value: unescapeUri(header.slice(equal + 1)) };
  });
}

//= RFC 3261 §7.3.3
//# Implementations MUST accept both the long and short forms of each header name.
/** The compact forms of header-name.ts, which stands above this folder; its test compares them. */
const LONG_FORMS: ReadonlyMap<string, string> = new Map([
  ...([
    ["a", "accept-contact"],
    ["b", "referred-by"],
    ["c", "content-type"],
  ] as const),
  ...([
    ["d", "request-disposition"],
    ["e", "content-encoding"],
    ["f", "from"],
  ] as const),
  ...([
    ["i", "call-id"],
    ["j", "reject-contact"],
    ["k", "supported"],
  ] as const),
  ...([
    ["l", "content-length"],
    ["m", "contact"],
    ["n", "identity-info"],
    ["o", "event"],
  ] as const),
  ...([
    ["r", "refer-to"],
    ["s", "subject"],
    ["t", "to"],
    ["u", "allow-events"],
  ] as const),
  ...([
    ["v", "via"],
    ["x", "session-expires"],
    ["y", "identity"],
  ] as const),
]);

/**
 * The URI with these headers in place of its own; their names and values are escaped here.
 * RFC 3261 §19.1.1.
 */
export function withHeaders(uri: SipUri, headers: readonly EmbeddedHeader[]): SipUri {
  const texts = headers.map(
    ({ name, value }) => `${escapeUriHeader(name)}=${escapeUriHeader(value)}`,
  );
  return { ...uri, headers: texts.length === 0 ? undefined : texts.join("&") };
}

/**
 * What a stranger's URI may ask to be put into a request. Nothing that says who or where somebody
 * is, nothing about routes, capabilities or the body: RFC 3261 §19.1.5 warns of those by name.
 */
const HONOURED: ReadonlySet<string> = new Set([
  ...["subject", "priority", "in-reply-to", "expires", "event", "require"],
  ...["replaces", "join", "target-dialog", "user-to-user"],
  ...["accept-contact", "reject-contact", "request-disposition"],
]);

//= RFC 3261 §19.1.5
//# An implementation SHOULD NOT honor these obviously dangerous header fields: From, Call-ID, CSeq,
//# Via, and Record-Route.
//= RFC 3261 §19.1.5
//# An implementation SHOULD NOT honor any requested Route header field values in order to not be
//# used as an unwitting agent in malicious attacks.
/**
 * The headers in a URI that may go into the request it asks for, none with a line end in it.
 * RFC 3261 §19.1.5.
 */
export function honouredHeaders(uri: SipUri): readonly EmbeddedHeader[] {
  return embeddedHeaders(uri).filter(
    ({ name, value }) => HONOURED.has(name) && !/[\0\r\n]/.test(value),
  );
}
