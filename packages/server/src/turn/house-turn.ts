/**
 * TURN of the house: a server of its own, or another one (coturn) that shares a secret with it. It
 * is there without being asked for, and a house without it is one all the same.
 */
import { createHmac } from "node:crypto";
import { BlockList, isIPv6 } from "node:net";
import { nodeStunCrypto } from "carillon/node";
import type { Address, Family, PeerWorld, RelayHost, TurnCensus, TurnEvent } from "carillon/turn";
import { CannotStart } from "../cannot-start.ts";
import type { Clock } from "../clock.ts";
import type { LiveConfig } from "../config/live-config.ts";
import type { Log } from "../http/log.ts";
import { ownAddresses } from "../own-addresses.ts";
import { PRODUCT } from "../product.ts";
import type { Settings } from "../settings.ts";
import type { Store } from "../store/store.ts";
import { type IceServers, iceServersFor, ownServers } from "./ice-servers.ts";
import { type TurnDriver, turnDriver } from "./turn-driver.ts";
import { readTurn } from "./turn-setting.ts";

/** Where STUN and TURN are if nobody says it. RFC 8656 §5. */
export const TURN_PORT = 3478;
/** RFC 8656 §7.2 recommends 49152 to 65535; these are as many as allocations. */
const RELAY_PORTS = { first: 49_152, last: 50_175 };

type OfSettings = "turn" | "turnSecret" | "turnPort" | "media" | "mediaPorts";

export interface HouseTurnParts extends Pick<Settings, OfSettings> {
  /** Addresses to bind. */
  readonly addresses: readonly string[];
  readonly config: LiveConfig["turn"];
  /** How this machine is reached from outside, where `config.publicAddress` does not say it. */
  readonly publicOf?: (family: Family) => string | undefined;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
}

export interface HouseTurn {
  /** Of our own server; undefined without. */
  readonly port: number | undefined;
  /** What somebody's page or phone may use. `host` is the name by which it reached the house. */
  iceServers(account: string, host: string): IceServers;
  /** Undefined where it is not our own. */
  census(): TurnCensus | undefined;
  close(): Promise<void>;
}

export async function houseTurn(parts: HouseTurnParts): Promise<HouseTurn> {
  const { turnSecret, clock, store } = parts;
  const turn = readTurn(parts.turn) ?? "off";
  if (typeof turn !== "string") {
    if (turnSecret === undefined && turn.some((url) => url.startsWith("turn"))) {
      throw new CannotStart(
        "Another TURN server needs to know who may use it. Set CARILLON_TURN_SECRET to its " +
          "static-auth-secret.",
      );
    }
    const secret = Buffer.from(turnSecret ?? "");
    // The other machine goes by the calendar.
    return without((account) => iceServersFor(account, turn, { secret, nowMs: clock.wall() }));
  }
  if (turn === "off" || parts.turnPort === undefined) return without(() => NO_SERVERS);
  const secret = createHmac("sha256", store.house.key).update("turn").digest();
  const driver = await started(parts, secret);
  if (!driver) return without(() => NO_SERVERS);
  const port = driver.addresses[0]?.port ?? TURN_PORT;
  return {
    port,
    iceServers: (account, host) =>
      iceServersFor(account, ownServers(host, port), { secret, nowMs: clock.steady() }),
    census: () => driver.census(),
    close: () => driver.close(),
  };
}

const NO_SERVERS: IceServers = { iceServers: [], expiresSeconds: 86_400 };

const without = (iceServers: HouseTurn["iceServers"]): HouseTurn => ({
  ...{ port: undefined, iceServers },
  census: () => undefined,
  close: async () => {},
});

/** Where only the usual port is taken, the house starts without. */
async function started(parts: HouseTurnParts, secret: Uint8Array): Promise<TurnDriver | undefined> {
  const { addresses, turnPort: port = TURN_PORT, store, clock, log, config } = parts;
  const crypto = nodeStunCrypto();
  try {
    return await turnDriver({
      ...{ crypto, secret, realm: store.house.realm, software: PRODUCT },
      nonceKey: crypto.randomBytes(32),
      listen: addresses.map((host) => ({ host, port })),
      ports: config.relayPorts ?? RELAY_PORTS,
      relayHost: relayHosts(addresses, (family) => publicOf(parts, family)),
      peers: peersOf(parts),
      limits: limitsOf(config),
      now: clock.steady,
      told: teller(log),
    });
  } catch (error) {
    const { code } = error as { code?: string };
    if (port === TURN_PORT) {
      log.warn(
        { port, code },
        "no TURN server: its port is not to be had; --turn-port has another",
      );
      return undefined;
    }
    throw new CannotStart(
      `Port ${port} (UDP) cannot be had for TURN (${code}). ` +
        `Choose another: npm start -- --turn-port ${port + 10}`,
    );
  }
}

