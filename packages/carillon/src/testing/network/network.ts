/**
 * A network that exists only in memory: hosts, a virtual clock, and every fault from a seed. The
 * endpoints on it are the ones that run on real sockets, unchanged; an hour passes in
 * milliseconds, and the same seed gives the same run to the last octet.
 */
import type { Crypto } from "../../auth/crypto.ts";
import { portableCrypto } from "../../auth/portable-crypto.ts";
import type { Endpoint } from "../../endpoint/endpoint.ts";
import type { Millis } from "../../grammar/millis.ts";
import type { Octets } from "../../grammar/octets.ts";
import type { Question } from "../../locate/naming.ts";
import type { Destination } from "../../transport/destination.ts";
import { type Address, formatAddress } from "../../uri/host.ts";
import { seeded, seededBytes } from "../random.ts";
import { VirtualClock } from "./clock.ts";
import type { End } from "./connection.ts";
import { Diallers } from "./diallers.ts";
import { Host, type HostOptions } from "./host.ts";
import type { NameServer, Reply } from "./lying-dns.ts";
import type { Machine } from "./machine.ts";
import { NAT_DEFAULTS } from "./nat.ts";
import { Partitions } from "./partitions.ts";
import { type BoxParams, NatBox, Realm } from "./realm.ts";
import { Ways } from "./ways.ts";
import { DELAY_MS, type Weather } from "./weather.ts";

/** The weather everywhere, and where chance begins. */
export interface NetworkOptions extends Weather {
  /** A whole number, 1 if left out: the same seed gives the same run. */
  readonly seed?: number;
  /** The virtual clock at the start. */
  readonly startMs?: Millis;
  /** Who answers the questions of hosts; without one each of them fails. */
  readonly dns?: NameServer;
}

/** A message that was put on the wire. */
export interface Sight {
  /** When it was sent, in ms of the network's clock. */
  readonly at: Millis;
  /** The sending host's name. */
  readonly from: string;
  /** The receiving host's name; its address where there is no host. */
  readonly to: string;
  /** The whole message. It may arrive otherwise, where the weather spoils it. */
  readonly octets: Octets;
  /** It never arrives: by chance, or because there is nobody. */
  readonly lost: boolean;
}

/** A NAT box with hosts behind it. */
export interface Nat {
  /** The box itself: `rebind` is its restart. */
  readonly box: NatBox;
  /** Puts an endpoint behind the box, listening at an address of its own there. */
  host<M extends Machine>(
    name: string,
    address: Address,
    machine: M,
    options?: HostOptions,
  ): Host<M>;
  /** A box behind this one, as providers have them. */
  nat(params: Partial<BoxParams> & { readonly host: string }): Nat;
}

/** Hosts and the ways between them. Time passes in `run` and `until` alone. */
export class Network {
  /** Every message, in order of sending. */
  readonly sights: Sight[] = [];
  /** Hashes that are real, and randomness from the seed: for everything that lives here. */
  readonly crypto: Crypto;
  /** Who cannot reach whom; set it while the network runs. */
  readonly partitions: Partitions = new Partitions();
  /** On every way that has none of its own; set it while the network runs. */
  weather: Weather;
  /** Who is asked for names; undefined: every question fails with SERVFAIL. */
  dns: NameServer | undefined;
  readonly #random: () => number;
  readonly #clock: VirtualClock;
  readonly #internet = new Realm();
  readonly #ways = new Ways(() => this.weather);
  readonly #diallers: Diallers;

