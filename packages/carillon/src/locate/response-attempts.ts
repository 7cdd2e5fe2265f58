/**
 * Where a response can go, one place after the other. RFC 3261 §18.2.2, RFC 3263 §5.
 *
 * The first is where it belongs. The others are for when that fails: the connection is closed, or
 * the transport reports a fatal error.
 */
import type { Via } from "../message/via.ts";
import {
  defaultPort,
  type Flow,
  isReliable,
  isWebSocket,
  responseFlow,
} from "../transport/flow.ts";
import { type Address, isIpAddress } from "../uri/host.ts";
import type { Target } from "./target.ts";
import { type Wanted, wantedByVia } from "./wanted.ts";

/** One place for a response, and how to come there. */
export type Attempt =
  /** Over the connection the request came on, or with UDP to where it came from. */
  | { readonly kind: "Flow"; readonly flow: Flow }
  /** Over a new connection. */
  | { readonly kind: "Target"; readonly target: Target }
  /** Look for the sender by the name it gave, then try what is found. */
  | { readonly kind: "Locate"; readonly wanted: Wanted };

/**
 * The places for a response, in the order of trying. RFC 3261 §18.2.2, RFC 3263 §5.
 *
 * `flow` is the one the request came on, `via` its topmost Via as it was received: an address that
 * the sender itself wrote into `received` is not looked at, the flow knows better.
 *
 * With `maddr` the response is for a multicast group or an address of the sender's choice: not
 * followed, since it would let anyone aim our responses at anybody (RFC 3261 §18.2.2 would).
 */
export function responseAttempts(flow: Flow, via: Via): readonly Attempt[] {
  const wanted = wantedByVia(via);
  const first = { kind: "Flow", flow: responseFlow(flow, via) } as const;
  const byName = locating(wanted, flow.remote);
  if (!isReliable(flow)) return [first, ...byName];
  //= RFC 3261 §18.2.2
  //# If that connection is no longer open, the server SHOULD open a connection to the IP address in
  //# the "received" parameter, if present, using the port in the "sent-by" value, or the default
  //# port for that transport, if no port is specified.
  const { transport } = flow;
  const address = { host: flow.remote.host, port: via.port ?? defaultPort(transport) };
  const again = { kind: "Target", target: { transport, address, name: wanted.name } } as const;
  // Nobody can call a browser back: its sent-by ends in `.invalid`. RFC 7118 §5.2.1.
  return isWebSocket(flow) ? [first] : [first, again, ...byName];
}

/** Of a numeric sent-by nothing more is learnt than where to, and only if we were not there. */
function locating(wanted: Wanted, seen: Address): readonly Attempt[] {
  //= RFC 3263 §5
  //# If it contains a numeric IP address, the server attempts to send the response to that address,
  //# using the transport protocol from the Via header, and the port from sent-by, if present, else
  //# the default for that transport protocol.
  const isSeen = isIpAddress(wanted.host) && wanted.host === seen.host;
  return isSeen ? [] : [{ kind: "Locate", wanted }];
}
