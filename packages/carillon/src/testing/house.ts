/** A whole domain on a simulated network in one call: a server, and phones that know it. */
import type { Bridging } from "../b2bua/bridging.ts";
import { createInnerLineEndpoint } from "../b2bua/inner-line.ts";
import { createEndpoint } from "../endpoint/endpoint.ts";
import type { Admission } from "../endpoint/overload/admission.ts";
import { Servers } from "../endpoint/servers.ts";
import { type DomainRole, domain } from "../roles/domain.ts";
import type { DomainOptions } from "../roles/domain-options.ts";
import { MemoryLocation, withoutConnection } from "../roles/location.ts";
import type { Policy } from "../roles/policy.ts";
import type { Service } from "../roles/services.ts";
import type { Wake } from "../roles/wake.ts";
import { webSocketAt } from "../transport/destination.ts";
import { isOnLink } from "../transport/on-link.ts";
import type { Call } from "../ua/call.ts";
import type { MediaFactory, MediaSession } from "../ua/media.ts";
import { Phone, type PhoneOptions } from "../ua/phone.ts";
import type { ServerWay } from "../ua/server-way.ts";
import { trickles } from "../ua/trickle.ts";
import { type WholePhoneOptions, wholePhone } from "../ua/whole-phone.ts";
import type { Address } from "../uri/host.ts";
import { testAccounts } from "./accounts.ts";
import { type LadderOptions, ladder } from "./ladder.ts";
import { type Host, type Nat, Network, type NetworkOptions } from "./network.ts";
import { silentMedia } from "./silent-media.ts";

/** How a phone reaches the server; `direct` has none, and is called at its own address. */
export type HouseWay = "udp" | "tcp" | "ws" | "direct";

/** A domain in memory: its network, its server and its phones. */
export interface House {
  /** The network and its clock: nothing happens but in its `run` and `until`. */
  readonly network: Network;
  /** The host of the server; after `restart` another one. */
  readonly server: Host;
  /** Who is registered: `network.now` is its time. */
  readonly location: MemoryLocation;
  /**
   * A phone of this person, by the server over UDP (if nothing else is said) or WebSocket, or
   * without a server; each has a host of its own. With media of one's own,
   * `phone<MyMedia>("bob", "udp", { media })` has calls whose `media` are of that kind.
   */
  phone<M extends MediaSession = MediaSession>(
    user: string,
    way?: HouseWay,
    options?: PhoneChanges<NoInfer<M>>,
  ): Phone<M>;
  /** The same, signed in. */
  signedIn<M extends MediaSession = MediaSession>(
    user: string,
    way?: HouseWay,
    options?: PhoneChanges<NoInfer<M>>,
  ): Promise<Phone<M>>;
  /** One calls the other, who answers: both ends, once they talk. */
  talk<M extends MediaSession, N extends MediaSession>(
    caller: Phone<M>,
    callee: Phone<N>,
  ): Promise<{ readonly from: Call<M>; readonly to: Call<N> }>;
  /** The host a phone runs on. */
  hostOf<M extends MediaSession>(phone: Phone<M>): Host;
  /** Everything on the wire since the last look, drawn between the hosts that took part. */
  ladder(options?: LadderOptions): string;
  /** Runs a story. What it throws has the ladder in its message, for whoever reads the failure. */
  withLadder<T>(story: () => Promise<T>): Promise<T>;
  /** How many calls people make, where its policy has them counted. */
  outgoing(): ReturnType<DomainRole["outgoing"]>;
  /** Starts a server anew at the same address, as after a restart: it knows nobody. */
  restart(): void;
}

/** The weather, and what the server is like. */
export interface HouseOptions extends NetworkOptions {
  /** "house.example" if left out. */
  readonly domain?: string;
  /** The domain if left out. */
  readonly realm?: string;
  /** Hears what the server refused, and where it sent things. */
  readonly log?: NonNullable<DomainOptions["log"]>;
  /** From where it takes requests in anybody's name. */
  readonly trusts?: NonNullable<DomainOptions["trusts"]>;
  /** What its operator has decided; nothing if left out. */
  readonly policy?: Policy;
  /** Parts of the server that answer requests themselves, made anew at each start. */
  readonly services?: (location: MemoryLocation) => readonly Service[];
  /** Bridges its calls, made anew at each start. */
  readonly bridging?: () => Bridging;
  /** Wakes phones that sleep. */
  readonly wake?: Wake;
  /** Stands before its server. */
  readonly admission?: Admission;
  /** Where it is kept what people call elsewhere. */
  readonly outgoing?: NonNullable<DomainOptions["outgoing"]>;
  /** Names with passwords. */
  readonly people?: Readonly<Record<string, string>>;
}

