/** Where messages come from and go to: an address pair over UDP, or one connection. RFC 3261 §18. */
import type { Octets } from "../grammar/octets.ts";
import { findOutside } from "../grammar/quoted.ts";
import type { Edit } from "../message/splice.ts";
import type { Via } from "../message/via.ts";
import { type Address, formatAddress } from "../uri/host.ts";

/** As Via writes them. */
export type TransportName = "UDP" | "TCP" | "TLS" | "WS" | "WSS";

export interface Flow {
  readonly transport: TransportName;
  readonly local: Address;
  readonly remote: Address;
  /** The connection's number, given by the driver; 0 over UDP. */
  readonly connection: number;
}

export const isReliable = ({ transport }: Flow): boolean => transport !== "UDP";

/** `udp 127.0.0.1:5060`, for logs and ladders. */
export const formatFlow = ({ transport, remote }: Flow): string =>
  `${transport.toLowerCase()} ${formatAddress(remote)}`;

/** The port that a transport uses where none is named. RFC 3261 §19.1.2, RFC 7118 §5. */
export function defaultPort(transport: string): number {
  if (transport === "TLS") return 5061;
  if (transport === "WS") return 80;
  return transport === "WSS" ? 443 : 5060;
}

/**
 * Where the responses to a request go, given the flow it came on and its topmost Via.
 * RFC 3261 §18.2.2, RFC 3581 §4.
 */
export function responseFlow(flow: Flow, via: Via): Flow {
  //= RFC 3261 §18.2.2
  //# If the "sent-protocol" is a reliable transport protocol such as TCP or SCTP, or TLS over
  //# those, the response MUST be sent using the existing connection to the source of the original
  //# request that created the transaction, if that connection is still open.
  //= RFC 3581 §4
  //# When a server attempts to send a response, it examines the topmost Via header field value of
  //# that response.
  if (isReliable(flow) || via.params.has("rport")) return flow;
  //= RFC 3261 §18.2.2
  //# Otherwise (for unreliable unicast transports), if the top Via has a "received" parameter, the
  //# response MUST be sent to the address in the "received" parameter, using the port indicated in
  //# the "sent-by" value, or using port 5060 if none is specified explicitly.
  const port = via.port ?? 5060;
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
  const wantsPort = via.params.get("rport") === "";
  if (!wantsPort && via.host === remote.host && !via.params.has("received")) return undefined;
  const { paramsStart, end } = via;
  const params = text.slice(paramsStart, end);
  const kept = via.params.has("received") ? withoutParam(params, "received") : params;
  //= RFC 3581 §4
  //# When a server compliant to this specification (which can be a proxy or UAS) receives a
  //# request, it examines the topmost Via header field value.  If this Via header field value
  //# contains an "rport" parameter with no value, it MUST set the value of the parameter to the
  //# source port of the request.
  const filled = wantsPort ? withPort(kept, remote.port) : kept;
  return { start: paramsStart, end, text: `${filled};received=${remote.host}` };
}

/** The parameters with `rport` given a value; every other octet as it was. */
const withPort = (params: Octets, port: number): Octets =>
  params.replace(
    /(;[ \t\r\n]*rport)(?=[ \t\r\n]*(?:;|$))/i,
    (_, name: string) => `${name}=${port}`,
  );

/** A `received` that the sender wrote itself is a lie or a leftover: what we saw counts. */
function withoutParam(params: Octets, name: string): Octets {
  let kept = "";
  for (let at = 0; at < params.length; ) {
    const found = findOutside(params, at + 1, params.length, 0x3b);
    const next = found < 0 ? params.length : found;
    const param = params.slice(at, next);
    if (param.slice(1).split("=")[0]?.trim().toLowerCase() !== name) kept += param;
    at = next;
  }
  return kept;
}
