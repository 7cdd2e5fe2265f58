/** Everything that goes into an endpoint and comes out of it. */
import type { Octets } from "../grammar/octets.ts";
import type { Answered, Query } from "../locate/naming.ts";
import type { Millis } from "../transaction/timers.ts";
import type { Destination } from "../transport/destination.ts";
import type { TransportName } from "../transport/flow.ts";
import type { Address } from "../uri/host.ts";

/** What the world tells an endpoint. */
export type Input =
  /** A socket is bound. */
  | {
      readonly kind: "Listening";
      readonly transport: "UDP" | "TCP" | "TLS";
      readonly local: Address;
    }
  /** Nothing listens there any more: the address is gone, or was given up. */
  | {
      readonly kind: "Unbound";
      readonly transport: "UDP" | "TCP" | "TLS";
      readonly local: Address;
    }
  | {
      readonly kind: "Datagram";
      readonly local: Address;
      readonly remote: Address;
      readonly octets: Octets;
      /** How long it has lain in the socket, in ms, as far as the world knows. */
      readonly waitedMs?: Millis;
    }
  /** The world could not send to this address, or its host refused. */
  | { readonly kind: "Unreachable"; readonly remote: Address; readonly cause: unknown }
  /** A connection is there: accepted, or the one that an `Open` with this `dial` asked for. */
  | {
      readonly kind: "Opened";
      readonly connection: number;
      readonly transport: Exclude<TransportName, "UDP">;
      readonly local: Address;
      readonly remote: Address;
      readonly dial?: number;
      /** The SIP domains that the peer's certificate proved (RFC 5922 §7.1); absent without one. */
      readonly identities?: readonly string[];
    }
  | { readonly kind: "NotOpened"; readonly dial: number; readonly cause: unknown }
  /** Octets as they came on a stream (TCP, TLS), or one whole WebSocket message. */
  | {
      readonly kind: "Received";
      readonly connection: number;
      readonly octets: Octets;
      /** How long the first of them has waited, in ms, as far as the world knows. */
      readonly waitedMs?: Millis;
    }
  | { readonly kind: "Closed"; readonly connection: number; readonly cause?: unknown }
  /** What the DNS says to a `Query`. */
  | Answered
  /** Time has passed: `deadline()` is due. */
  | { readonly kind: "Tick" }
  /** Something from above to do now, in its turn: how applications speak to a running endpoint. */
  | { readonly kind: "Call"; readonly run: () => void };

/** A whole message has come from there; or somebody vouched for whoever is there. */
export type Standing = "Heard" | "Known";

/** What an endpoint asks of the world. */
export type Output =
  | {
      readonly kind: "Datagram";
      readonly local: Address;
      readonly remote: Address;
      readonly octets: Octets;
    }
  | { readonly kind: "Send"; readonly connection: number; readonly octets: Octets }
  /** Open a connection; answer with `Opened` or `NotOpened` and the same `dial`. */
  | { readonly kind: "Open"; readonly dial: number; readonly to: Destination }
  | { readonly kind: "Close"; readonly connection: number }
  /** Who is there, once it is known: who makes room for others if there are too many. */
  | { readonly kind: "Regard"; readonly connection: number; readonly as: Standing }
  /** Ask the DNS; answer with `Answered` and the same question. */
  | Query;
