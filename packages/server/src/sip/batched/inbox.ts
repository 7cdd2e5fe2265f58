/** Datagrams that have come: as many as there are with one system call. */

import type { Address } from "carillon/uri";
import { MSG_DONTWAIT, SOCKADDR_BYTES, type System } from "carillon-media/system";
import { type Arrival, readArrival } from "./arrival.ts";
import { CONTROL_BYTES, MessageVector } from "./message-vector.ts";
import type { SocketAddresses } from "./socket-address.ts";

/** In one call. */
const BATCH = 64;
/** What takes longer than it should is taken in small portions, so that a turn has an end. */
const LEAST_BATCH = 4;
/** The largest there is. */
const DATAGRAM_BYTES = 65_536;
/** Calls in one turn: timers and other sockets must not wait for a flood to end. */
const ROUNDS = 8;
/** Nor for so long: after this many milliseconds a turn is over. */
const TURN_MS = 10;
/** A portion that takes longer is too large, and one that takes a quarter of it too small. */
const PORTION_MS = 4;
/**
 * A socket that is too small for what comes loses it before it has waited for long. What is in it
 * then counts as if it had waited for this; and so it does for a while.
 */
const [OVERFLOW_MS, OVERFLOWN_MS] = [100, 100];
/** What is older was in no socket: somebody has set the clock. */
const MOST_MS = 60_000;

/** Hears of one datagram; `waitedMs` is how long it lay in the socket. */
export type Received = (remote: Address, octets: string, waitedMs: number) => void;

export class Inbox {
  /** How long the last one had waited. */
  latestMs = 0;
  readonly #system: System;
  readonly #addresses: SocketAddresses;
  readonly #vector: MessageVector;
  readonly #now: () => number;
  readonly #arrival: Arrival = { atMs: 0, lost: 0 };
  #batch = BATCH;
  /** How many each socket has lost since it was opened: one for each address of the machine. */
  readonly #lost = new Map<number, number>();
  #overflownUntil = 0;

  /** `now` is the calendar's milliseconds, which the system stamps datagrams with. */
  constructor(system: System, addresses: SocketAddresses, now: () => number) {
    this.#system = system;
    this.#addresses = addresses;
    this.#now = now;
    this.#vector = new MessageVector(system, BATCH, BATCH * DATAGRAM_BYTES);
    for (let nth = 0; nth < BATCH; nth++) {
      this.#vector.setData(nth, this.#at(nth), DATAGRAM_BYTES);
    }
  }

  /** Hands over what has come. False if the turn is over and something may be left. */
  drain(fd: number, received: Received): boolean {
    const startMs = this.#now();
    let beganMs = startMs;
    const lostBefore = this.#lost.get(fd) ?? 0;
    for (let round = 0; round < ROUNDS; round++) {
      const wanted = this.#batch;
      for (let nth = 0; nth < wanted; nth++) {
        this.#vector.setNameLength(nth, SOCKADDR_BYTES);
        this.#vector.setControlLength(nth, CONTROL_BYTES);
      }
      const count = this.#system.recvmmsg(fd, this.#vector.address(0), wanted, MSG_DONTWAIT, 0);
      for (let nth = 0; nth < count; nth++) this.#take(nth, received);
      if (this.#arrival.lost > lostBefore) {
        this.#lost.set(fd, this.#arrival.lost);
        this.#overflownUntil = this.#now() + OVERFLOWN_MS;
      }
      if (count < wanted) return true;
      const endMs = this.#now();
      this.#learn(endMs - beganMs);
      if (endMs - startMs >= TURN_MS) return false;
      beganMs = endMs;
    }
    return false;
  }

  /** How long a full portion took says how large the next one may be. */
  #learn(tookMs: number): void {
    if (tookMs > PORTION_MS) this.#batch = Math.max(LEAST_BATCH, this.#batch >> 1);
    else if (tookMs <= PORTION_MS / 4) this.#batch = Math.min(BATCH, this.#batch << 1);
  }

  #take(nth: number, received: Received): void {
    const vector = this.#vector;
    const { view } = vector.memory;
    readArrival(view, vector.controlAt(nth), vector.controlLength(nth), this.#arrival);
    this.latestMs = this.#waited(this.#arrival.atMs);
    const remote = this.#addresses.read(view, vector.nameAt(nth));
    const at = this.#at(nth);
    received(remote, vector.bytes.toString("latin1", at, at + vector.received(nth)), this.latestMs);
  }

  #waited(atMs: number): number {
    const now = this.#now();
    const waited = atMs === 0 ? 0 : now - atMs;
    const least = now < this.#overflownUntil ? OVERFLOW_MS : 0;
    return waited > least && waited < MOST_MS ? waited : least;
  }

  #at(nth: number): number {
    return this.#vector.data + nth * DATAGRAM_BYTES;
  }
}
