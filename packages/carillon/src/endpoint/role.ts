/** What stands above the transactions, and what an endpoint is made of. */
import type { Crypto } from "../auth/crypto.ts";
import type { Octets } from "../grammar/octets.ts";
import type { Essentials } from "../message/essentials.ts";
import type { Response } from "../message/message.ts";
import type { Millis } from "../transaction/timers.ts";
import type { Flow } from "../transport/flow.ts";
import type { BelowRole } from "./below-role.ts";
import type { ConnectionLimits } from "./connections.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Gate } from "./gate.ts";
import type { Incoming } from "./incoming.ts";
import type { Admission } from "./overload/admission.ts";
import type { ServersOptions } from "./servers.ts";

/** What an element does with requests: the part above the transactions. */
export interface Role {
  /** Called once, before anything else. */
  attach(endpoint: Endpoint): void;
  /** A new request. Nothing is kept of it unless the role accepts it. */
  request(incoming: Incoming): void;
  /** An ACK that belongs to no transaction here: that of a 2xx. */
  ack(incoming: Incoming): void;
  /** A CANCEL that belongs to nothing here; true if the role passed it on. */
  cancel?(incoming: Incoming): boolean;
  /** A response that belongs to nothing here, which all but stateless proxies discard. */
  response?(response: Response, essentials: Essentials): void;
  /** A connection is there; `dial` is the number that `open` gave if we asked for it. */
  opened?(flow: Flow, dial: number | undefined): void;
  /** The connection that `open` asked for never came to be; `cause` is the world's own error. */
  notOpened?(dial: number, cause: unknown): void;
  /** A connection is gone, by either side; `cause` is the world's own error, if any. */
  closed?(flow: Flow, cause: unknown): void;
  /** What came over a flow and is no message: a pong, or a STUN response. RFC 5626 §4.4. */
  keptAlive?(flow: Flow, octets: Octets): void;
}

/** A message that came or went, for ladders and logs. */
export interface TraceEntry {
  /** The endpoint's `now`, in ms. */
  readonly at: Millis;
  /** Seen from this endpoint. */
  readonly direction: "in" | "out";
  /** The way it came or went. */
  readonly flow: Flow;
  /** The whole message as it is on the wire, secrets included. */
  readonly octets: Octets;
}

/** What an endpoint is made of. */
export interface EndpointOptions {
  /** What it does with requests; it is attached at once. */
  readonly role: Role;
  /** `nodeCrypto` of `carillon/node`, or `portableCrypto` of `carillon/auth`. */
  readonly crypto: Crypto;
  /** 32 bytes that sign branches and tags; kept over restarts by a server. Random if left out. */
  readonly key?: Uint8Array;
  /** This node's id: a few letters or digits. */
  readonly node?: string;
  /** `Carillon/0.1.0`; empty says nothing. */
  readonly product?: string;
  /** Called for each message, in the order of the wire. What it throws comes out of `handle`. */
  readonly trace?: (entry: TraceEntry) => void;
  /**
   * Transactions of one kind that may exist at a time; over it, new requests get a 503. One over
   * UDP that has its answer, and only waits for repetitions, counts a quarter.
   */
  readonly maxTransactions?: number;
  /** How long connections may be silent, and how many may be asked for. */
  readonly connections?: Partial<ConnectionLimits>;
  /** Who is listened to at all; everybody if left out. */
  readonly gate?: Gate;
  /** How other elements' servers are found. */
  readonly servers?: ServersOptions;
  /** Hears of what comes to nothing before the role hears of it. Not in pages. */
  readonly below?: BelowRole;
  /** Who may come in when there is too much to do; everybody, if left out. Not in pages. */
  readonly admission?: Admission;
}
