/** From names to flows: where a binding or the other side of a dialog is reached. */
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Octets } from "../grammar/octets.ts";
import { type Wanted, wantedByUri } from "../locate/wanted.ts";
import type { Flow } from "../transport/flow.ts";
import { localFor } from "../transport/local-address.ts";
import { type Address, isIpAddress, sameHost } from "../uri/host.ts";
import { parseNameAddr } from "../uri/name-addr.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import { type FlowName, GONE } from "./cookie.ts";
import type { Binding } from "./location.ts";

/** What of a binding says where it is reached. */
export type Reached = Pick<Binding, "contact" | "flow" | "path">;

/**
 * The way to a registered contact, or to the first proxy of its Path. Over a connection it is that
 * connection, or where an earlier run had it, a new one. Over UDP a URI that names the address its
 * REGISTER came from is believed, port included; any other is reached where it registered from,
 * which is what a NAT needs. Undefined when the connection is gone.
 */
export function bindingFlow(endpoint: Endpoint, binding: Reached): Flow | undefined {
  //= RFC 5626 §6
  //# If the UAC has a direct flow with the registrar, the registrar MUST store enough information
  //# to uniquely identify the network flow over which the request arrived.
  //= RFC 5626 §7
  //# If the proxy is co-located with the registrar and stored information about the flow to the UA
  //# that created the binding, then the proxy MUST send the request over the same 'logical flow'
  //# saved with the binding, since that flow is known to deliver data to the specific target UA
  //# instance's network flow that was saved with the binding.
  const { flow } = binding;
  if (flow.connection === GONE) return dialled(endpoint, binding);
  if (flow.connection !== 0) return endpoint.connection(flow.connection);
  const local = stillLocal(endpoint, flow);
  return (
    local && unlessOwn(endpoint, { ...flow, local, remote: believed(hopOf(binding), flow.remote) })
  );
}

//= RFC 3327 §5.4
//# With the addition of Path, the home proxy also copies the stored path vector associated with the
//# specific contact in the registrar database into the Route header field of the outgoing request
//# as a preloaded route.
/** Whom a request to it is handed to: the first proxy of its Path, or it. */
function hopOf({ contact, path }: Reached): Octets {
  const first = path?.[0] === undefined ? undefined : parseNameAddr(path[0]);
  return first?.ok ? first.value.uri : contact;
}

/**
 * Whether a phone that registered over TCP can be connected to: it names the address it registered
 * from, so no NAT is in between, and a port where it listens. A connection that broke because this
 * program ended is no fault of its phone, which does not know of it yet.
 */
export function canBeDialled(binding: Reached): boolean {
  const { flow } = binding;
  const uri = parseSipUri(hopOf(binding));
  if (flow.transport !== "TCP" || !uri.ok) return false;
  const { host, port = 5060, params } = uri.value;
  const isTcp = params.get("transport")?.toLowerCase() === "tcp";
  return isTcp && host === flow.remote.host && port >= FIRST_USER_PORT;
}

/** The first proxy of its Path, where that has a name: what to ask the DNS for. RFC 3263 §4. */
export function namedHop(binding: Reached): Wanted | undefined {
  if ((binding.path ?? []).length === 0) return undefined;
  const uri = parseSipUri(hopOf(binding));
  const isNamed = uri.ok && !isIpAddress(uri.value.host.replace(/^\[|\]$/g, ""));
  return isNamed ? wantedByUri(uri.value) : undefined;
}

/**
 * Whether there is a way, perhaps, where the connection of its REGISTER is gone: the first proxy of
 * its Path can be connected to, or looked up.
 */
export const canBeFound = (binding: Reached): boolean =>
  canBeDialled(binding) || isBehindNamed(binding);

/** Whether the proxy that it came through can be looked up, so that its connections may go. */
export const isBehindNamed = (binding: Reached): boolean =>
  binding.flow.transport === "TCP" && namedHop(binding) !== undefined;

/** Whether a server that was found may be asked in place of where its REGISTER came from. */
export const isBelieved = ({ flow }: Reached, { host, port }: Address): boolean =>
  sameHost(host, flow.remote.host) && port >= FIRST_USER_PORT;

function dialled(endpoint: Endpoint, binding: Reached): Flow | undefined {
  if (!canBeDialled(binding)) return undefined;
  const address = believed(hopOf(binding), binding.flow.remote);
  const isOwn = endpoint.locals.some((local) => isSame(local, address));
  return isOwn ? undefined : endpoint.reach({ transport: "TCP", address, name: "" });
}

/** A binding can be older than this run of the program, and its address gone since. */
const stillLocal = ({ locals }: Endpoint, { local, remote }: Flow): Address | undefined =>
  locals.find((one) => isSame(one, local)) ?? localFor(locals, remote.host);

/**
 * The flow that a dialog's cookie names. Over UDP the Request-URI may name another port of the
 * same host: a target refresh. It never leads to another host. `local` is how the Route called us
 * on that side.
 */
export function namedFlow(
  endpoint: Endpoint,
  name: FlowName,
  uri: Octets,
  local: Address | undefined,
): Flow | undefined {
  if (name.connection !== 0) return endpoint.connection(name.connection);
  const remote = believed(uri, { host: name.host, port: name.port });
  const known = endpoint.locals.find((one) => isSame(one, local));
  const from = known ?? localFor(endpoint.locals, name.host);
  return from && unlessOwn(endpoint, { transport: "UDP", local: from, remote, connection: 0 });
}

/**
 * Where a side is whose TCP connection is gone, by its own Contact: a phone on UDP whose INVITE was
 * too large for a datagram, or one that listens on TCP. As everywhere, only the host that it came
 * from is believed; who was behind a NAT is not reached.
 */
export function contactFlow(
  endpoint: Endpoint,
  { transport, host, port }: FlowName,
  uri: Octets,
  local: Address | undefined,
): Flow | undefined {
  const contact = parseSipUri(uri);
  if (transport !== "TCP" || !contact.ok || !sameHost(contact.value.host, host)) return undefined;
  const asked = contact.value.params.get("transport")?.toLowerCase() ?? "udp";
  if (asked === "udp") {
    const name = { transport: "UDP", connection: 0, host, port: 5060 } as const;
    return namedFlow(endpoint, name, uri, local);
  }
  const binding = { contact: uri, flow: goneFlow({ host, port }) };
  return asked === "tcp" ? dialled(endpoint, binding) : undefined;
}

const goneFlow = (remote: Address): Flow => ({
  ...{ transport: "TCP", local: remote, remote, connection: GONE },
});

/** Ports below are other services', which nobody should make us talk to. */
const FIRST_USER_PORT = 1024;

function believed(contact: Octets, seen: Address): Address {
  const uri = parseSipUri(contact);
  if (!uri.ok || uri.value.host !== seen.host) return seen;
  const { port = 5060 } = uri.value;
  return port < FIRST_USER_PORT ? seen : { host: seen.host, port };
}

/** Never to ourselves: a contact that says so would make one request many. RFC 5393 §3. */
const unlessOwn = ({ locals }: Endpoint, flow: Flow): Flow | undefined =>
  locals.some((local) => isSame(local, flow.remote)) ? undefined : flow;

const isSame = (a: Address, b: Address | undefined) =>
  b !== undefined && sameHost(a.host, b.host) && a.port === b.port;
