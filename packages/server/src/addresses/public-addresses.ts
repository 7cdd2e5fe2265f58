/**
 * How this machine is reached from outside, where a NAT is in front of it: by an address that the
 * operator names, or that a STUN server tells. Whoever is inside is told our own address all the
 * same, for many NATs do not lead back in.
 */
import { BlockList, isIPv6 } from "node:net";
import { networkInterfaces } from "node:os";
import type { Advertise } from "carillon/roles";
import type { Log } from "../http/log.ts";
import { plainAddress } from "../http/peer.ts";
import { ownAddresses } from "../own-addresses.ts";
import { askStun, readStunServer, type Seen, type StunServer } from "./stun-question.ts";

/** What an operator decides; `addresses` of the configuration. */
export interface AddressesConfig {
  /** One of each family at most. */
  readonly public?: readonly string[] | undefined;
  /** `stun.example:3478`, asked where `public` says nothing. */
  readonly stun?: string | undefined;
  /** Networks where our own addresses are right; all private ones if left out. */
  readonly inside?: readonly string[] | undefined;
}

export interface PublicAddresses {
  readonly advertise: Advertise;
  /** Whether this is our address as others know it. */
  isOwn(host: string): boolean;
  /** As others know us; undefined where that is as we know ourselves. */
  of(family: 4 | 6): string | undefined;
  /** The machine's addresses are others than before: asks again. */
  moved(): void;
  close(): void;
}

/** Private and shared: RFC 1918, RFC 6598, RFC 4193. */
const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"];
/** How often a STUN server is asked: who has another address tomorrow is reached by it soon. */
const ASK_EVERY_MS = 60_000;
/** The networks of this machine are looked at anew so often. */
const LOOK_EVERY_MS = 2000;

interface Parts {
  readonly config: AddressesConfig;
  readonly log: Log;
  readonly ask?: (server: StunServer, family: 4 | 6) => Promise<Seen>;
}

export function publicAddresses({ config, log, ask = askStun }: Parts): PublicAddresses {
  const told = config.public ?? [];
  const found = new Map<4 | 6, string>();
  for (const address of told) found.set(isIPv6(address) ? 6 : 4, address);
  const inside = insideOf(config.inside ?? PRIVATE);
  const server = config.stun === undefined ? undefined : readStunServer(config.stun);
  let silentSince: string | undefined;

  const learn = async (family: 4 | 6, from: StunServer): Promise<void> => {
    const seen = await ask(from, family);
    if (!seen.ok) {
      // Once, not each minute.
      if (silentSince !== seen.why) log.warn({ server: from.host, why: seen.why }, NO_STUN);
      silentSince = seen.why;
      return;
    }
    silentSince = undefined;
    const host = plainAddress(seen.mapped.host);
    const before = found.get(family);
    if (ownAddresses().includes(host)) found.delete(family);
    else found.set(family, host);
    const after = found.get(family);
    if (after !== before) log.info({ address: after ?? host, before }, "reached from outside at");
  };
  const askAll = (): void => {
    if (server && !told.some((one) => !isIPv6(one))) void learn(4, server);
  };
  askAll();
  const timer = server && setInterval(askAll, ASK_EVERY_MS).unref();

  return {
    advertise: ({ local, remote }) => {
      const family = isIPv6(local.host) ? 6 : 4;
      const host = found.get(family);
      if (host === undefined || host === local.host || inside(plainAddress(remote.host))) {
        return undefined;
      }
      return { host, port: local.port };
    },
    isOwn: (host) => [...found.values()].includes(host),
    of: (family) => found.get(family),
    moved: askAll,
    close: () => clearInterval(timer),
  };
}

const NO_STUN =
  "the STUN server does not say how this machine is reached from outside; addresses.public says it";

/** Whether somebody is in one of these networks, or in one that this machine is in. */
function insideOf(networks: readonly string[]): (host: string) => boolean {
  const always = listOf([...networks, "127.0.0.0/8", "169.254.0.0/16", "::1", "fe80::/10"]);
  let own = new BlockList();
  let until = 0;
  return (host) => {
    const family = isIPv6(host) ? "ipv6" : "ipv4";
    if (always.check(host, family)) return true;
    if (performance.now() > until) {
      until = performance.now() + LOOK_EVERY_MS;
      own = listOf(ownNetworks());
    }
    return own.check(host, family);
  };
}

const ownNetworks = (): readonly string[] =>
  Object.values(networkInterfaces()).flatMap((all) =>
    (all ?? []).flatMap(({ cidr }) => cidr ?? []),
  );

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of networks) {
    const [address = "", prefix] = text.split("/");
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}
