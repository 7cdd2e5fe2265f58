/** What may be said to a phone, and what it needs of the world it runs in. */
import type { Crypto } from "../auth/crypto.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { TraceEntry } from "../endpoint/role.ts";
import type { HeaderField } from "../message/compose.ts";
import type { Millis } from "../transaction/timers.ts";
import type { Accept } from "./agent.ts";
import type { MediaFactory, MediaSession } from "./media.ts";
import type { ServerWay } from "./server-way.ts";

/** Who a phone is, how it signs in, and from whom it takes calls. */
export interface PhoneOptions {
  /** One's own address: `sip:alice@example.com`. */
  readonly aor: string;
  /** Text that others see beside the address. */
  readonly displayName?: string;
  /** What signs in: a password for digest… */
  readonly password?: string;
  /** …under this name, if it is not the user part of `aor`… */
  readonly username?: string;
  /** …or a function that gets a fresh Bearer token whenever one is needed. */
  readonly token?: () => Promise<string>;
  /**
   * From whom calls are taken: from one's `server` alone, which is so where there is one; from who
   * is on a network of this machine, too (`local`), which is so where there is none; or from
   * `anyone`.
   */
  readonly accept?: Accept;
  /**
   * Names this device, the same after every start: `urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6`.
   * With it the server can keep several flows of one device apart, replace old ones, and give it an
   * address of its own that others can use (RFC 5626, RFC 5627).
   */
  readonly instance?: string;
  /** How many of the servers are used at a time; two where one may fail. Needs `instance`. */
  readonly flows?: number;
  /** Said in User-Agent; empty says nothing. */
  readonly product?: string;
  /** Sees every message that comes or goes. */
  readonly trace?: (entry: TraceEntry) => void;
}

/** How a call is begun. */
export interface CallOptions {
  /** Leaves it to the other side to offer; media are asked for once it has. RFC 3261 §13.2.1. */
  readonly lateOffer?: boolean;
  /**
   * More headers of its INVITE: `replacing(…)` of `carillon/transfer` makes some, say. For one
   * that the phone writes itself, and for what is no header, `call` throws a RangeError.
   */
  readonly headers?: readonly HeaderField[];
  /**
   * Straight to whoever the address names, found by RFC 3263, and past one's server: as every call
   * of a phone that has none. Where the world has a DNS; a page has not.
   */
  readonly direct?: boolean;
  /** Ends the call when it is aborted, in whatever state it is, as `hangUp` does. */
  readonly signal?: AbortSignal;
}

/** What a phone needs of the world it runs in. */
export interface PhoneWorld<M extends MediaSession> {
  /** Hashes for digest, and random octets. */
  readonly crypto: Crypto;
  /** Makes the media of each call. */
  readonly media: MediaFactory<M>;
  /** The preferred one first; a phone without any is reached at its own address. */
  readonly servers: (endpoint: Endpoint) => readonly ServerWay[];
  /** Whether an address is on a network of this machine; nothing is if it is left out. */
  readonly isLocal?: (host: string) => boolean;
  /** Starts the endpoint; the result runs things in its turn, tells the time and stops it. */
  readonly run: (endpoint: Endpoint) => PhoneHost;
}

/** Runs the endpoint of a phone. */
export interface PhoneHost {
  /** Runs something in the endpoint's turn. */
  call(run: () => void): void;
  /** The time in milliseconds since 1970. */
  now(): Millis;
  /** Stops it: no timer, no socket is left. */
  close(): void;
}
