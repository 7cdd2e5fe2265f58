/** Where messages come from and go to: two addresses over UDP, or a connection. RFC 3261 §18. */
import type { Octets } from "../grammar/octets.ts";
import { findOutside } from "../grammar/quoted.ts";
import { ViaParams } from "../message/plain-via.ts";
import type { Edit } from "../message/splice.ts";
import type { Via } from "../message/via.ts";
import { type Address, formatAddress, isIpAddress } from "../uri/host.ts";

/** As Via writes them. */
export type TransportName = "UDP" | "TCP" | "TLS" | "WS" | "WSS";

/** A way: over UDP two addresses, else a connection, whose addresses are for logs and rules. */
export interface Flow {
  /** What it goes over, which the topmost Via names. */
  readonly transport: TransportName;
  /** Our end, as this machine knows it. */
  readonly local: Address;
  /** The other end, as packets show it: behind a NAT that of the box. */
  readonly remote: Address;
  /** The connection's number, given by the driver; 0 over UDP. */
  readonly connection: number;
}

export const isReliable = ({ transport }: Flow): boolean => transport !== "UDP";

/** The same connection; over UDP the same address at its other end. */
export const isSamePeer = (one: Flow, other: Flow): boolean =>
  one.connection === other.connection &&
  (one.connection !== 0 || isSameAddress(one.remote, other.remote));

/** The same connection; over UDP the same addresses at both ends. */
export const isSameFlow = (one: Flow, other: Flow): boolean =>
  isSamePeer(one, other) && (one.connection !== 0 || isSameAddress(one.local, other.local));

const isSameAddress = (one: Address, other: Address): boolean =>
  one.host === other.host && one.port === other.port;

/** Where Content-Length alone tells where a message ends. */
export const isStream = ({ transport }: Flow): boolean =>
  transport === "TCP" || transport === "TLS";

/** Where one end is a page, which nobody can connect to. */
export const isWebSocket = ({ transport }: Flow): boolean =>
  transport === "WS" || transport === "WSS";

/** `udp 127.0.0.1:5060`, for logs and ladders. */
export const formatFlow = ({ transport, remote }: Flow): string =>
  `${transport.toLowerCase()} ${formatAddress(remote)}`;

/** The port that a transport uses where none is named. RFC 3261 §19.1.2, RFC 7118 §5. */
export function defaultPort(transport: string): number {
  if (transport === "TLS") return 5061;
  if (transport === "WS") return 80;
  return transport === "WSS" ? 443 : 5060;
}

/** Ports below are other services': a forged Via must not make us talk to them. */
export const FIRST_USER_PORT = 1024;

/**
 * Where the responses to a request go, given the flow it came on and its topmost Via. Always back
 * to the address it came from: a `maddr` would have us answer to anybody, and is not looked at.
 * RFC 3261 §18.2.2, RFC 3581 §4.
 */
export function responseFlow(flow: Flow, via: Via): Flow {
  //= RFC 3261 §18.2.2
  //# If the "sent-protocol" is a reliable transport protocol such as TCP or SCTP, or TLS over
  //# those, the response MUST be sent using the existing connection to the source of the original
  //# request that created the transaction, if that connection is still open.
  //= RFC 3581 §4
  //# When a server attempts to send a response, it examines the topmost Via header field value of
  //# that response. If the "sent-protocol" component indicates an unreliable unicast transport
  //# protocol, such as UDP, and there is no "maddr" parameter, but there is both a "received"
  //# parameter and an "rport" parameter, the response MUST be sent to the IP address listed in the
  //# "received" parameter, and the port in the "rport" parameter.
  if (isReliable(flow) || hasRport(via)) return flow;
  //= RFC 3261 §18.2.2
  //# Otherwise (for unreliable unicast transports), if the top Via has a "received" parameter, the
  //# response MUST be sent to the address in the "received" parameter, using the port indicated in
  //# the "sent-by" value, or using port 5060 if none is specified explicitly.
  //= RFC 3261 §18.2.2
  //# Otherwise, if it is not receiver-tagged, the response MUST be sent to the address indicated by
  //# the "sent-by" value, using the procedures in Section 5 of [4].
  const port = via.port ?? 5060;
  if (port < FIRST_USER_PORT) return flow;
  return port === flow.remote.port ? flow : { ...flow, remote: { host: flow.remote.host, port } };
}

