/**
 * Sockets that are looked at together: one `epoll` for all of the process, every 2 ms while there
 * is any, and one system call for whatever has come to a socket. A packet costs about half of what
 * it does through `node:dgram`, which is woken for each and makes objects for it.
 */
import { type Address, isIpv6 } from "carillon/uri";
import { readSocketAddress, SOCKADDR_BYTES, socketAddress } from "../../system/socket-address.ts";
import {
  AF_INET,
  AF_INET6,
  EPOLL_CLOEXEC,
  EPOLL_CTL_ADD,
  EPOLLIN,
  ERRORS,
  IPPROTO_IPV6,
  IPV6_V6ONLY,
  type Memory,
  MSG_DONTWAIT,
  MSG_TRUNC,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  type System,
} from "../../system/system.ts";
import type { DatagramSocket, Datagrams, Received } from "./datagrams.ts";
import { tellDefect } from "./defect.ts";

/** Media that waits so long is late by less than a frame's tenth. */
const LOOK_MS = 2;
/** Sockets a look; those that are left are first at the next. */
const EVENTS = 1024;
const EVENT_BYTES = process.arch === "x64" ? 12 : 16;
const EVENT_DATA = EVENT_BYTES - 8;
/** Datagrams that are taken together, from one socket and another, before any is looked at. */
const PLACES = 128;
/** Of one socket, at once, where there may be more than one. */
const BATCH = 16;
/** So many that came alone are sound, or something else that comes as evenly. */
const STEADY = 25;
/** As often, for one socket a look: one that is flooded must not keep the others waiting. */
const ROUNDS = 4;
/** RTP is made to fit an Ethernet frame; what is longer is none. */
const DATAGRAM_BYTES = 2048;

// struct mmsghdr, 64 bits: a pointer to the address and its length, one to the vector and its
// length, control, flags; behind it how much came.
const HEADER_BYTES = 64;
const [NAME_LENGTH, VECTOR, VECTOR_LENGTH, FLAGS, RECEIVED] = [8, 16, 24, 48, 56] as const;
const VECTOR_BYTES = 16;

const [EVENTS_AT, HEADERS_AT] = [0, EVENTS * 16] as const;
const VECTORS_AT = HEADERS_AT + PLACES * HEADER_BYTES;
const NAMES_AT = VECTORS_AT + PLACES * VECTOR_BYTES;
const TARGETS_AT = NAMES_AT + PLACES * SOCKADDR_BYTES;
const OUT_AT = TARGETS_AT + PLACES * SOCKADDR_BYTES;
const DATA_AT = OUT_AT + PLACES * DATAGRAM_BYTES;
const ALL_BYTES = DATA_AT + PLACES * DATAGRAM_BYTES;

export class PolledDatagrams implements Datagrams {
  readonly #system: System;
  readonly #memory: Memory;
  readonly #words: Uint32Array;
  readonly #epoll: number;
  /** By the number that `epoll` knows them by. */
  readonly #open: (PolledSocket | undefined)[] = [];
  readonly #free: number[] = [];
  #size = 0;
  #timer: NodeJS.Timeout | undefined;
  /** The octets of each place. */
  readonly #places: readonly Uint8Array[];
  /** Whose datagram lies in each place. */
  readonly #owners: (PolledSocket | undefined)[] = new Array(PLACES).fill(undefined);
  #taken = 0;
  /** What is to leave: of which socket, where it lies and how long it is. */
  readonly #out = { fds: new Int32Array(PLACES), at: new Int32Array(PLACES) };
  readonly #outLengths = new Int32Array(PLACES);
  readonly #nameLengths = new Int32Array(PLACES);
  #queued = 0;
  #isLooking = false;
  #looks = 0;