/** What may be other than usual about a phone. */
export interface PhoneChanges<M extends MediaSession = MediaSession>
  extends Partial<PhoneOptions>,
    WholePhoneOptions {
  /** `silentMedia` if left out. A call has a media session of its own. */
  readonly media?: MediaFactory<M>;
  /** Whether media may send candidates later. RFC 8840. */
  readonly trickles?: boolean;
  /** The box that it lives behind. */
  readonly behind?: Nat;
  /** Ways to the server in place of the one: with `flows: 2` it has two of them at a time. */
  readonly ways?: readonly Exclude<HouseWay, "direct">[];
  /** It can call and be called, and nothing else: no transfers, no timers. */
  readonly isPlain?: boolean;
}

const SERVER: Address = { host: "198.51.100.1", port: 5060 };
const PEOPLE: Readonly<Record<string, string>> = {
  alice: "a secret",
  bob: "b secret",
  carol: "c secret",
};

/** A house with the server running and nobody signed in. Same options, same octets. */
export function house(options: HouseOptions = {}): House {
  const { domain: name = "house.example", people = PEOPLE } = options;
  const network = new Network(options);
  const hosts = new Map<object, Host>();
  const served = serverParts(options, network, name, people);
  let count = 0;
  const phone = <M extends MediaSession>(
    user: string,
    way: HouseWay = "udp",
    changes: PhoneChanges<M> = {},
  ): Phone<M> => {
    const { behind, isPlain = false, trickles: doesTrickle, ways, ...more } = changes;
    const net = behind ? "10.0.0" : "203.0.113";
    const address: Address = { host: `${net}.${++count}`, port: 5060 };
    // Who asks for no media of a kind gets a phone of the usual kind.
    const media = changes.media ?? (() => silentMedia(address.host) as MediaSession as M);
    let host: Host | undefined;
    const usual = nameOf(user, way === "direct" ? address.host : name);
    const signsIn = changes.token === undefined && way !== "direct";
    const made = new Phone<M>(
      { ...usual, ...(signsIn && { password: people[user] ?? "" }), ...more },
      {
        crypto: network.crypto,
        media,
        run: (endpoint) => {
          endpoint.find(() => new Servers(endpoint));
          host = (behind ?? network).host(hostName(network, user), address, endpoint);
          return host;
        },
        isLocal: (other) => isOnLink(other, [{ address: address.host, prefixLength: 24 }]),
        servers: () => waysTo(() => host?.address ?? address, ways ?? [way]),
      },
    );
    if (!isPlain) wholePhone(made, changes);
    if (doesTrickle) trickles(made);
    if (host) hosts.set(made, host);
    return made;
  };
  const newLadder = ladders(network);
  return {
    network,
    phone,
    get server() {
      return served.server;
    },
    location: served.location,
    restart: served.restart,
    outgoing: () => served.role.outgoing(),
    async signedIn<M extends MediaSession>(
      user: string,
      way?: HouseWay,
      changes?: PhoneChanges<M>,
    ) {
      const made = phone(user, way, changes);
      await network.until(made.register());
      return made;
    },
    talk: (caller, callee) => talk(network, caller, callee),
    hostOf(phone) {
      const host = hosts.get(phone);
      if (!host) throw new RangeError("this phone lives in another house");
      return host;
    },
    ladder: newLadder,
    withLadder: (story) =>
      story().catch((thrown: unknown) => {
        throw saying(newLadder({ keepAlives: false }), thrown);
      }),
  };
}

