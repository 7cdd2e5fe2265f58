/** Datagrams that have come: as many as there are with one system call. */
import type { Address } from "carillon/uri";
import { MessageVector } from "./message-vector.ts";
import { SOCKADDR_BYTES, type SocketAddresses } from "./socket-address.ts";
import { MSG_DONTWAIT, type System } from "./system.ts";

/** In one call. */
const BATCH = 64;
/** The largest there is. */
const DATAGRAM_BYTES = 65_536;
/** Calls in one turn: timers and other sockets must not wait for a flood to end. */
const ROUNDS = 8;

export class Inbox {
  readonly #system: System;
  readonly #addresses: SocketAddresses;
  readonly #vector: MessageVector;

  constructor(system: System, addresses: SocketAddresses) {
    this.#system = system;
    this.#addresses = addresses;
    this.#vector = new MessageVector(system, BATCH, BATCH * DATAGRAM_BYTES);
    for (let nth = 0; nth < BATCH; nth++) {
      this.#vector.setData(nth, this.#at(nth), DATAGRAM_BYTES);
    }
  }

  /** Hands over what has come, and returns when nothing is left or the turn is over. */
  drain(fd: number, received: (remote: Address, octets: string) => void): void {
    for (let round = 0; round < ROUNDS; round++) {
      for (let nth = 0; nth < BATCH; nth++) this.#vector.setNameLength(nth, SOCKADDR_BYTES);
      const count = this.#system.recvmmsg(fd, this.#vector.address(0), BATCH, MSG_DONTWAIT, 0);
      for (let nth = 0; nth < count; nth++) this.#take(nth, received);
      if (count < BATCH) break;
    }
  }

  #take(nth: number, received: (remote: Address, octets: string) => void): void {
    const { view, bytes } = this.#vector.memory;
    const remote = this.#addresses.read(view, this.#vector.nameAt(nth));
    const at = this.#at(nth);
    received(remote, bytes.toString("latin1", at, at + this.#vector.received(nth)));
  }

  #at(nth: number): number {
    return this.#vector.data + nth * DATAGRAM_BYTES;
  }
}
