/** What MSRP needs of a world: octets over connections, the time, and what nobody can guess. */
import type { Millis } from "../transaction/timers.ts";
import type { MsrpUri } from "./msrp-uri.ts";
import type { Switchboard } from "./switchboard.ts";

/** A connection that is open, as its driver gives it. */
export interface MsrpLink {
  /** Octets that may be written now; below 1 nothing more should be, until `drained`. */
  readonly room: number;
  /** Every write is one message of its own: a WebSocket. RFC 7977 §5.1. */
  readonly isFramed: boolean;
  /** Sends these octets, in order. They are not changed afterwards. */
  write(octets: Uint8Array): void;
  /** Reads no more for now, where the world can do that. */
  pause(): void;
  /** Goes on reading. */
  resume(): void;
  /** Ends it. `closed` is called. */
  close(): void;
  /** Somebody is there whom a session or a relay knows: it is no stranger's any more. */
  known?(): void;
}

/** What a driver tells of a connection. After `closed` nothing more. */
export interface MsrpLinkUser {
  /** Octets that came, in order. */
  received(octets: Uint8Array): void;
  /** There is room again. */
  drained(): void;
  /** It is over; why, in words. */
  closed(why: string): void;
}

/** The time, and random octets. */
export interface MsrpHost {
  /** In milliseconds, of a clock that never jumps back. */
  now(): Millis;
  /** Calls `run` at that time; the result cancels it. */
  at(when: Millis, run: () => void): () => void;
  /** So many random octets as hexadecimal digits. */
  random(octets: number): string;
}

/** How one end reaches others over MSRP, and is reached. */
export interface MsrpWorld {
  /**
   * Opens a connection to where a URI says. Rejects with an Error in words. `user` hears of it from
   * then on.
   */
  connect(to: MsrpUri, user: (link: MsrpLink) => MsrpLinkUser): Promise<void>;
  /**
   * Where this end takes connections: what its URIs have beside their session. Undefined where
   * nobody can connect to it, as in a page.
   */
  readonly own?: OwnPlace | undefined;
  /** Calls `take` with every connection that comes in, until the result is called. */
  listen?(take: (link: MsrpLink) => MsrpLinkUser): () => void;
  /** Where requests for its sessions come to, if others share its connections: in a server. */
  readonly board?: Switchboard;
}

/** What the URIs of an end have in common. */
export type OwnPlace = Pick<MsrpUri, "scheme" | "host" | "port" | "transport">;
