/** What happens to a TURN server, and what it wants done: octets in, octets out. */
import type { Octets } from "../grammar/octets.ts";
import type { Address } from "../uri/host.ts";

/** What happened. A world reports it as it comes. */
export type TurnInput =
  /** At an address where the server listens. */
  | {
      readonly kind: "Datagram";
      readonly local: Address;
      readonly remote: Address;
      readonly bytes: Uint8Array;
    }
  /** At a relayed address. */
  | {
      readonly kind: "PeerDatagram";
      readonly relay: number;
      readonly remote: Address;
      readonly bytes: Uint8Array;
    }
  /** The socket that was asked for is there. */
  | { readonly kind: "RelayOpened"; readonly relay: number }
  /** It is not to be had: its port is another program's. */
  | { readonly kind: "RelayFailed"; readonly relay: number }
  /** The deadline is reached, or may be. */
  | { readonly kind: "Tick" };

/** What is to be done, in this order. */
export type TurnOutput =
  /** To a client. */
  | {
      readonly kind: "Send";
      readonly local: Address;
      readonly remote: Address;
      readonly bytes: Uint8Array;
    }
  /** From a relayed address to a peer. */
  | {
      readonly kind: "SendToPeer";
      readonly relay: number;
      readonly remote: Address;
      readonly bytes: Uint8Array;
    }
  /** Bind a socket, and tell what became of it. */
  | { readonly kind: "OpenRelay"; readonly relay: number; readonly address: Address }
  /** Close it: nothing is said of it any more. */
  | { readonly kind: "CloseRelay"; readonly relay: number }
  /** For a log. */
  | { readonly kind: "Told"; readonly what: TurnEvent };

/** What an operator may want to know. */
export type TurnEvent =
  | {
      readonly kind: "Allocated";
      readonly account: Octets;
      readonly client: Address;
      readonly relayed: readonly Address[];
    }
  | {
      readonly kind: "Released";
      readonly account: Octets;
      readonly client: Address;
      readonly packets: number;
      readonly bytes: number;
    }
  /** Somebody wanted to talk to what is not for them. */
  | {
      readonly kind: "PeerRefused";
      readonly account: Octets;
      readonly client: Address;
      readonly peer: Address;
    }
  /** Too many, of one account, from one source, or in all. */
  | {
      readonly kind: "Full";
      readonly account: Octets;
      readonly client: Address;
      readonly of: "account" | "source" | "server";
    };