/**
 * What a server writes into the topmost Via before anything else happens to the request.
 * RFC 3261 §18.2.1, RFC 3581 §4. Undefined when nothing is to be written.
 */
export function viaEdit(text: Octets, via: Via, { remote }: Flow): Edit | undefined {
  //= RFC 3261 §18.2.1
  //# If the host portion of the "sent-by" parameter contains a domain name, or if it contains an IP
  //# address that differs from the packet source address, the server MUST add a "received"
  //# parameter to that Via header field value.
  //= RFC 3261 §18.2.1
  //# When the server transport receives a request over any transport, it MUST examine the value of
  //# the "sent-by" parameter in the top Via header field value.
  //= RFC 3261 §18.2.1
  //# This parameter MUST contain the source address from which the packet was received.
  // The server that a page is connected to may be known by its name only, which `received` cannot
  // hold; over that connection nobody needs it.
  if (!isIpAddress(withoutZone(remote.host))) return undefined;
  if (via.params instanceof ViaParams && !via.params.hasReceived)
    return plainViaEdit(text, via, via.params.rportEnd, remote);
  const wantsPort = via.params.get("rport") === "";
  if (!wantsPort && via.host === remote.host && !via.params.has("received")) return undefined;
  const { paramsStart, end } = via;
  const params = rewritten(text.slice(paramsStart, end), wantsPort ? remote.port : undefined);
  //= RFC 3581 §4
  //# In fact, the server MUST insert a "received" parameter containing the source IP address that
  //# the request came from, even if it is identical to the value of the "sent-by" component.
  return { start: paramsStart, end, text: `${params};received=${withoutZone(remote.host)}` };
}

const hasRport = (via: Via): boolean =>
  via.params instanceof ViaParams ? via.params.hasRport : via.params.has("rport");

/** The same where nothing has to be looked for. */
function plainViaEdit(
  text: Octets,
  { host, end }: Via,
  rportEnd: number,
  remote: Address,
): Edit | undefined {
  if (rportEnd === 0 && host === remote.host) return undefined;
  const received = `;received=${withoutZone(remote.host)}`;
  if (rportEnd === 0) return { start: end, end, text: received };
  const rest = text.slice(rportEnd, end);
  return { start: rportEnd, end, text: `=${remote.port}${rest}${received}` };
}

/**
 * The parameters with `rport` given this value, and without a `received`: one that the sender
 * wrote itself is a lie or a leftover. Every other octet as it was.
 */
function rewritten(params: Octets, port: number | undefined): Octets {
  let kept = "";
  for (let at = 0; at < params.length; ) {
    const found = findOutside(params, at + 1, params.length, SEMICOLON);
    const next = found < 0 ? params.length : found;
    const param = params.slice(at, next);
    const [, front = "", name = "", , back = ""] = PARAM.exec(param) ?? [];
    const word = name.toLowerCase();
    //= RFC 3581 §4
    //# If this Via header field value contains an "rport" parameter with no value, it MUST set the
    //# value of the parameter to the source port of the request.
    if (word === "rport" && port !== undefined) kept += `${front}${name}=${port}${back}`;
    else if (word !== "received") kept += param;
    at = next;
  }
  return kept;
}

/** `via-received = "received" EQUAL (IPv4address / IPv6address)`, which has no zone. */
function withoutZone(host: string): string {
  const percent = host.indexOf("%");
  return percent < 0 ? host : host.slice(0, percent);
}

const SEMICOLON = 0x3b;
/** White space and name, an equals sign, and what follows. */
const PARAM = /^([ \t\r\n]*;[ \t\r\n]*)([^ \t\r\n=]*)([ \t\r\n]*=)?([\s\S]*)$/;