  constructor(system: System) {
    this.#system = system;
    this.#memory = system.memory(ALL_BYTES);
    this.#memory.octets.fill(0);
    const { buffer, byteOffset } = this.#memory.octets;
    this.#words = new Uint32Array(buffer, byteOffset, ALL_BYTES / 4);
    this.#epoll = system.epoll_create1(EPOLL_CLOEXEC);
    if (this.#epoll < 0) throw new Error(`epoll_create1: errno ${system.errno()}`);
    this.#places = Array.from({ length: PLACES }, (_, nth) => {
      this.#link(nth);
      const at = DATA_AT + nth * DATAGRAM_BYTES;
      return this.#memory.octets.subarray(at, at + DATAGRAM_BYTES);
    });
  }

  async bind(at: Address, received: Received): Promise<DatagramSocket | undefined> {
    const fd = this.#socket(at);
    if (fd === undefined) return undefined;
    const id = this.#free.pop() ?? this.#open.length;
    const event = new Uint8Array(EVENT_BYTES);
    const view = new DataView(event.buffer);
    view.setUint32(0, EPOLLIN, true);
    view.setUint32(EVENT_DATA, id, true);
    if (this.#system.epoll_ctl(this.#epoll, EPOLL_CTL_ADD, fd, event) !== 0) {
      const errno = this.#system.errno();
      this.#system.close(fd);
      throw new Error(`epoll_ctl: errno ${errno}`);
    }
    const socket = new PolledSocket(this, fd, this.#portOf(fd), received, () => this.#gone(id, fd));
    this.#open[id] = socket;
    this.#size++;
    this.#timer ??= setTimeout(this.#look, LOOK_MS);
    return socket;
  }

  /** For its sockets. `name` is the address as the system has it, in words. */
  send(fd: number, octets: Uint8Array, name: Uint32Array): boolean {
    const { length } = octets;
    if (length > DATAGRAM_BYTES) return false;
    if (this.#queued === PLACES) this.#flush();
    const nth = this.#queued;
    let at = octets.byteOffset - this.#memory.octets.byteOffset;
    // What has just come and goes on lies there already.
    if (octets.buffer !== this.#memory.octets.buffer) {
      at = OUT_AT + nth * DATAGRAM_BYTES;
      this.#memory.octets.set(octets, at);
    }
    const target = (TARGETS_AT + nth * SOCKADDR_BYTES) >> 2;
    for (let n = 0; n < name.length; n++) this.#words[target + n] = name[n]!;
    this.#out.fds[nth] = fd;
    this.#out.at[nth] = at;
    this.#outLengths[nth] = length;
    this.#nameLengths[nth] = name.length * 4;
    this.#queued = nth + 1;
    return this.#isLooking || this.#flush();
  }

  /** False where the system did not take the last. */
  #flush(): boolean {
    const { address } = this.#memory;
    let isTaken = true;
    for (let nth = 0; nth < this.#queued; nth++) {
      const length = this.#outLengths[nth]!;
      const sent = this.#system.sendto(
        this.#out.fds[nth]!,
        address + this.#out.at[nth]!,
        length,
        MSG_DONTWAIT,
        address + TARGETS_AT + nth * SOCKADDR_BYTES,
        this.#nameLengths[nth]!,
      );
      isTaken = sent === length;
    }
    this.#queued = 0;
    return isTaken;
  }

  #gone(id: number, fd: number): void {
    // Its number may be another socket's at once.
    this.#flush();
    this.#open[id] = undefined;
    this.#free.push(id);
    this.#size--;
    this.#system.close(fd);
  }

  // Taking all, then looking at all, then sending all: caches hold the code of one of the three.
  readonly #look = (): void => {
    const { view, address } = this.#memory;
    const count = this.#system.epoll_wait(this.#epoll, address + EVENTS_AT, EVENTS, 0);
    this.#isLooking = true;
    this.#looks++;
    for (let nth = 0; nth < count; nth++) {
      const id = view.getUint32(EVENTS_AT + nth * EVENT_BYTES + EVENT_DATA, true);
      const socket = this.#open[id];
      if (socket) this.#drain(socket);
    }
    this.#hand();
    this.#isLooking = false;
    this.#timer = this.#size > 0 ? setTimeout(this.#look, LOOK_MS) : undefined;
  };

  #drain(socket: PolledSocket): void {
    if (this.#taken > PLACES - BATCH) this.#hand();
    if (socket.isSteady(this.#looks)) return this.#takeOne(socket);
    for (let round = 0; round < ROUNDS && !socket.isClosed; round++) {
      if (this.#taken > PLACES - BATCH) this.#hand();
      if (socket.isClosed) return;
      const headers = this.#memory.address + HEADERS_AT + this.#taken * HEADER_BYTES;
      const count = this.#system.recvmmsg(socket.fd, headers, BATCH, MSG_DONTWAIT, 0);
      for (let nth = 0; nth < count; nth++) this.#owners[this.#taken++] = socket;
      if (round === 0) socket.alone = count === 1 ? socket.alone + 1 : 0;
      if (count < BATCH) return;
    }
  }

  /** If there are more, they are there at the next look. */
  #takeOne(socket: PolledSocket): void {
    if (socket.isClosed) return;
    const { view, address } = this.#memory;
    const nth = this.#taken;
    const header = HEADERS_AT + nth * HEADER_BYTES;
    const length = this.#system.recvfrom(
      socket.fd,
      address + DATA_AT + nth * DATAGRAM_BYTES,
      DATAGRAM_BYTES,
      MSG_DONTWAIT | MSG_TRUNC,
      address + NAMES_AT + nth * SOCKADDR_BYTES,
      address + header + NAME_LENGTH,
    );
    if (length < 0) return;
    view.setUint32(header + RECEIVED, length, true);
    view.setUint32(header + FLAGS, length > DATAGRAM_BYTES ? MSG_TRUNC : 0, true);
    this.#owners[nth] = socket;
    this.#taken = nth + 1;
  }

  /** What was taken goes to whose it is, and what that says goes out. */
  #hand(): void {
    const { view } = this.#memory;
    const now = performance.now();
    for (let nth = 0; nth < this.#taken; nth++) {
      const socket = this.#owners[nth]!;
      const header = HEADERS_AT + nth * HEADER_BYTES;
      const length = view.getUint32(header + RECEIVED, true);
      const isCut = (view.getUint32(header + FLAGS, true) & MSG_TRUNC) !== 0;
      view.setUint32(header + NAME_LENGTH, SOCKADDR_BYTES, true);
      if (isCut || socket.isClosed) continue;
      const from = socket.peerAt(this.#words, (NAMES_AT + nth * SOCKADDR_BYTES) >> 2, view);
      try {
        socket.received(this.#places[nth]!.subarray(0, length), from, now);
      } catch (cause) {
        tellDefect(cause);
      }
    }
    this.#taken = 0;
    this.#flush();
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
    if (errno === ERRORS.EADDRINUSE) return undefined;
    throw new Error(`bind ${at.host} port ${at.port}: errno ${errno}`);
  }

  #portOf(fd: number): number {
    const name = new Uint8Array(SOCKADDR_BYTES);
    const length = new Uint8Array(Uint32Array.of(SOCKADDR_BYTES).buffer);
    this.#system.getsockname(fd, name, length);
    return (name[2]! << 8) | name[3]!;
  }

  #link(nth: number): void {
    const { view, address } = this.#memory;
    const header = HEADERS_AT + nth * HEADER_BYTES;
    writePointer(view, header, address + NAMES_AT + nth * SOCKADDR_BYTES);
    view.setUint32(header + NAME_LENGTH, SOCKADDR_BYTES, true);
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
  /** How often in a row a datagram has come with no other. */
  alone = 0;
  /** Which look last found something here. */
  #readyAt = 0;
  readonly #all: PolledDatagrams;
  readonly #closed: () => void;
  #target: Address | undefined;
  #targetName: Uint32Array = new Uint32Array();
  #peer: Address = { host: "", port: 0 };
  /** The words of the peer's address as the system has it, to know it again without its text. */
  readonly #peerWords = new Uint32Array(SOCKADDR_BYTES / 4);

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
      this.#targetName = new Uint32Array(socketAddress(to).buffer);
    }
    return this.#all.send(this.fd, octets, this.#targetName);
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#closed();
  }

  /**
   * Whether one datagram is all that there will be: of sound one comes every 20 ms, and to look for
   * a second costs a third of taking the first. Two looks in a row say that it is otherwise.
   */
  isSteady(look: number): boolean {
    if (this.#readyAt === look - 1) this.alone = 0;
    this.#readyAt = look;
    return this.alone >= STEADY;
  }

  /** Who sent it: the same object as before if it is the same peer. */
  peerAt(words: Uint32Array, at: number, view: DataView): Address {
    const known = this.#peerWords;
    // In IPv4 what follows the address is padding.
    const count = (words[at]! & 0xffff) === AF_INET ? 2 : 6;
    let isSame = true;
    for (let n = 0; n < count; n++) {
      if (words[at + n] === known[n]) continue;
      known[n] = words[at + n]!;
      isSame = false;
    }
    if (!isSame) this.#peer = readSocketAddress(view, at * 4);
    return this.#peer;
  }
}

/** An address has 47 bits, which a number holds; a BigInt for each datagram would be garbage. */
function writePointer(view: DataView, at: number, address: number): void {
  view.setUint32(at, address % 2 ** 32, true);
  view.setUint32(at + 4, Math.floor(address / 2 ** 32), true);
}
