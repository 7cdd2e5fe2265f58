/** A space of addresses: the internet, or what is behind one NAT box. */
import type { Millis } from "../../grammar/millis.ts";
import type { Address } from "../../uri/host.ts";
import { formatAddress } from "../../uri/host.ts";
import type { Host } from "./host.ts";
import type { Machine } from "./machine.ts";
import { inbound, type NatParams, type NatState, outbound, rebound, startNat } from "./nat.ts";

/** UDP and TCP have tables of their own. */
type Protocol = "UDP" | "TCP";

/** RFC 5382 REQ-5: two hours and four minutes. */
const TCP_TIMEOUT_MS: Millis = 7_440_000;

/** What a NAT box is like for datagrams and for connections. */
export interface BoxParams extends NatParams {
  /** For so long a connection on which nothing is said is kept. */
  readonly tcpTimeoutMs?: Millis;
}

/** A NAT box between two realms. */
export class NatBox {
  /** As they were given, with `NAT_DEFAULTS` for the rest. */
  readonly params: BoxParams;
  /** The hosts behind it. */
  readonly inner: Realm;
  /** Where it stands: the internet, or behind another box. */
  readonly outer: Realm;
  readonly #states: Record<Protocol, NatState> = { UDP: startNat(), TCP: startNat() };

  constructor(params: BoxParams, outer: Realm) {
    this.params = params;
    this.outer = outer;
    this.inner = new Realm(this);
    outer.addBox(this);
  }

  /** As after a restart: sockets inside have other addresses outside, and nobody is told. */
  rebind(): void {
    for (const protocol of ["UDP", "TCP"] as const) {
      this.#states[protocol] = rebound(this.#states[protocol]);
    }
  }

  /** For realms: the address that something gets that leaves, whose mapping is made or kept. */
  outward(protocol: Protocol, inside: Address, to: Address, now: Millis): Address {
    const params = this.#paramsOf(protocol);
    const [state, outside] = outbound(params, this.#states[protocol], inside, to, now);
    this.#states[protocol] = state;
    return outside;
  }

  /** Where something that has come goes; `isReal` says that it has come, and is no question. */
  inward(
    protocol: Protocol,
    from: Address,
    port: number,
    now: Millis,
    isReal: boolean,
  ): Address | undefined {
    const params = this.#paramsOf(protocol);
    const [state, inside] = inbound(params, this.#states[protocol], from, port, now);
    if (isReal) this.#states[protocol] = state;
    return inside;
  }

  #paramsOf(protocol: Protocol): NatParams {
    const { tcpTimeoutMs = TCP_TIMEOUT_MS } = this.params;
    return protocol === "UDP" ? this.params : { ...this.params, timeoutMs: tcpTimeoutMs };
  }
}

/** Where something is on its way: in which realm, and what its source address is there. */
export interface Leg {
  readonly realm: Realm;
  readonly source: Address;
}

export class Realm {
  readonly #box: NatBox | undefined;
  readonly #hosts = new Map<string, Host<Machine>>();
  readonly #boxes = new Map<string, NatBox>();

  /** `box` leads out of it; the internet has none. */
  constructor(box?: NatBox) {
    this.#box = box;
  }

  add(host: Host<Machine>): void {
    this.#hosts.set(formatAddress(host.address), host);
  }

  remove(host: Host<Machine>): void {
    this.#hosts.delete(formatAddress(host.address));
  }

  addBox(box: NatBox): void {
    this.#boxes.set(box.params.host, box);
  }

  at(address: Address): Host<Machine> | undefined {
    return this.#hosts.get(formatAddress(address));
  }

  /** All that are here, and behind its boxes. */
  *hosts(): Iterable<Host<Machine>> {
    yield* this.#hosts.values();
    for (const box of this.#boxes.values()) yield* box.inner.hosts();
  }

  /** Whether a machine with this address is switched on, whatever runs on it. */
  isMachine(ip: string): boolean {
    for (const { address, isClosed } of this.#hosts.values()) {
      if (address.host === ip && !isClosed) return true;
    }
    return false;
  }

  /** Out through as many boxes as there are on the way; mappings are made or kept. */
  leave(protocol: Protocol, source: Address, to: Address, now: Millis): Leg {
    const isHere = this.#boxes.has(to.host) || this.isMachine(to.host) || this.at(to);
    if (!this.#box || isHere) return { realm: this, source };
    const outside = this.#box.outward(protocol, source, to, now);
    return this.#box.outer.leave(protocol, outside, to, now);
  }

  /** Who is reached there by something that is in this realm. */
  find(
    protocol: Protocol,
    from: Address,
    to: Address,
    now: Millis,
    isReal: boolean,
  ): Host<Machine> | undefined {
    const box = this.#boxes.get(to.host);
    if (!box) return this.at(to);
    const inside = box.inward(protocol, from, to.port, now, isReal);
    return inside && box.inner.find(protocol, from, inside, now, isReal);
  }
}
