/** Datagrams that are to leave: what one turn of the loop said, with one system call. */

import type { Address } from "carillon/uri";
import { ERRORS, MSG_DONTWAIT, type System } from "carillon-media/system";
import { MessageVector } from "./message-vector.ts";
import type { SocketAddresses } from "./socket-address.ts";

const BATCH = 64;
/** Together; a datagram has 65,507 at most, so that some always fit. */
const DATA_BYTES = 1 << 20;

/** The system has no room. */
const LOSSES: ReadonlySet<number> = new Set([ERRORS.EAGAIN, ERRORS.ENOBUFS, ERRORS.ENOMEM]);

export class Outbox {
  readonly #system: System;
  readonly #addresses: SocketAddresses;
  readonly #vector: MessageVector;
  readonly #remotes: Address[] = [];
  #used = 0;

  constructor(system: System, addresses: SocketAddresses) {
    this.#system = system;
    this.#addresses = addresses;
    this.#vector = new MessageVector(system, BATCH, DATA_BYTES);
  }

  get isEmpty(): boolean {
    return this.#remotes.length === 0;
  }

  /** False when it is full: flush, and put again. */
  put(remote: Address, octets: string): boolean {
    const nth = this.#remotes.length;
    if (nth === BATCH || this.#used + octets.length > DATA_BYTES) return false;
    const at = this.#vector.data + this.#used;
    const { view } = this.#vector.memory;
    this.#vector.bytes.write(octets, at, octets.length, "latin1");
    this.#vector.setData(nth, at, octets.length);
    const length = this.#addresses.write(view, this.#vector.nameAt(nth), remote);
    this.#vector.setNameLength(nth, length);
    this.#remotes.push(remote);
    this.#used += octets.length;
    return true;
  }

  /**
   * Sends all of it. What the system refuses to send to somebody is told; where it has no room,
   * the rest is lost, as on any network.
   */
  flush(fd: number, refused: (remote: Address, errno: number) => void): void {
    let failedBefore = -1;
    for (let next = 0; next < this.#remotes.length; ) {
      const left = this.#remotes.length - next;
      const sent = this.#system.sendmmsg(fd, this.#vector.address(next), left, MSG_DONTWAIT);
      if (sent > 0) {
        next += sent;
        continue;
      }
      const errno = this.#system.errno();
      if (LOSSES.has(errno)) break;
      // The first time it may be what an earlier datagram met with, which is told now.
      if (failedBefore !== next) {
        failedBefore = next;
        continue;
      }
      const remote = this.#remotes[next++];
      if (remote) refused(remote, errno);
    }
    this.#remotes.length = 0;
    this.#used = 0;
  }
}
