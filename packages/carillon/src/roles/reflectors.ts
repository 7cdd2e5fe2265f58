/**
 * Ports at which an answer of ours would be a question: services that answer whatever comes, to
 * whoever seems to have sent it. A request that seems to come from one has been made up, so that
 * this server and that service keep each other busy, or flood the host between them.
 */
import type { Incoming } from "../endpoint/incoming.ts";
import { type Flow, isReliable } from "../transport/flow.ts";
import { addressKind } from "./contact-kinds.ts";

/** Over UDP: echo, discard, daytime, chargen, DNS, TFTP, portmap, NTP, NetBIOS, SNMP, LDAP, … */
export const REFLECTORS: ReadonlySet<number> = new Set([
  ...[0, 7, 9, 13, 17, 19, 53, 69, 111, 123, 137, 138, 161, 389, 427, 520],
  ...[1900, 3283, 3702, 5353, 11_211],
]);

/** Higher ones a NAT may give to any phone, 5353 as well as 60001. */
const FIRST_OF_NATS = 1024;

/** Whether what comes from there is not to be looked at: such a service, or this very socket. */
export function isMadeUp(flow: Flow): boolean {
  if (isReliable(flow)) return false;
  const { local, remote } = flow;
  const isOurs = remote.host === local.host && remote.port === local.port;
  return isOurs || (remote.port < FIRST_OF_NATS && REFLECTORS.has(remote.port));
}

/**
 * Whether its topmost Via names such a service, or an address that nobody has. Without rport an
 * answer would go to that port; the address is not answered at in any case.
 */
export function leadsAstray({ flow, essentials: { via } }: Incoming): boolean {
  if (isReliable(flow)) return false;
  const host = via.host.startsWith("[") ? via.host.slice(1, -1) : via.host;
  const kind = addressKind(host);
  if (kind !== undefined && kind !== "loopback") return true;
  return via.port !== undefined && REFLECTORS.has(via.port) && !via.params.has("rport");
}
