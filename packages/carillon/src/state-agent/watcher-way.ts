/** Where NOTIFYs go: to where their SUBSCRIBE came from, and to no other host. */
import type { Dialog } from "../dialog/dialog.ts";
import type { Octets } from "../grammar/octets.ts";
import type { Done, OwnRequest, ServiceHost } from "../roles/services.ts";
import { bindingFlow } from "../roles/target.ts";
import type { Flow } from "../transport/flow.ts";
import { formatAddress } from "../uri/host.ts";
import { parseNameAddr } from "../uri/name-addr.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import type { Watcher } from "./source.ts";

/** What of a subscription says where it is. */
export interface Watching {
  readonly dialog: Dialog;
  readonly flow: Flow;
  readonly asked: { readonly watcher: Watcher };
}

/** Sends it, as `ServiceHost.overFlow` does. */
export function sendToWatcher(host: ServiceHost, of: Watching, what: OwnRequest, done: Done): void {
  const flow = wayTo(host, of);
  if (flow) return host.overFlow(flow, what, done);
  const hop = isElsewhere(of) ? parseSipUri(homeOf(of)) : undefined;
  if (hop?.ok) return host.toServers(hop.value, what, done);
  host.endpoint.later(() => done({ status: 503, response: undefined }));
}

/**
 * The flow to a watcher. Over a connection it is that of the SUBSCRIBE while it is open. Over UDP
 * another port of the same host may be named; what names another host is reached where the
 * SUBSCRIBE came from, which is what a NAT needs, and what keeps others from being flooded.
 */
export const wayTo = ({ endpoint }: ServiceHost, { dialog, flow }: Watching): Flow | undefined =>
  bindingFlow(endpoint, { contact: nextHop(dialog), flow });

/** The watcher's place, if it is another than the one that the SUBSCRIBE came from. */
export function otherPlace(host: ServiceHost, of: Watching): string | undefined {
  const to = wayTo(host, of)?.remote;
  const { remote } = of.flow;
  if (!to || (to.host === remote.host && to.port === remote.port)) return undefined;
  return formatAddress(to);
}

/** Another domain's server may come from anywhere, and is found by its name. */
export const isElsewhere = ({ asked, flow }: Watching): boolean =>
  asked.watcher.account === undefined && flow.connection !== 0;

/** Its domain's servers, whoever is named in Contact: nobody is flooded at a partner's word. */
function homeOf({ asked, flow }: Watching): Octets {
  const { uri } = asked.watcher;
  const secure = flow.transport === "TLS" ? ";transport=tls" : "";
  return `sip:${uri.slice(uri.lastIndexOf("@") + 1)}${secure}`;
}

/** The first of the route set, or the Contact. */
function nextHop({ routeSet, remoteTarget }: Dialog): Octets {
  const [first] = routeSet;
  const route = first === undefined ? undefined : parseNameAddr(first);
  return route?.ok ? route.value.uri : remoteTarget;
}
