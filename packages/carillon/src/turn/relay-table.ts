/**
 * The relayed addresses of a TURN server: which ports are taken, which are being opened and which
 * are kept for later. RFC 8656 §7.2.
 */
import { type Address, formatAddress } from "../uri/host.ts";
import type { Client, Relay } from "./allocation.ts";
import type { Family } from "./stun-attributes.ts";
import type { StunCrypto } from "./stun-integrity.ts";

/** Where relays of one family may be: bound there, and told as that. */
export interface RelayHost {
  /** An address of this machine. */
  readonly bound: string;
  /** How it is reached from outside: the same, but behind a NAT of the operator. */
  readonly told: string;
}

/** What the table has to know of the world. */
export interface RelayOptions {
  /** For ports that nobody can guess. */
  readonly crypto: StunCrypto;
  /** Both are included. RFC 8656 recommends 49152 to 65535. */
  readonly ports: { readonly first: number; readonly last: number };
  /** Where relays of that family may be for a client that came there; undefined for nowhere. */
  relayHost(client: Client, family: Family): RelayHost | undefined;
}

/** Relays by their numbers and addresses. `T` is whose they are. */
export class RelayTable<T> {
  readonly #options: RelayOptions;
  readonly #byId = new Map<number, { readonly relay: Relay; readonly owner: T }>();
  readonly #byTold = new Map<string, number>();
  readonly #bound = new Set<string>();
  #lastId = 0;

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#byId.size;
  }

  /** Whether a relay of this family is to be had at all for this client. */
  supports(client: Client, family: Family): boolean {
    return this.#options.relayHost(client, family) !== undefined;
  }

  get(id: number): { readonly relay: Relay; readonly owner: T } | undefined {
    return this.#byId.get(id);
  }

  /** The relay that is told as this address. */
  at(address: Address): { readonly relay: Relay; readonly owner: T } | undefined {
    const id = this.#byTold.get(formatAddress(address));
    return id === undefined ? undefined : this.#byId.get(id);
  }

  /**
   * A relay at a free port, an even one if wanted, or two of which the second has the next port;
   * undefined if there is none. Nothing is bound by it yet.
   */
  take(client: Client, family: Family, owner: T, even: "Even" | "Pair" | undefined): Relay[] {
    const host = this.#options.relayHost(client, family);
    if (!host) return [];
    const port = this.#freePort(host.bound, even);
    if (port === undefined) return [];
    const first = this.#add(host, port, family, owner);
    return even === "Pair" ? [first, this.#add(host, port + 1, family, owner)] : [first];
  }

  /** From now on it is another's. */
  give(id: number, owner: T): void {
    const held = this.#byId.get(id);
    if (held) this.#byId.set(id, { relay: held.relay, owner });
  }

  free(id: number): void {
    const held = this.#byId.get(id);
    if (!held) return;
    this.#byId.delete(id);
    this.#byTold.delete(formatAddress(held.relay.told));
    this.#bound.delete(formatAddress(held.relay.bound));
  }

  #add({ bound, told }: RelayHost, port: number, family: Family, owner: T): Relay {
    const relay: Relay = {
      ...{ id: ++this.#lastId, family },
      ...{ bound: { host: bound, port }, told: { host: told, port } },
    };
    this.#byId.set(relay.id, { relay, owner });
    this.#byTold.set(formatAddress(relay.told), relay.id);
    this.#bound.add(formatAddress(relay.bound));
    return relay;
  }

  /** The first that is free from a random one on. RFC 6056 §3.3.1. */
  #freePort(host: string, even: "Even" | "Pair" | undefined): number | undefined {
    const { first, last } = this.#options.ports;
    const count = last - first + 1;
    const random = this.#options.crypto.randomBytes(4);
    const start = ((random[0]! << 16) | (random[1]! << 8) | random[2]!) % count;
    const isFree = (port: number) => !this.#bound.has(formatAddress({ host, port }));
    for (let i = 0; i < count; i++) {
      const port = first + ((start + i) % count);
      if (even !== undefined && port % 2 !== 0) continue;
      if (even === "Pair" && (port + 1 > last || !isFree(port + 1))) continue;
      if (isFree(port)) return port;
    }
    return undefined;
  }
}
