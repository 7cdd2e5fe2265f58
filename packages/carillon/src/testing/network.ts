/**
 * A network that exists only in memory: hosts, a virtual clock, loss, delay and duplication from a
 * seed. The endpoints on it are the ones that run on real sockets, unchanged; an hour passes in
 * milliseconds, and the same seed gives the same run to the last octet.
 */
import type { Crypto } from "../auth/crypto.ts";
import { portableCrypto } from "../auth/portable-crypto.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Input, Output } from "../endpoint/input-output.ts";
import type { Octets } from "../grammar/octets.ts";
import type { Millis } from "../transaction/timers.ts";
import type { Destination } from "../transport/destination.ts";
import type { Address } from "../uri/host.ts";
import { seeded, seededBytes } from "./random.ts";

export interface Weather {
  /** One way, in milliseconds. */
  readonly delayMs?: number;
  /** Up to this much is added by chance, so datagrams overtake each other. */
  readonly jitterMs?: number;
  /** 0 to 1: how many datagrams never arrive. */
  readonly loss?: number;
  /** 0 to 1: how many arrive twice. */
  readonly duplication?: number;
  /** What becomes of a datagram's octets on the way. */
  readonly spoil?: (octets: Octets, random: () => number) => Octets;
}

export interface NetworkOptions extends Weather {
  readonly seed?: number;
  /** The virtual clock at the start. */
  readonly startMs?: Millis;
}

/** A message that was put on the wire. */
export interface Sight {
  readonly at: Millis;
  readonly from: string;
  readonly to: string;
  readonly octets: Octets;
  /** It never arrives: by chance, or because there is nobody. */
  readonly lost: boolean;
}

interface Event {
  readonly at: Millis;
  readonly order: number;
  readonly run: () => void;
}

/** Promises that wait for each other need turns of the microtask queue; this many are plenty. */
const SETTLING_TURNS = 40;

export class Network {
  now: Millis;
  /** Every message, in order of sending. */
  readonly sights: Sight[] = [];
  readonly crypto: Crypto;
  weather: Weather;
  readonly #random: () => number;
  readonly #hosts = new Map<string, Host>();
  readonly #events: Event[] = [];
  #order = 0;

  constructor({ seed = 1, startMs = 1_000_000_000_000, ...weather }: NetworkOptions = {}) {
    this.now = startMs;
    this.weather = weather;
    this.#random = seeded(seed);
    this.crypto = portableCrypto(seededBytes(seeded(seed + 1)));
  }

  /** Puts an endpoint on the network, listening for datagrams at an address of its own. */
  host(name: string, address: Address, endpoint: Endpoint): Host {
    const host = new Host(this, name, address, endpoint);
    this.#hosts.set(`${address.host}:${address.port}`, host);
    host.input({ kind: "Listening", transport: "UDP", local: address });
    return host;
  }

