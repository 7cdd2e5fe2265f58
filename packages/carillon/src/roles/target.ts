/** From names to flows: where a binding or the other side of a dialog is reached. */
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import type { Flow } from "../transport/flow.ts";
import { localFor } from "../transport/local-address.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import type { FlowName } from "./cookie.ts";
import type { Binding } from "./location.ts";

/**
 * The way to a registered contact. Over a connection it is that connection. Over UDP a contact
 * that names the address its REGISTER came from is believed, port included; any other is reached
 * where it registered from, which is what a NAT needs. Undefined when the connection is gone.
 */
export function bindingFlow(endpoint: Endpoint, { contact, flow }: Binding): Flow | undefined {
  if (flow.connection !== 0) return endpoint.connection(flow.connection);
  return { ...flow, remote: believed(contact, flow.remote) };
}

/**
 * The flow that a dialog's cookie names. Over UDP the Request-URI may name another port of the
 * same host: a target refresh. It never leads to another host.
 */
export function namedFlow(endpoint: Endpoint, name: FlowName, from: Incoming): Flow | undefined {
  if (name.connection !== 0) return endpoint.connection(name.connection);
  const remote = believed(from.request.uri, { host: name.host, port: name.port });
  const local = localFor(endpoint.locals, name.host);
  return local && { transport: "UDP", local, remote, connection: 0 };
}

function believed(contact: string, seen: { host: string; port: number }) {
  const uri = parseSipUri(contact);
  const same = uri.ok && uri.value.host === seen.host;
  return same ? { host: seen.host, port: uri.value.port ?? 5060 } : seen;
}
