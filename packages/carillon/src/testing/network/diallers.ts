/** How connections come to be, or do not. */
import type { Millis } from "../../grammar/millis.ts";
import type { Destination } from "../../transport/destination.ts";
import type { TransportName } from "../../transport/flow.ts";
import type { Address } from "../../uri/host.ts";
import { Connection } from "./connection.ts";
import type { Host } from "./host.ts";
import type { Machine } from "./machine.ts";
import type { Realm } from "./realm.ts";
import { DELAY_MS, type Weather } from "./weather.ts";

export interface DiallersWorld {
  readonly now: () => Millis;
  readonly after: (ms: Millis, run: () => void) => void;
  readonly roundTripMs: () => Millis;
  readonly weather: (from: string, to: string) => Weather;
  readonly isCut: (from: string, to: string) => boolean;
}

/** How long a kernel waits for an answer to its SYNs: on Linux about two minutes. */
export const CONNECTING_GIVES_UP_MS: Millis = 127_000;
const RESET = "ECONNRESET";
const FIRST_EPHEMERAL_PORT = 49_152;

/** Which way a connection goes: through boxes its source is another address than the host's. */
interface Route {
  readonly local: Address;
  readonly source: Address;
  readonly remote: Address;
  /** False once a box on the way has forgotten it. */
  readonly isKept: () => boolean;
}

export class Diallers {
  readonly #world: DiallersWorld;
  #ports = 0;

  constructor(world: DiallersWorld) {
    this.#world = world;
  }

  open(from: Host<Machine>, dial: number, to: Destination): void {
    const world = this.#world;
    const remote = "url" in to ? addressIn(to.url) : to.remote;
    const port = FIRST_EPHEMERAL_PORT + (this.#ports++ % 16_384);
    const local: Address = { host: from.address.host, port };
    const { realm, source } = from.realm.leave("TCP", local, remote, world.now());
    const roundTripMs = world.roundTripMs();
    world.after(roundTripMs, () => {
      const peer = this.#peer(realm, source, remote, to.transport);
      const outcome = this.#outcome(from, peer, realm, remote, to);
      let isTold = false;
      const notOpened = (cause: string) => {
        if (!isTold) from.input({ kind: "NotOpened", dial, cause });
        isTold = true;
      };
      if (outcome === "silent") {
        const isHanging = peer && !peer.isAtWork && !peer.isClosed;
        if (isHanging) peer.whenOver(() => world.after(0, () => notOpened(RESET)));
        return world.after(CONNECTING_GIVES_UP_MS - roundTripMs, () => notOpened("ETIMEDOUT"));
      }
      if (!peer || outcome !== "open") return notOpened(outcome);
      const sourceNow = () => from.realm.leave("TCP", local, remote, world.now()).source;
      const isKept = () => sourceNow().port === source.port;
      this.#connect(from, peer, to, dial, { local, source, remote, isKept });
    });
  }

  /** TLS is taken in one port above the others, too. */
  #peer(
    realm: Realm,
    source: Address,
    to: Address,
    transport: TransportName,
  ): Host<Machine> | undefined {
    const now = this.#world.now();
    const there = realm.find("TCP", source, to, now, true);
    if (there || transport !== "TLS") return there;
    return realm.find("TCP", source, { ...to, port: to.port - 1 }, now, true);
  }

  #outcome(
    from: Host<Machine>,
    peer: Host<Machine> | undefined,
    realm: Realm,
    remote: Address,
    to: Destination,
  ): "open" | "silent" | string {
    if (!peer) return realm.isMachine(remote.host) ? "ECONNREFUSED" : "silent";
    const { opening } = this.#world.weather(from.name, peer.name).stream ?? {};
    const { isCut } = this.#world;
    if (peer.isClosed || opening === "silent") return "silent";
    if (isCut(from.name, peer.name) || isCut(peer.name, from.name)) return "silent";
    if (!peer.isListening(to.transport) || opening === "refused") return "ECONNREFUSED";
    // Its kernel shakes hands for a program that hangs; what takes more than a kernel waits.
    if (!peer.isAtWork && to.transport !== "TCP") return "silent";
    if (!("remote" in to) || to.transport !== "TLS") return "open";
    return peer.identities.includes(to.name) ? "open" : "ERR_TLS_CERT_ALTNAME_INVALID";
  }

  #connect(
    from: Host<Machine>,
    peer: Host<Machine>,
    { transport }: Destination,
    dial: number,
    { local, source, remote, isKept }: Route,
  ): void {
    const { now, after, weather, isCut } = this.#world;
    const ways = () => weather(from.name, peer.name);
    const connection = new Connection(transport, from, peer, {
      now,
      after,
      delayMs: () => ways().delayMs ?? DELAY_MS,
      weather: () => ways().stream ?? {},
      isOpen: (one, other) => !isCut(one.name, other.name) && isKept(),
    });
    const { dialler, acceptor } = connection;
    const ends = { local: peer.address, remote: source };
    const who = (one: Host<Machine>) =>
      transport === "TLS" && one.identities.length > 0 ? { identities: one.identities } : {};
    peer.input({ kind: "Opened", connection: acceptor.id, transport, ...ends, ...who(from) });
    const isPage = transport === "WS" || transport === "WSS";
    const here = { local: isPage ? NO_ADDRESS : local, remote, dial };
    from.input({ kind: "Opened", connection: dialler.id, transport, ...here, ...who(peer) });
  }
}

/** A page does not know its own. */
const NO_ADDRESS: Address = { host: "page.invalid", port: 0 };

/** `ws://HOST:PORT/…` leads to the host that listens there. */
function addressIn(url: string): Address {
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, "");
  return { host, port: port === "" ? (protocol === "wss:" ? 443 : 80) : Number(port) };
}
