/**
 * The system's own calls for sockets, of SIP and of media: Linux on 64 bits, by koffi. Everywhere
 * else `loadSystem` says why not, and `node:dgram` does the work.
 */
import type koffi from "koffi";

/** Memory that the system reads and writes, and its address. */
export interface Memory {
  /** Of its first octet, as the system counts: below 2^47. */
  readonly address: number;
  /** All of it; no Buffer, whose `slice` is no copy. */
  readonly octets: Uint8Array;
  /** The same octets. */
  readonly view: DataView;
}

/**
 * Calls as section 2 of Linux's manual has them: -1 where one failed, and `errno` says why. Numbers
 * for memory are addresses in a `Memory`.
 */
export interface System {
  /** Its descriptor: socket(2). */
  socket(family: number, type: number, protocol: number): number;
  /** The octets of a socket address, and how many of them: bind(2). */
  bind(fd: number, address: Uint8Array, length: number): number;
  /** `length` holds 32 bits, before the room and afterwards what was taken of it. */
  getsockname(fd: number, address: Uint8Array, length: Uint8Array): number;
  /** Whoever reads there meanwhile has to know: close(2). */
  close(fd: number): number;
  /** setsockopt(2). */
  setsockopt(fd: number, level: number, name: number, value: Uint8Array, length: number): number;
  /** `length` as in `getsockname`. */
  getsockopt(
    ...of: [fd: number, level: number, name: number, value: Uint8Array, length: Uint8Array]
  ): number;
  /** A descriptor that waits for others: epoll(7). */
  epoll_create1(flags: number): number;
  /** `event` is 12 octets: what for (32 bits), and 64 of one's own. */
  epoll_ctl(epoll: number, what: number, fd: number, event: Uint8Array | null): number;
  /** How many events it has written there. */
  epoll_wait(epoll: number, events: number, count: number, timeoutMs: number): number;
  /** How many octets came: recvfrom(2). `address` and `length` are where the system writes. */
  recvfrom(...of: ReceiveFrom): number;
  /** The last three: how many there are, flags, and no time limit. */
  recvmmsg(fd: number, vector: number, count: number, flags: number, timeout: number): number;
  /** Where the vector lies, how many it has, flags. */
  sendmmsg(fd: number, vector: number, count: number, flags: number): number;
  /** How many octets went: sendto(2). */
  sendto(...of: SendTo): number;
  /** Of the last call that failed. */
  errno(): number;
  /** Given back with the process, and not before. */
  memory(octets: number): Memory;
}

type ReceiveFrom = [
  fd: number,
  octets: number,
  room: number,
  flags: number,
  address: number,
  length: number,
];

type SendTo = [
  fd: number,
  octets: number,
  length: number,
  flags: number,
  address: number,
  addressLength: number,
];

/** IPv4: ip(7). */
export const AF_INET = 2;
/** IPv6: ipv6(7). */
export const AF_INET6 = 10;
/** Datagrams: socket(2). */
export const SOCK_DGRAM = 2;
/** No call waits: socket(2). */
export const SOCK_NONBLOCK = 0o4000;
/** Children do not have it: socket(2). */
export const SOCK_CLOEXEC = 0o2000000;
/** This call does not wait: recv(2). */
export const MSG_DONTWAIT = 0x40;
/** A datagram was longer than the room: recv(2). */
export const MSG_TRUNC = 0x20;
/** The level of the options of IPv6: ipv6(7). */
export const IPPROTO_IPV6 = 41;
/** IPv6 alone, and not IPv4 in it: ipv6(7). */
export const IPV6_V6ONLY = 26;
/** Children do not have it: epoll_create(2). */
export const EPOLL_CLOEXEC = 0o2000000;
/** A descriptor more: epoll_ctl(2). */
export const EPOLL_CTL_ADD = 1;
/** Something can be read: epoll_ctl(2). */
export const EPOLLIN = 1;

/** Errors that are told apart; the rest go by their number. */
export const ERRORS = {
  EACCES: 13,
  EAGAIN: 11,
  ENOMEM: 12,
  EINVAL: 22,
  EAFNOSUPPORT: 97,
  EADDRINUSE: 98,
  EADDRNOTAVAIL: 99,
  ENETUNREACH: 101,
  ENOBUFS: 105,
  ECONNREFUSED: 111,
  EHOSTUNREACH: 113,
} as const;

/** `EADDRINUSE` and its like, as Node's own errors say it. */
export const errorName = (errno: number): string =>
  Object.entries(ERRORS).find(([, number]) => number === errno)?.[0] ?? `errno ${errno}`;

/** The calls, or in words why there are none on this machine. */
export async function loadSystem(): Promise<System | string> {
  if (process.platform !== "linux") return `${process.platform} has no recvmmsg`;
  if (process.arch !== "x64" && process.arch !== "arm64") return `not tried on ${process.arch}`;
  try {
    const { default: foreign } = await import("koffi");
    return bound(foreign);
  } catch (cause) {
    return `koffi did not load: ${cause instanceof Error ? cause.message : cause}`;
  }
}

function bound(foreign: typeof koffi): System {
  const libc = foreign.load("libc.so.6");
  const call = (declaration: string) => libc.func(declaration);
  return {
    socket: call("int socket(int, int, int)"),
    bind: call("int bind(int, void *, uint)"),
    getsockname: call("int getsockname(int, void *, void *)"),
    close: call("int close(int)"),
    setsockopt: call("int setsockopt(int, int, int, void *, uint)"),
    getsockopt: call("int getsockopt(int, int, int, void *, void *)"),
    epoll_create1: call("int epoll_create1(int)"),
    epoll_ctl: call("int epoll_ctl(int, int, int, void *)"),
    epoll_wait: call("int epoll_wait(int, uintptr_t, int, int)"),
    recvfrom: call("long recvfrom(int, uintptr_t, size_t, int, uintptr_t, uintptr_t)"),
    recvmmsg: call("int recvmmsg(int, uintptr_t, uint, int, uintptr_t)"),
    sendmmsg: call("int sendmmsg(int, uintptr_t, uint, int)"),
    sendto: call("long sendto(int, uintptr_t, size_t, int, uintptr_t, uint)"),
    errno: () => foreign.errno(),
    memory: (size) => memory(foreign, size),
  };
}

function memory(foreign: typeof koffi, size: number): Memory {
  // A pointer to the first octet: koffi frees it with the process, which is as long as it is used.
  const pointer = foreign.alloc("uint8_t", size);
  const buffer = foreign.view(pointer, size);
  return {
    address: Number(foreign.address(pointer)),
    octets: new Uint8Array(buffer),
    view: new DataView(buffer),
  };
}
