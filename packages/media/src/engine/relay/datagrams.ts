/**
 * UDP for media: many sockets with few packets each. Where the system has `epoll` and a way to call
 * it (koffi), all of a process are looked at together every 2 ms; elsewhere `node:dgram` does it.
 */
import type { Address } from "carillon/uri";
import { loadSystem } from "../../system/system.ts";
import { PlainDatagrams } from "./plain-datagrams.ts";
import { PolledDatagrams } from "./polled-datagrams.ts";

/**
 * A datagram has come. Its octets are the handler's until it returns, to write into as well; the
 * place is used again for the next one. So may be `from`, which is the same object as long as the
 * same peer sends. `at` is of `performance.now()`.
 */
export type Received = (octets: Uint8Array, from: Address, at: number) => void;

/** A bound socket. */
export interface DatagramSocket {
  /** In this machine's order, 1 to 65535. */
  readonly port: number;
  /**
   * Sends it in this turn, or loses it: false where it is known that it was lost. What came in this
   * turn may be sent on as it lies there, once; anything else is copied.
   */
  send(octets: Uint8Array, to: Address): boolean;
  /** After it no handler is called. Twice does nothing. */
  close(): void;
}

/** Where sockets come from. */
export interface Datagrams {
  /**
   * Binds one to an IP address (IPv6 without brackets) and a port. Undefined: somebody else has the
   * port. Rejects with what the system says otherwise.
   */
  bind(at: Address, received: Received): Promise<DatagramSocket | undefined>;
}

/** The best that this machine has; the same for all of a process. */
export function datagrams(): Promise<Datagrams> {
  best ??= loadSystem().then((system) =>
    typeof system === "string" ? new PlainDatagrams() : new PolledDatagrams(system),
  );
  return best;
}

let best: Promise<Datagrams> | undefined;
