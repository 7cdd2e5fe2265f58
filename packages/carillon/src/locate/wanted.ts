/**
 * What to look for: a URI, or the sent-by of a Via, as the question that RFC 3263 answers.
 */
import { sameIgnoringCase } from "../grammar/chars.ts";
import type { Via } from "../message/via.ts";
import type { TransportName } from "../transport/flow.ts";
import { isIpAddress } from "../uri/host.ts";
import type { SipUri } from "../uri/sip-uri.ts";
import { canonicalName } from "./naming.ts";

/** What to look for, as RFC 3263 §4 has it. */
export interface Wanted {
  /** The TARGET of RFC 3263 §4: a domain, or an IP address without brackets. */
  readonly host: string;
  /** As it is written; undefined where it is not. */
  readonly port: number | undefined;
  /** As the URI or the Via demands it; undefined leaves the choice to the domain. */
  readonly transport: TransportName | "unknown" | undefined;
  /** Only what TLS protects will do. */
  readonly secure: boolean;
  /** Whom a certificate has to name. */
  readonly name: string;
  /** Nothing but an address on the public internet will do; any will if left out. */
  readonly publicOnly?: boolean;
}

/**
 * The next hop of a request: its first Route, or else its Request-URI. `secure` says that the
 * Request-URI is a SIPS URI, whatever `uri` is.
 */
export function wantedByUri(uri: SipUri, secure: boolean = uri.scheme === "sips"): Wanted {
  //= RFC 3263 §4
  //# We define TARGET as the value of the maddr parameter of the URI, if present, otherwise, the
  //# host value of the hostport component of the URI.
  const host = hostOf(uri.params.get("maddr") ?? uri.host);
  //= RFC 3261 §8.1.2
  //# Independent of which URI is used as input to the procedures of [4], if the Request-URI
  //# specifies a SIPS resource, the UAC MUST follow the procedures of [4] as if the input URI were
  //# a SIPS URI.
  //= RFC 3261 §16.6
  //# Independently of which URI is being used as input to the procedures of [4], if the
  //# Request-URI specifies a SIPS resource, the proxy MUST follow the procedures of [4] as if the
  //# input URI were a SIPS URI.
  const all = secure || uri.scheme === "sips";
  //= RFC 5922 §7.3
  //# Then, the client MUST compare the original domain portion of the SIP AUS used as input to the
  //# RFC 3263 [8] server location procedures to the SIP domain identities obtained from the
  //# certificate.
  const name = canonicalName(uri.host);
  const transport = transportOf(uri.params.get("transport"), all);
  return { host, port: uri.port, transport, secure: all, name };
}

/** Where the sender of a request is found again, when the way it came on is gone. RFC 3263 §5. */
export function wantedByVia(via: Pick<Via, "transport" | "host" | "port">): Wanted {
  //= RFC 3263 §5
  //# When this value is present, the server MUST use TLS over TCP to send the response.
  const transport = TRANSPORTS.find((each) => each === via.transport) ?? "unknown";
  const secure = transport === "TLS" || transport === "WSS";
  const host = hostOf(via.host);
  return { host, port: via.port, transport, secure, name: host };
}

const TRANSPORTS: readonly TransportName[] = ["UDP", "TCP", "TLS", "WS", "WSS"];

/** `;transport=` of a SIPS URI names what runs under TLS; `tls` and `wss` are met in the field. */
function transportOf(param: string | undefined, secure: boolean): Wanted["transport"] {
  if (param === undefined) return undefined;
  const known = TRANSPORTS.find((each) => sameIgnoringCase(each, param));
  if (!secure || known === undefined) return known ?? "unknown";
  if (known === "UDP") return "unknown";
  return known === "WS" || known === "WSS" ? "WSS" : "TLS";
}

const hostOf = (host: string) => {
  const bare = host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
  return isIpAddress(bare) ? bare.toLowerCase() : canonicalName(bare);
};