  constructor(options: NetworkOptions = {}) {
    const { seed = 1, startMs = 1_000_000_000_000, dns, ...weather } = options;
    this.weather = weather;
    this.dns = dns;
    this.#random = seeded(seed);
    this.crypto = portableCrypto(seededBytes(seeded(seed + 1)));
    this.#clock = new VirtualClock(startMs, () => this.#internet.hosts());
    this.#diallers = new Diallers({
      now: () => this.now,
      after: (ms, run) => this.after(ms, run),
      roundTripMs: () => 2 * this.delay(),
      weather: (from, to) => this.#ways.weather(from, to),
      isCut: (from, to) => this.partitions.isCut(from, to),
    });
  }

  /** In ms since 1970, from September 2001 on if nothing else is said. */
  get now(): Millis {
    return this.#clock.now;
  }

  /** Puts an endpoint on the network, listening at an address of its own. */
  host<M extends Machine>(
    name: string,
    address: Address,
    machine: M,
    options?: HostOptions,
  ): Host<M> {
    return this.#settle(this.#internet, name, address, machine, options);
  }

  /** A box that translates addresses: hosts behind it are reached only as it lets them be. */
  nat(params: Partial<BoxParams> & { readonly host: string }): Nat {
    return this.#nat(this.#internet, params);
  }

  /** This way has a weather of its own: what `from` sends to `to`, by their names. */
  between(from: string, to: string, weather: Weather): void {
    this.#ways.between(from, to, weather);
  }

  /** Another address: its connections end, and its sockets are bound anew. */
  move(host: Host<Endpoint>, address: Address): void {
    const moved = host as unknown as Host<Machine>;
    this.#bindAll(moved, "Unbound");
    host.realm.remove(moved);
    host.address = address;
    host.realm.add(moved);
    this.#bindAll(moved, "Listening");
    host.disconnect();
  }

  /** The names of all hosts. */
  get names(): ReadonlySet<string> {
    return new Set([...this.#internet.hosts()].map(({ name }) => name));
  }

  /** Of a host on the internet. */
  hostAt(address: Address): Host<Machine> | undefined {
    return this.#internet.at(address);
  }

  /** Lets time pass. */
  run(ms: Millis): Promise<void> {
    return this.#clock.run(ms);
  }

  /** Runs until a promise settles; throws if that takes longer than `ms` of virtual time. */
  until<T>(promise: Promise<T>, ms: Millis = 60_000): Promise<T> {
    return this.#clock.until(promise, ms);
  }

  /** Runs something so many ms later. */
  after(ms: Millis, run: () => void): void {
    this.#clock.after(ms, run);
  }

  /** `setTimeout` of `node:timers/promises`, in this time: for an application that waits. */
  sleep(ms: Millis): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  /** By chance, how long something takes one way now, in ms. */
  delay(): Millis {
    const { delayMs = DELAY_MS, jitterMs = 0 } = this.weather;
    return delayMs + Math.floor(this.#random() * jitterMs);
  }

  // ---- for hosts -------------------------------------------------------------------------------

  /** Carries a datagram, or loses it. */
  datagram(from: Host<Machine>, to: Address, octets: Octets): void {
    const { now } = this;
    const { realm, source } = from.realm.leave("UDP", from.address, to, now);
    const target = realm.find("UDP", source, to, now, false);
    const name = target?.name ?? formatAddress(to);
    const copies = this.#ways.copies(from.name, name, octets, this.#random);
    const isCut = this.partitions.isCut(from.name, name);
    const isGone = !target || target.isClosed || !target.isListening("UDP");
    const sight = { at: now, from: from.name, to: name, octets, lost: true };
    sight.lost = copies.length === 0 || isCut || isGone;
    this.sights.push(sight);
    if (isCut) return;
    for (const { afterMs, octets: arrived } of copies) {
      this.after(afterMs, () => {
        const there = realm.find("UDP", source, to, this.now, true);
        if (there?.isListening("UDP")) {
          const { address: local } = there;
          return there.input({ kind: "Datagram", local, remote: source, octets: arrived });
        }
        const isMachine = there ? !there.isClosed : realm.isMachine(to.host);
        if (isMachine) this.#refuse(from, to, afterMs);
      });
    }
  }

  /** For hosts: opens a connection, or says in time that it cannot be had. */
  open(from: Host<Machine>, dial: number, to: Destination): void {
    this.#diallers.open(from, dial, to);
  }

  /** For hosts: octets go over a connection. */
  send(end: End, octets: Octets): void {
    const { host, other } = end;
    const lost = other.host.isClosed || !other.isOpen;
    this.sights.push({ at: this.now, from: host.name, to: other.host.name, octets, lost });
    end.send(octets);
  }

  /** Asks the DNS for a host. */
  ask(host: Host<Machine>, question: Question): void {
    const told = this.dns ? this.dns.ask(question) : NO_DNS;
    if (!told) return;
    const { afterMs, answer, about = question } = told;
    this.after(afterMs, () => host.input({ kind: "Answered", question: about, answer }));
  }

  /** ICMP: nobody listens at this port of a machine that is there. */
  #refuse(from: Host<Machine>, to: Address, backMs: Millis): void {
    if (this.#ways.weather(from.name, formatAddress(to)).silentRefusals) return;
    const refused = { kind: "Unreachable", remote: to, cause: "ECONNREFUSED" } as const;
    this.after(backMs, () => from.input(refused));
  }

  #nat(outer: Realm, params: Partial<BoxParams> & { readonly host: string }): Nat {
    const box = new NatBox({ ...NAT_DEFAULTS, ...params }, outer);
    return {
      box,
      host: (name, address, machine, options) =>
        this.#settle(box.inner, name, address, machine, options),
      nat: (more) => this.#nat(box.inner, more),
    };
  }

  #settle<M extends Machine>(
    realm: Realm,
    name: string,
    address: Address,
    machine: M,
    options?: HostOptions,
  ): Host<M> {
    const host = new Host(this, realm, name, address, machine, options);
    realm.add(host as unknown as Host<Machine>);
    this.#bindAll(host as unknown as Host<Machine>, "Listening");
    return host;
  }

  #bindAll(host: Host<Machine>, kind: "Listening" | "Unbound"): void {
    const { address } = host;
    for (const transport of ["UDP", "TCP", "TLS"] as const) {
      if (!host.isListening(transport)) continue;
      const port = transport === "TLS" ? address.port + 1 : address.port;
      host.input({ kind, transport, local: { ...address, port } });
    }
  }
}

const NO_DNS: Reply = { afterMs: 0, answer: { kind: "Failed", why: "SERVFAIL" } };