  /** The names of all hosts. */
  get names(): ReadonlySet<string> {
    return new Set([...this.#hosts.values()].map(({ name }) => name));
  }

  hostAt({ host, port }: Address): Host | undefined {
    return this.#hosts.get(`${host}:${port}`);
  }

  /** Lets time pass. */
  async run(ms: Millis): Promise<void> {
    const until = this.now + ms;
    while (await this.#step(until));
    this.now = until;
  }

  /** Runs until a promise settles; throws if that takes longer than `ms` of virtual time. */
  async until<T>(promise: Promise<T>, ms: Millis = 60_000): Promise<T> {
    let settled = false;
    const done = () => {
      settled = true;
    };
    promise.then(done, done);
    const end = this.now + ms;
    await settle();
    while (!settled && (await this.#step(end)));
    if (settled) return promise;
    this.now = end;
    throw new Error(`nothing after ${ms} ms of virtual time`);
  }

  /** The next thing that happens, if it does before `until`; and what promises make of it. */
  async #step(until: Millis): Promise<boolean> {
    await settle();
    const event = this.#events[0];
    const host = this.#nextHost();
    const eventAt = event?.at ?? Number.POSITIVE_INFINITY;
    const next = Math.min(eventAt, host?.deadline ?? Number.POSITIVE_INFINITY);
    if (next > until) return false;
    this.now = Math.max(this.now, next);
    if (event && eventAt <= next) {
      this.#events.shift();
      event.run();
    } else host?.tick();
    await settle();
    return true;
  }

  /** Carries a datagram, or loses it. */
  datagram(from: Host, to: Address, octets: Octets): void {
    const target = this.hostAt(to);
    const { loss = 0, duplication = 0, spoil } = this.weather;
    const copies = this.#random() < loss ? 0 : this.#random() < duplication ? 2 : 1;
    const lost = copies === 0 || !target || target.isClosed;
    const name = target?.name ?? `${to.host}:${to.port}`;
    this.sights.push({ at: this.now, from: from.name, to: name, octets, lost });
    for (let copy = 0; copy < copies && target; copy++) {
      const arrived = spoil ? spoil(octets, this.#random) : octets;
      const input: Input = { kind: "Datagram", local: to, remote: from.address, octets: arrived };
      this.after(this.delay(), () => target.input(input));
    }
  }

  delay(): Millis {
    const { delayMs = 10, jitterMs = 0 } = this.weather;
    return delayMs + Math.floor(this.#random() * jitterMs);
  }

  /** On a connection: without loss, and everything takes the same time. */
  inOrder(run: () => void): void {
    const { delayMs = 10 } = this.weather;
    this.after(delayMs, run);
  }

  after(ms: Millis, run: () => void): void {
    const event: Event = { at: this.now + ms, order: this.#order++, run };
    let i = this.#events.length;
    while (i > 0 && (this.#events[i - 1]?.at ?? 0) > event.at) i--;
    this.#events.splice(i, 0, event);
  }

  /** Who takes WebSockets there; of streams this network has none. */
  webSocketServer(to: Destination): Host | undefined {
    if (!("url" in to)) return undefined;
    const { hostname, port } = new URL(to.url);
    return this.hostAt({ host: hostname, port: Number(port) });
  }

  #nextHost(): Host | undefined {
    let first: Host | undefined;
    for (const host of this.#hosts.values()) {
      if (host.deadline < (first?.deadline ?? Number.POSITIVE_INFINITY)) first = host;
    }
    return first;
  }
}

/** One endpoint and its place on the network. */
export class Host {
  readonly name: string;
  readonly address: Address;
  readonly endpoint: Endpoint;
  readonly #network: Network;
  readonly #connections = new Map<number, { peer: Host; connection: number }>();
  #count = 0;
  #closed = false;
  #hanging = false;

  constructor(network: Network, name: string, address: Address, endpoint: Endpoint) {
    this.#network = network;
    this.name = name;
    this.address = address;
    this.endpoint = endpoint;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  get deadline(): Millis {
    const isOff = this.#closed || this.#hanging;
    return isOff ? Number.POSITIVE_INFINITY : this.endpoint.deadline();
  }

  tick(): void {
    this.input({ kind: "Tick" });
  }

  now(): Millis {
    return this.#network.now;
  }

  call(run: () => void): void {
    this.input({ kind: "Call", run });
  }

  /** It does nothing any more, and nobody is told: its connections stay open. */
  hang(): void {
    this.#hanging = true;
  }

  /** Off, as if its plug were pulled: what arrives is lost; what it sent before is on its way. */
  close(): void {
    this.#closed = true;
    for (const id of [...this.#connections.keys()]) this.#hangUp(id);
  }

  input(input: Input): void {
    if (this.#closed || this.#hanging) return;
    for (const output of this.endpoint.handle(input, this.#network.now)) this.#carryOut(output);
  }

  #carryOut(output: Output): void {
    switch (output.kind) {
      case "Datagram":
        return this.#network.datagram(this, output.remote, output.octets);
      case "Send":
        return this.#send(output.connection, output.octets);
      case "Open":
        return this.#open(output.dial, output.to);
      case "Close":
        return this.#hangUp(output.connection);
      case "Query": {
        const answer = { kind: "Failed", why: "SERVFAIL" } as const;
        const { question } = output;
        return this.#network.after(0, () => this.input({ kind: "Answered", question, answer }));
      }
    }
  }

  /** `ws://HOST:PORT/…` leads to the host that listens there; in order, and nothing is lost. */
  #open(dial: number, to: Destination): void {
    const peer = this.#network.webSocketServer(to);
    this.#network.after(2 * this.#network.delay(), () => {
      if (!peer || peer.isClosed) return this.input({ kind: "NotOpened", dial, cause: "refused" });
      const [here, there] = [++this.#count, ++peer.#count];
      this.#connections.set(here, { peer, connection: there });
      peer.#connections.set(there, { peer: this, connection: here });
      const ends = { local: peer.address, remote: this.address };
      peer.input({ kind: "Opened", connection: there, transport: "WS", ...ends });
      const local: Address = { host: "page.invalid", port: 0 };
      this.input({
        kind: "Opened",
        connection: here,
        transport: "WS",
        local,
        remote: peer.address,
        dial,
      });
    });
  }

  #send(id: number, octets: Octets): void {
    const other = this.#connections.get(id);
    if (!other) return;
    const { peer, connection } = other;
    const { now } = this.#network;
    const sight = { at: now, from: this.name, to: peer.name, octets, lost: peer.isClosed };
    this.#network.sights.push(sight);
    this.#network.inOrder(() => peer.input({ kind: "Received", connection, octets }));
  }

  /** Both ends hear of it, the other one after everything that was sent before. */
  #hangUp(id: number): void {
    const other = this.#connections.get(id);
    if (!other) return;
    this.#connections.delete(id);
    const { peer, connection } = other;
    peer.#connections.delete(connection);
    this.#network.inOrder(() => peer.input({ kind: "Closed", connection }));
    this.#network.after(0, () => this.input({ kind: "Closed", connection: id }));
  }
}

async function settle(): Promise<void> {
  for (let i = 0; i < SETTLING_TURNS; i++) await Promise.resolve();
}
