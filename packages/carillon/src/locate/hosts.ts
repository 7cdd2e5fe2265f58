/** Hosts on the way from services to targets: SRV records in, addresses out. RFC 3263 §4.2. */
import { defaultPort, type TransportName } from "../transport/flow.ts";
import { isIpAddress } from "../uri/host.ts";
import { isOpen, type Lookup, recordsOf } from "./lookup.ts";
import { type AddressType, question, sameQuestion } from "./naming.ts";
import { isPublicAddress } from "./public-address.ts";
import type { Service } from "./services.ts";
import { srvOrder } from "./srv-order.ts";
import { MAX_TARGETS, type Target, targetKey } from "./target.ts";

/** A name or an address, with all the rest that a target needs. */
export interface Host {
  readonly transport: TransportName;
  readonly host: string;
  readonly port: number;
}

/** Addresses taken of one host where there are more: one host's must not be all there are. */
const MAX_OF_ONE = 4;

export const hostAt = (
  transport: TransportName,
  host: string,
  port: number = defaultPort(transport),
): Host => ({ transport, host, port });

/** What the SRV records of one service say: hosts in order, that it is not there, or nothing. */
export function hostsOf(
  { transport }: Service,
  lookup: Lookup | undefined,
  seed: number,
): readonly Host[] | "unavailable" | undefined {
  const records = recordsOf(lookup, "SRV");
  if (records.length === 0) return undefined;
  // RFC 2782, "Usage rules": a lone target of "." means that the service is decidedly not there.
  const real = records.filter(({ target }) => target !== "");
  if (real.length === 0) return "unavailable";
  const ordered = srvOrder(real, seed, MAX_TARGETS);
  return ordered.map(({ target, port }) => hostAt(transport, target, port));
}

export interface AddressChoice {
  readonly families: readonly AddressType[];
  readonly publicOnly: boolean;
  readonly name: string;
}

/** The targets that the addresses known so far make, in the order of the hosts. */
export function targetsOf(
  hosts: readonly Host[],
  lookups: readonly Lookup[],
  choice: AddressChoice,
): readonly Target[] {
  const perHost = hosts.length > 1 ? MAX_OF_ONE : MAX_TARGETS;
  const seen = new Set<string>();
  const targets: Target[] = [];
  for (const { transport, host, port } of hosts) {
    const wanted = addressesOf(host, lookups, choice.families).filter(
      (address) => !choice.publicOnly || isPublicAddress(address),
    );
    for (const address of wanted.slice(0, perHost)) {
      const target = { transport, address: { host: address, port }, name: choice.name };
      const key = targetKey(target);
      if (targets.length < MAX_TARGETS && !seen.has(key)) targets.push(target);
      seen.add(key);
    }
  }
  return targets;
}

/** What a host is known to be at: an address of a family we have, or what the DNS said. */
export function addressesOf(
  host: string,
  lookups: readonly Lookup[],
  families: readonly AddressType[],
): readonly string[] {
  if (isIpAddress(host)) return families.includes(host.includes(":") ? "AAAA" : "A") ? [host] : [];
  return families.flatMap((family) => {
    const wanted = question(host, family);
    const lookup = lookups.find((each) => sameQuestion(each.wanted, wanted));
    return recordsOf(lookup, family).map(({ address }) => address);
  });
}

/** True once every question about this host has its answer. */
export const isSettled = (host: string, lookups: readonly Lookup[]): boolean =>
  lookups.every((lookup) => lookup.wanted.name !== host || !isOpen(lookup));
