/** Two servers of one domain, the first preferred, and somebody who sends requests to them. */
import type { Address } from "../uri/host.ts";
import { type Errands, type ErrandsOptions, errands } from "./errands.ts";
import { type Host, LyingDns, Network, ScriptedPeer } from "./network.ts";

export const ONE: Address = { host: "192.0.2.1", port: 5060 };
export const TWO: Address = { host: "192.0.2.2", port: 5060 };

const ZONE = `
  _sip._udp.example.com SRV 1 0 5060 one.example.com
  _sip._udp.example.com SRV 2 0 5060 two.example.com
  one.example.com A 192.0.2.1
  two.example.com A 192.0.2.2
`;

export interface TwoServers extends Errands {
  readonly network: Network;
  readonly dns: LyingDns;
  readonly first: Host<ScriptedPeer>;
  readonly second: Host<ScriptedPeer>;
}

/** The servers do what these scripts say. */
export function twoServers(
  one: string,
  two: string,
  options: ErrandsOptions = {},
  dns: LyingDns = new LyingDns().zone(ZONE),
): TwoServers {
  const network = new Network({ dns });
  const first = network.host("one", ONE, new ScriptedPeer(one));
  const second = network.host("two", TWO, new ScriptedPeer(two));
  const servers = { transports: ["UDP"], ...options.servers } as const;
  return { network, dns, first, second, ...errands(network, { ...options, servers }) };
}