function limitsOf({ perPerson, kilobitsPerSecond, relayPorts }: LiveConfig["turn"]) {
  const perSecond = kilobitsPerSecond && (kilobitsPerSecond * 1000) / 8;
  const { first, last } = relayPorts ?? RELAY_PORTS;
  return {
    allocations: last - first + 1,
    ...(perPerson && { perAccount: perPerson }),
    ...(perSecond && { bandwidth: { burst: 4 * perSecond, perSecond } }),
  };
}

/** On the address that the client came to; for the other family on another one of this machine. */
function relayHosts(
  addresses: readonly string[],
  publicOf: (family: Family) => string | undefined,
): (client: { readonly local: Address }, family: Family) => RelayHost | undefined {
  const isOf = (family: Family) => (host: string) => isIPv6(host) === (family === 6);
  const isLoopback = (host: string) => host === "::1" || host.startsWith("127.");
  return ({ local }, family) => {
    const fits = isOf(family);
    // Who comes from outside is given no relay on loopback, from which our media could be reached.
    const isAsNear = (host: string) => isLoopback(local.host) || !isLoopback(host);
    const bound = fits(local.host)
      ? local.host
      : addresses.find((host) => fits(host) && isAsNear(host));
    if (bound === undefined) return undefined;
    const told = isLoopback(bound) ? undefined : publicOf(family);
    return { bound, told: told ?? bound };
  };
}

/** What the operator says of the relay counts before what is known of the machine. */
function publicOf({ config, publicOf }: HouseTurnParts, family: Family): string | undefined {
  const { publicAddress } = config;
  const isFit = publicAddress !== undefined && isIPv6(publicAddress) === (family === 6);
  return isFit ? publicAddress : publicOf?.(family);
}

function peersOf(parts: HouseTurnParts): PeerWorld {
  const { config, media } = parts;
  const { from, to } = parts.mediaPorts;
  const { peers = [] } = config;
  const networks = new BlockList();
  const alone = new Set<string>();
  for (const text of peers) {
    const [address = "", prefix] = text.split("/");
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    if (prefix === undefined) alone.add(address);
    if (prefix === undefined) networks.addAddress(address, family);
    else networks.addSubnet(address, Number(prefix), family);
  }
  const outside = () => [publicOf(parts, 4) ?? [], publicOf(parts, 6) ?? []].flat();
  let own: ReadonlySet<string> = new Set();
  let ownUntil = 0;
  return {
    isOwn(host) {
      // Interfaces come and go; they are not looked at for every packet.
      if (performance.now() > ownUntil) {
        own = new Set([...ownAddresses(), ...outside()]);
        ownUntil = performance.now() + 5000;
      }
      return own.has(host);
    },
    isOwnMedia: ({ port }) => media !== "never" && port >= from && port <= to,
    isOpened: (host, how) =>
      how === "address" ? alone.has(host) : networks.check(host, isIPv6(host) ? "ipv6" : "ipv4"),
  };
}

/** Lines of this kind a minute: who attacks does not fill the disk. */
const MAX_LINES = 30;

function teller(log: Log): (event: TurnEvent) => void {
  let lines = 0;
  let minute = 0;
  return (event) => {
    const { kind, account, client, ...more } = event;
    if (kind === "Allocated" || kind === "Released") {
      return log.debug({ account, client: client.host, ...more }, `turn: ${kind.toLowerCase()}`);
    }
    const now = Math.floor(performance.now() / 60_000);
    if (now !== minute) [minute, lines] = [now, 0];
    if (++lines > MAX_LINES) return;
    const words =
      kind === "PeerRefused"
        ? "turn: somebody wanted to be relayed to an address that is not for them"
        : "turn: no relay for somebody who has too many";
    log.warn({ account, client: client.host, ...more }, words);
  };
}
