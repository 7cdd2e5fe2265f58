/** How much strangers may take of a listener for streams. */
import { isIpv6 } from "../uri/host.ts";

export interface StreamLimits {
  readonly connections: number;
  /** From one IPv4 address, or from one /64 of IPv6, which is what one customer gets. */
  readonly connectionsPerSource: number;
  /** What may wait for a peer that does not read. */
  readonly waitingBytes: number;
  /** How long opening a connection may take. */
  readonly connectMs: number;
  /** How long the TLS handshake may take after that. */
  readonly handshakeMs: number;
}

export const STREAM_LIMITS: StreamLimits = {
  connections: 4096,
  connectionsPerSource: 256,
  waitingBytes: 256 * 1024,
  connectMs: 5000,
  handshakeMs: 5000,
};

/** Counts connections that are open, in all and by where they come from. */
export class OpenCount {
  readonly #limits: StreamLimits;
  readonly #bySource = new Map<string, number>();
  #all = 0;

  constructor(limits: StreamLimits) {
    this.#limits = limits;
  }

  get all(): number {
    return this.#all;
  }

  /** False if there are too many already; else `leave` has to be called for it once. */
  enter(host: string): boolean {
    const source = sourceOf(host);
    const theirs = this.#bySource.get(source) ?? 0;
    if (this.#all >= this.#limits.connections || theirs >= this.#limits.connectionsPerSource) {
      return false;
    }
    this.#all++;
    this.#bySource.set(source, theirs + 1);
    return true;
  }

  leave(host: string): void {
    const source = sourceOf(host);
    const theirs = this.#bySource.get(source) ?? 0;
    this.#all--;
    if (theirs > 1) this.#bySource.set(source, theirs - 1);
    else this.#bySource.delete(source);
  }
}

/** The first four groups of an IPv6 address, where the rest is its owner's to choose. */
export function sourceOf(host: string): string {
  if (!isIpv6(host)) return host;
  const [head = "", tail] = host.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const missing = tail === undefined ? 0 : 8 - before.length - after.length;
  const groups = [...before, ...new Array<string>(Math.max(0, missing)).fill("0"), ...after];
  return groups.slice(0, 4).join(":");
}

/** An IPv4 address as such, also where a socket for both families writes `::ffff:` before it. */
export const plainHost = (host: string): string =>
  host.toLowerCase().startsWith("::ffff:") && host.includes(".") ? host.slice(7) : host;
