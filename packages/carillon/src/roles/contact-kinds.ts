/**
 * Contacts that lead nowhere, or where no phone is: refused at REGISTER, whoever signs in. RFC 3261
 * §10.3.
 *
 * Requests never go where a Contact points, unless it came from there (`target.ts`), so that such a
 * Contact poisons nobody; but it would be written into each request, and other elements may follow.
 */
import type { Incoming } from "../endpoint/incoming.ts";
import { elements } from "../message/headers.ts";
import type { Flow } from "../transport/flow.ts";
import { ipv6Groups, isIpAddress, isIpv4, sameHost } from "../uri/host.ts";
import { parseNameAddr } from "../uri/name-addr.ts";
import { parseSipUri, type SipUri } from "../uri/sip-uri.ts";

/** What may be wrong with a Contact; one may be of several kinds. */
export type ContactKind =
  /** This machine, as the phone that says so calls its own, and it is another machine. */
  | "loopback"
  | "multicast"
  | "broadcast"
  /** 0.0.0.0 and `::`. */
  | "unspecified"
  /** Over UDP, a port below 1024 that is not the one that it registered from. */
  | "privileged-port"
  /** An address other than the one that it registered from, as behind every NAT. */
  | "other-address"
  /** A host name, as pages have. */
  | "name";

/** All of them. */
export const CONTACT_KINDS: readonly ContactKind[] = [
  ...(["loopback", "multicast", "broadcast", "unspecified", "privileged-port"] as const),
  ...(["other-address", "name"] as const),
];

/** What is refused where the operator says nothing. */
export const REFUSED_CONTACTS: readonly ContactKind[] = [
  ...(["loopback", "multicast", "broadcast", "unspecified", "privileged-port"] as const),
];

const FIRST_USER_PORT = 1024;

/** All that this Contact is, as it came over this flow. */
export function contactKinds(
  { host, port, params }: SipUri,
  { transport, remote }: Flow,
): readonly ContactKind[] {
  const kinds: ContactKind[] = [];
  for (const one of [host, params.get("maddr")?.toLowerCase()]) {
    if (one === undefined) continue;
    const plain = one.startsWith("[") ? one.slice(1, -1) : one;
    const kind = addressKind(plain);
    if (kind !== undefined && !(kind === "loopback" && addressKind(remote.host) === kind)) {
      kinds.push(kind);
    }
    if (!isIpAddress(plain)) kinds.push("name");
    else if (!sameHost(plain, remote.host)) kinds.push("other-address");
  }
  const isPrivileged = port !== undefined && port < FIRST_USER_PORT && port !== remote.port;
  if (isPrivileged && transport === "UDP") kinds.push("privileged-port");
  return kinds;
}

/** What a host is that no phone can have; it stands there without brackets. */
export function addressKind(host: string): ContactKind | undefined {
  if (isIpv4(host)) return kindOfV4(Number.parseInt(host, 10), host === "255.255.255.255");
  if (host === "localhost" || host.endsWith(".localhost")) return "loopback";
  if (!host.includes(":") || !isIpAddress(host)) return undefined;
  const groups = ipv6Groups(host);
  const [first = 0] = groups;
  if ((first & 0xff00) === 0xff00) return "multicast";
  if (groups.slice(0, 5).some((group) => group !== 0)) return undefined;
  const [fifth = 0, high = 0, low = 0] = groups.slice(5);
  if (fifth === 0xffff) return kindOfV4(high >> 8, high === 0xffff && low === 0xffff);
  if (fifth !== 0 || high !== 0) return undefined;
  if (low === 0) return "unspecified";
  return low === 1 ? "loopback" : undefined;
}

/** The last address of a network is a broadcast, too; which networks there are, we do not know. */
function kindOfV4(first: number, isAllOnes: boolean): ContactKind | undefined {
  if (first === 0) return "unspecified";
  if (first === 127) return "loopback";
  if (isAllOnes) return "broadcast";
  return first >= 224 && first < 240 ? "multicast" : undefined;
}

/** What one of a REGISTER's contacts is that none may be. */
export function refusedKind(
  { request, flow }: Incoming,
  refused: readonly ContactKind[],
): ContactKind | undefined {
  const contacts = elements(request, "Contact");
  if (!contacts.ok) return undefined;
  for (const text of contacts.value) {
    const address = parseNameAddr(text);
    const uri = address.ok ? parseSipUri(address.value.uri) : address;
    const kinds = uri.ok ? contactKinds(uri.value, flow) : [];
    const kind = kinds.find((one) => refused.includes(one));
    if (kind !== undefined) return kind;
  }
  return undefined;
}