function serverParts(
  options: HouseOptions,
  network: Network,
  name: string,
  people: Readonly<Record<string, string>>,
): { server: Host; role: DomainRole; readonly location: MemoryLocation; restart(): void } {
  const { crypto } = network;
  const realm = options.realm ?? name;
  const location = new MemoryLocation();
  const accounts = testAccounts(crypto, realm, people);
  const [key, tokenKey] = [crypto.randomBytes(32), crypto.randomBytes(32)];
  const start = (): { readonly server: Host; readonly role: DomainRole } => {
    const bridge = options.bridging?.();
    const services = [...(bridge ? [bridge] : []), ...(options.services?.(location) ?? [])];
    const role = domain({
      ...{ domain: name, aliases: [SERVER.host], realm, accounts, location, crypto },
      ...{ key, tokenKey, node: "n1" },
      ...(options.log && { log: options.log }),
      ...(options.trusts && { trusts: options.trusts }),
      ...(bridge && { bridge }),
      ...(options.wake && { wake: options.wake }),
      ...(options.outgoing && { outgoing: options.outgoing }),
      services,
      policy: () => options.policy ?? {},
    });
    const make = bridge ? createInnerLineEndpoint : createEndpoint;
    const { admission } = options;
    const before = admission === undefined ? {} : { admission };
    const endpoint = make({ role, crypto, key, node: "n1", product: "Carillon/test", ...before });
    return { server: network.host("server", SERVER, endpoint), role };
  };
  const parts = {
    ...start(),
    location,
    restart(): void {
      parts.server.close();
      // As a store has it that outlives the program: connections do not.
      for (const person of Object.keys(people)) {
        const all = location.bindings(person, network.now);
        const others = all.flatMap(({ flow }) => (flow.connection > 0 ? [flow.connection] : []));
        location.replace(person, others.reduce(withoutConnection, all));
      }
      Object.assign(parts, start());
    },
  };
  return parts;
}

const waysTo = (local: () => Address, ways: readonly HouseWay[]): readonly ServerWay[] =>
  ways.flatMap((way) => (way === "direct" ? [] : [wayTo(local, way)]));

function wayTo(local: () => Address, way: Exclude<HouseWay, "direct">): ServerWay {
  if (way === "ws") {
    return { kind: "Open", to: webSocketAt(`ws://${SERVER.host}:${SERVER.port}/`) };
  }
  if (way === "tcp") return { kind: "Open", to: { transport: "TCP", remote: SERVER, name: "" } };
  const flow = () => ({ transport: "UDP", local: local(), remote: SERVER, connection: 0 }) as const;
  return { kind: "Flow", flow };
}

async function talk<M extends MediaSession, N extends MediaSession>(
  network: Network,
  caller: Phone<M>,
  callee: Phone<N>,
) {
  const calls = callee.calls();
  const incoming = calls.next();
  const from = caller.call(callee.aor);
  const { value: to } = await network.until(incoming);
  await calls.return?.();
  await network.until(Promise.all([to.answer(), from.answered]));
  return { from, to };
}

/** Draws, each time it is called, what went over the wire since the last time. */
function ladders(network: Network): (options?: LadderOptions) => string {
  let seen = 0;
  return (options) => {
    const sights = network.sights.slice(seen);
    seen = network.sights.length;
    const busy = new Set(sights.flatMap(({ from, to }) => [from, to]));
    return ladder(sights, inOrder([...network.names].filter((one) => busy.has(one))), options);
  };
}

/** The error with this below its message, and in its stack: that is what test runners print. */
function saying(more: string, thrown: unknown): Error {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const { message, stack } = error;
  error.message = `${message}\n\n${more}\n`;
  if (stack) error.stack = stack.replace(message, () => error.message);
  return error;
}

/** `bob`, then `bob-2`: a person may have several devices. */
function hostName(network: Network, user: string): string {
  for (let nth = 1; ; nth++) {
    const name = nth === 1 ? user : `${user}-${nth}`;
    if (!network.names.has(name)) return name;
  }
}

/** The server between the first phone and the others. */
function inOrder(names: readonly string[]): readonly string[] {
  const [first, ...others] = names.filter((name) => name !== "server");
  if (first === undefined) return names;
  return [first, ...(names.includes("server") ? ["server"] : []), ...others];
}

const nameOf = (user: string, at: string) => ({
  aor: `sip:${user}@${at}`,
  displayName: capital(user),
});

const capital = (name: string): string => name.slice(0, 1).toUpperCase() + name.slice(1);
