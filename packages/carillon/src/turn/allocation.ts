/**
 * One allocation: the relayed addresses that a client has, whom it may talk to, and its channels.
 * RFC 8656 §6, §9, §12.
 */
import type { Millis } from "../grammar/millis.ts";
import { NEVER } from "../grammar/millis.ts";
import type { Octets } from "../grammar/octets.ts";
import { type Address, formatAddress } from "../uri/host.ts";
import type { Authenticated } from "./authentication.ts";
import { Bucket, type Rate } from "./source-budget.ts";
import type { Family } from "./stun-attributes.ts";

/** From where to where a client's datagrams go: its side of the 5-tuple and ours. RFC 8656 §3. */
export interface Client {
  /** The address of the server that it talks to. */
  readonly local: Address;
  /** Its own, as the server sees it. */
  readonly remote: Address;
}

/** A relayed transport address. */
export interface Relay {
  /** The number by which it is spoken of. */
  readonly id: number;
  /** Of its address. */
  readonly family: Family;
  /** Where the socket is bound. */
  readonly bound: Address;
  /** What clients and peers are told: the same, but where a NAT of the operator is in between. */
  readonly told: Address;
}

/** Whom one may talk to, by address alone. RFC 8656 §9. */
export interface Permission {
  /** When it ends. */
  expiresAt: Millis;
  /** Of this machine only these ports, each judged to be right until then; undefined for others. */
  readonly ports: Map<number, Millis> | undefined;
}

/** A short name for a peer. RFC 8656 §12. */
export interface Channel {
  /** 0x4000 to 0x7fff. */
  readonly number: number;
  /** Whose name it is. */
  readonly peer: Address;
  /** When it ends. */
  expiresAt: Millis;
}

//= RFC 8656 §9
//# The Permission Lifetime MUST be 300 seconds (= 5 minutes).
const PERMISSION_MS = 300_000;
//= RFC 8656 §12
//# A channel binding lasts for 10 minutes unless refreshed.
const CHANNEL_MS = 600_000;
/** Ports of this machine that one permission remembers. */
const MAX_PORTS = 64;

/** What a server keeps of one client. */
export class Allocation {
  readonly client: Client;
  /** Who made it: nobody else may change it. */
  readonly username: Octets;
  readonly account: Octets;
  /** Of the request that made it, so that the same one again is known. */
  readonly transactionId: Octets;
  readonly relays: Map<Family, Relay> = new Map();
  readonly permissions: Map<string, Permission> = new Map();
  readonly #channels = new Map<number, Channel>();
  readonly #channelOf = new Map<string, Channel>();
  readonly #bandwidth: Bucket;
  expiresAt: Millis;
  /** Names the port that is kept for another allocation. */
  reservation: Uint8Array | undefined;
  /** What was relayed, both ways. */
  packets = 0;
  bytes = 0;

  constructor(
    client: Client,
    { username, account }: Authenticated,
    transactionId: Octets,
    at: { readonly now: Millis; readonly expiresAt: Millis; readonly bandwidth: Rate },
  ) {
    this.client = client;
    this.username = username;
    this.account = account;
    this.transactionId = transactionId;
    this.expiresAt = at.expiresAt;
    this.#bandwidth = new Bucket(at.bandwidth, at.now);
  }

  /** Counts a datagram; false if there were too many of late, and it has to be left out. */
  counts(bytes: number, now: Millis): boolean {
    if (!this.#bandwidth.take(bytes, now)) return false;
    this.packets++;
    this.bytes += bytes;
    return true;
  }

  /** A permission for this host, or five minutes more of it. */
  permit(host: string, isGuarded: boolean, now: Millis): void {
    const known = this.permissions.get(host);
    if (known) known.expiresAt = now + PERMISSION_MS;
    else {
      const ports = isGuarded ? new Map<number, Millis>() : undefined;
      this.permissions.set(host, { expiresAt: now + PERMISSION_MS, ports });
    }
  }

  permission(host: string, now: Millis): Permission | undefined {
    const permission = this.permissions.get(host);
    return permission !== undefined && permission.expiresAt > now ? permission : undefined;
  }

  channel(number: number, now: Millis): Channel | undefined {
    const channel = this.#channels.get(number);
    return channel !== undefined && channel.expiresAt > now ? channel : undefined;
  }

  channelOf(peer: Address, now: Millis): Channel | undefined {
    const channel = this.#channelOf.get(formatAddress(peer));
    return channel !== undefined && channel.expiresAt > now ? channel : undefined;
  }

  get channels(): number {
    return this.#channels.size;
  }

  /** A name for this peer, or ten minutes more of it. Whether it may be is for others to say. */
  bind(number: number, peer: Address, now: Millis): void {
    const known = this.channel(number, now);
    if (known) known.expiresAt = now + CHANNEL_MS;
    else {
      this.#forget(now);
      const channel = { number, peer, expiresAt: now + CHANNEL_MS };
      this.#channels.set(number, channel);
      this.#channelOf.set(formatAddress(peer), channel);
    }
  }

  /** Whether there is still something here, and when to look again. */
  expire(now: Millis): Millis {
    if (this.expiresAt <= now) return NEVER;
    this.#forget(now);
    let next = this.expiresAt;
    for (const { expiresAt } of this.permissions.values()) next = Math.min(next, expiresAt);
    for (const { expiresAt } of this.#channels.values()) next = Math.min(next, expiresAt);
    return next;
  }

  #forget(now: Millis): void {
    for (const [host, { expiresAt }] of this.permissions) {
      if (expiresAt <= now) this.permissions.delete(host);
    }
    for (const [number, { expiresAt, peer }] of this.#channels) {
      if (expiresAt > now) continue;
      this.#channels.delete(number);
      const at = formatAddress(peer);
      if (this.#channelOf.get(at)?.number === number) this.#channelOf.delete(at);
    }
  }
}

/** Remembers that this port of this machine was right, until then. */
export function rememberPort({ ports }: Permission, port: number, until: Millis): void {
  if (ports === undefined) return;
  const [oldest] = ports.keys();
  if (ports.size >= MAX_PORTS && oldest !== undefined) ports.delete(oldest);
  ports.set(port, until);
}
