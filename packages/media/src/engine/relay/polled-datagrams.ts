/**
 * Sockets that are looked at together: one `epoll` for all of the process, every 2 ms while there
 * is any, and one system call for whatever has come to a socket. A packet costs about half of what
 * it does through `node:dgram`, which is woken for each and makes objects for it.
 */
import { type Address, isIpv6 } from "carillon/uri";
import type { DatagramSocket, Datagrams, Received } from "./datagrams.ts";
import { readSocketAddress, SOCKADDR_BYTES, socketAddress } from "./socket-address.ts";
import {
  AF_INET,
  AF_INET6,
  EADDRINUSE,
  EPOLL_CLOEXEC,
  EPOLL_CTL_ADD,
  EPOLLIN,
  IPPROTO_IPV6,
  IPV6_V6ONLY,
  type Memory,
  MSG_DONTWAIT,
  MSG_TRUNC,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  type System,
} from "./system.ts";

/** Media that waits so long is late by less than a frame's tenth. */
const LOOK_MS = 2;
/** Sockets a look; those that are left are first at the next. */
const EVENTS = 512;
const EVENT_BYTES = process.arch === "x64" ? 12 : 16;
const EVENT_DATA = EVENT_BYTES - 8;
/** Datagrams a system call. */
const BATCH = 16;
/** Calls for one socket a look: one that is flooded must not keep the others waiting. */
const ROUNDS = 4;
/** RTP is made to fit an Ethernet frame; what is longer is none. */
const DATAGRAM_BYTES = 4096;

// struct mmsghdr, 64 bits: a pointer to the address and its length, one to the vector and its
// length, control, flags; behind it how much came.
const HEADER_BYTES = 64;
const [NAME_LENGTH, VECTOR, VECTOR_LENGTH, FLAGS, RECEIVED] = [8, 16, 24, 48, 56] as const;
const VECTOR_BYTES = 16;

const [EVENTS_AT, HEADERS_AT] = [0, EVENTS * 16] as const;
const VECTORS_AT = HEADERS_AT + BATCH * HEADER_BYTES;
const NAMES_AT = VECTORS_AT + BATCH * VECTOR_BYTES;
const TARGET_AT = NAMES_AT + BATCH * SOCKADDR_BYTES;
const OUT_AT = TARGET_AT + SOCKADDR_BYTES;
const DATA_AT = OUT_AT + DATAGRAM_BYTES;
const ALL_BYTES = DATA_AT + BATCH * DATAGRAM_BYTES;

export class PolledDatagrams implements Datagrams {
  readonly #system: System;
  readonly #memory: Memory;
  readonly #epoll: number;
  readonly #open = new Map<number, PolledSocket>();
  #nextId = 1;
  #timer: NodeJS.Timeout | undefined;
  /** The octets of each place of a batch. */
  readonly #places: readonly Uint8Array[];

