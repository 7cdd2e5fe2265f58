/**
 * Message sessions: `a=path`, `a=accept-types`, `a=accept-wrapped-types`, `a=max-size`.
 * RFC 4975 §8, §9.
 */
import { formatHost, readHostPort } from "../../uri/host.ts";
import { isNonWs, isSdpToken, readInteger, splitList } from "../sdp-chars.ts";
import { type AttributeType, valueAttribute } from "./attribute-type.ts";

/** Where an MSRP endpoint or relay is. RFC 4975 §9. */
export interface MsrpUri {
  /** `msrps` is over TLS. */
  readonly scheme: "msrp" | "msrps";
  /** What stands before the `@`, as written; undefined if nothing does. */
  readonly userinfo: string | undefined;
  /** Lower case, IPv6 without brackets. */
  readonly host: string;
  /** 0 to 65535; undefined if it is not told. */
  readonly port: number | undefined;
  /** What tells this session from all others there; undefined for a relay, as a rule. */
  readonly sessionId: string | undefined;
  /** tcp, ws, wss, or another. */
  readonly transport: string;
  /** Further parameters, as written. */
  readonly params: readonly string[];
}

/**
 * Reads one; undefined where it breaks the grammar. `MSRP-URI = msrp-scheme "://" authority ["/"
 * session-id] ";" transport *( ";" URI-parameter)`. RFC 4975 §9.
 */
export function parseMsrpUri(text: string): MsrpUri | undefined {
  const scheme = text.slice(0, Math.max(0, text.indexOf(":"))).toLowerCase();
  if ((scheme !== "msrp" && scheme !== "msrps") || !text.startsWith("://", scheme.length)) {
    return undefined;
  }
  const parts = splitList(text.slice(scheme.length + 3), ";");
  const [where = "", transport = "", ...params] = parts ?? [];
  const slash = where.indexOf("/");
  const authority = slash < 0 ? where : where.slice(0, slash);
  const sessionId = slash < 0 ? undefined : where.slice(slash + 1);
  const at = authority.lastIndexOf("@");
  const address = readHostPort(authority.slice(at + 1));
  const userinfo = at < 0 ? undefined : authority.slice(0, at);
  if (!address || !isSdpToken(transport) || !params.every(isNonWs)) return undefined;
  if (userinfo !== undefined && !isNonWs(userinfo)) return undefined;
  if (sessionId !== undefined && !isNonWs(sessionId)) return undefined;
  return { scheme, userinfo, ...address, sessionId, transport, params };
}

/** The URI as text, IPv6 in brackets. Nothing is checked. */
export function formatMsrpUri(uri: MsrpUri): string {
  const user = uri.userinfo === undefined ? "" : `${uri.userinfo}@`;
  const port = uri.port === undefined ? "" : `:${uri.port}`;
  const session = uri.sessionId === undefined ? "" : `/${uri.sessionId}`;
  const authority = user + formatHost(uri.host) + port;
  return [`${uri.scheme}://${authority}${session}`, uri.transport, ...uri.params].join(";");
}

/**
 * `a=path`: the way to an endpoint, relays first. `path = path-label ":" path-list`.
 * RFC 4975 §8.2.
 */
export const path: AttributeType<readonly MsrpUri[]> = valueAttribute({
  name: "path",
  source: "RFC 4975 §8.2",
  expected: "MSRP URIs",
  read: (text) => {
    const uris = splitList(text.trimEnd(), " ")?.map((uri) => parseMsrpUri(uri));
    return uris?.every((uri) => uri !== undefined) ? uris : undefined;
  },
  write: (uris) => uris.map(formatMsrpUri).join(" "),
});

/**
 * `a=accept-types`: media types that are taken; `*` is any. `accept-types = accept-types-label ":"
 * format-list`. RFC 4975 §8.6.
 */
export const acceptTypes: AttributeType<readonly string[]> = typeList("accept-types");

/** Media types that are taken within another, such as `message/cpim`. RFC 4975 §8.6. */
export const acceptWrappedTypes: AttributeType<readonly string[]> =
  typeList("accept-wrapped-types");

function typeList(name: string): AttributeType<readonly string[]> {
  return valueAttribute({
    name,
    source: "RFC 4975 §8.6",
    expected: "media types",
    read: (text) => {
      const types = splitList(text.trim(), " ");
      return types?.every(isFormatEntry) ? types : undefined;
    },
    write: (types) => types.join(" "),
  });
}

/** `format-entry = ( ( (type "/" subtype) / (type "/" "*") ) *( ";" type-param ) ) / ("*")` */
function isFormatEntry(text: string): boolean {
  const [mediaType = "", ...params] = splitList(text, ";") ?? [];
  if (text === "*") return true;
  const [type = "", subtype = "", ...rest] = mediaType.split("/", 3);
  return isSdpToken(type) && isSdpToken(subtype) && rest.length === 0 && params.every(isNonWs);
}

/**
 * `a=max-size`: octets of the largest message. `max-size = max-size-label ":" max-size-value`.
 * RFC 4975 §8.6.
 */
export const maxSize: AttributeType<number> = valueAttribute({
  name: "max-size",
  source: "RFC 4975 §8.6",
  expected: "a number of octets",
  read: (text) => readInteger(text, 0, Number.MAX_SAFE_INTEGER),
  write: String,
});