  constructor(system: System) {
    this.#system = system;
    this.#memory = system.memory(ALL_BYTES);
    this.#memory.octets.fill(0);
    this.#epoll = system.epoll_create1(EPOLL_CLOEXEC);
    if (this.#epoll < 0) throw new Error(`epoll_create1: errno ${system.errno()}`);
    this.#places = Array.from({ length: BATCH }, (_, nth) => {
      this.#link(nth);
      const at = DATA_AT + nth * DATAGRAM_BYTES;
      return this.#memory.octets.subarray(at, at + DATAGRAM_BYTES);
    });
  }

  /** As many sockets as are open now. */
  get size(): number {
    return this.#open.size;
  }

  async bind(at: Address, received: Received): Promise<DatagramSocket | undefined> {
    const fd = this.#socket(at);
    if (fd === undefined) return undefined;
    const id = this.#nextId++;
    const event = new Uint8Array(EVENT_BYTES);
    const view = new DataView(event.buffer);
    view.setUint32(0, EPOLLIN, true);
    view.setUint32(EVENT_DATA, id, true);
    if (this.#system.epoll_ctl(this.#epoll, EPOLL_CTL_ADD, fd, event) !== 0) {
      const errno = this.#system.errno();
      this.#system.close(fd);
      throw new Error(`epoll_ctl: errno ${errno}`);
    }
    const socket = new PolledSocket(this, fd, this.#portOf(fd), received, () => {
      this.#open.delete(id);
      this.#system.close(fd);
    });
    this.#open.set(id, socket);
    this.#timer ??= setTimeout(this.#look, LOOK_MS);
    return socket;
  }

  /** For its sockets. `name` is the address as the system has it. */
  send(fd: number, octets: Uint8Array, name: Uint8Array): boolean {
    const { length } = octets;
    if (length > DATAGRAM_BYTES) return false;
    const { octets: memory, address } = this.#memory;
    let at = octets.byteOffset - memory.byteOffset;
    // What has just come and goes on lies there already.
    if (octets.buffer !== memory.buffer) {
      memory.set(octets, OUT_AT);
      at = OUT_AT;
    }
    memory.set(name, TARGET_AT);
    const target = address + TARGET_AT;
    const sent = this.#system.sendto(fd, address + at, length, MSG_DONTWAIT, target, name.length);
    return sent === length;
  }

  readonly #look = (): void => {
    const { view, address } = this.#memory;
    const count = this.#system.epoll_wait(this.#epoll, address + EVENTS_AT, EVENTS, 0);
    for (let nth = 0; nth < count; nth++) {
      const id = view.getUint32(EVENTS_AT + nth * EVENT_BYTES + EVENT_DATA, true);
      const socket = this.#open.get(id);
      if (socket) this.#drain(socket);
    }
    this.#timer = this.#open.size > 0 ? setTimeout(this.#look, LOOK_MS) : undefined;
  };

  #drain(socket: PolledSocket): void {
    const { view, address } = this.#memory;
    for (let round = 0; round < ROUNDS && !socket.isClosed; round++) {
      for (let nth = 0; nth < BATCH; nth++) {
        view.setUint32(HEADERS_AT + nth * HEADER_BYTES + NAME_LENGTH, SOCKADDR_BYTES, true);
      }
      const headers = address + HEADERS_AT;
      const count = this.#system.recvmmsg(socket.fd, headers, BATCH, MSG_DONTWAIT, 0);
      for (let nth = 0; nth < count; nth++) this.#hand(socket, nth);
      if (count < BATCH) return;
    }
  }

  #hand(socket: PolledSocket, nth: number): void {
    const { view } = this.#memory;
    const header = HEADERS_AT + nth * HEADER_BYTES;
    const length = view.getUint32(header + RECEIVED, true);
    const isCut = (view.getUint32(header + FLAGS, true) & MSG_TRUNC) !== 0;
    if (isCut || socket.isClosed) return;
    const from = socket.peerAt(view, NAMES_AT + nth * SOCKADDR_BYTES);
    socket.received(this.#places[nth]!.subarray(0, length), from);
  }

  /** Undefined: the port is taken. */
  #socket(at: Address): number | undefined {
    const system = this.#system;
    const isSix = isIpv6(at.host);
    const type = SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
    const fd = system.socket(isSix ? AF_INET6 : AF_INET, type, 0);
    if (fd < 0) throw new Error(`socket: errno ${system.errno()}`);
    if (isSix) system.setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, new Uint8Array([1, 0, 0, 0]), 4);
    const name = socketAddress(at);
    if (system.bind(fd, name, name.length) === 0) return fd;
    const errno = system.errno();
    system.close(fd);
    if (errno === EADDRINUSE) return undefined;
    throw new Error(`bind ${at.host} port ${at.port}: errno ${errno}`);
  }

  #portOf(fd: number): number {
    const { view, address } = this.#memory;
    view.setUint32(NAMES_AT, SOCKADDR_BYTES, true);
    this.#system.getsockname(fd, address + TARGET_AT, address + NAMES_AT);
    return view.getUint16(TARGET_AT + 2);
  }

  #link(nth: number): void {
    const { view, address } = this.#memory;
    const header = HEADERS_AT + nth * HEADER_BYTES;
    writePointer(view, header, address + NAMES_AT + nth * SOCKADDR_BYTES);
    writePointer(view, header + VECTOR, address + VECTORS_AT + nth * VECTOR_BYTES);
    view.setUint32(header + VECTOR_LENGTH, 1, true);
    const vector = VECTORS_AT + nth * VECTOR_BYTES;
    writePointer(view, vector, address + DATA_AT + nth * DATAGRAM_BYTES);
    view.setUint32(vector + 8, DATAGRAM_BYTES, true);
  }
}

class PolledSocket implements DatagramSocket {
  readonly fd: number;
  readonly port: number;
  readonly received: Received;
  isClosed = false;
  readonly #all: PolledDatagrams;
  readonly #closed: () => void;
  #target: Address | undefined;
  #targetName: Uint8Array = new Uint8Array();
  #peer: Address = { host: "", port: 0 };
  /** The words of the peer's address as the system has it, to know it again without its text. */
  readonly #words = new Uint32Array(SOCKADDR_BYTES / 4);

  constructor(
    ...[all, fd, port, received, closed]: [PolledDatagrams, number, number, Received, () => void]
  ) {
    this.#all = all;
    this.fd = fd;
    this.port = port;
    this.received = received;
    this.#closed = closed;
  }

  send(octets: Uint8Array, to: Address): boolean {
    if (this.isClosed) return false;
    if (to !== this.#target) {
      this.#target = to;
      this.#targetName = socketAddress(to);
    }
    return this.#all.send(this.fd, octets, this.#targetName);
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#closed();
  }

  /** Who sent it: the same object as before if it is the same peer. */
  peerAt(view: DataView, at: number): Address {
    const words = view.getUint16(at, true) === AF_INET ? 2 : 6;
    let isSame = true;
    for (let n = 0; n < words; n++) {
      const word = view.getUint32(at + 4 * n, true);
      if (word === this.#words[n]) continue;
      this.#words[n] = word;
      isSame = false;
    }
    if (!isSame) this.#peer = readSocketAddress(view, at);
    return this.#peer;
  }
}

/** An address has 47 bits, which a number holds; a BigInt for each datagram would be garbage. */
function writePointer(view: DataView, at: number, address: number): void {
  view.setUint32(at, address % 2 ** 32, true);
  view.setUint32(at + 4, Math.floor(address / 2 ** 32), true);
}
