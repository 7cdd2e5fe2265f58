/**
 * The system's own calls for sockets of media: Linux on 64 bits, by koffi. Everywhere else
 * `loadSystem` says why not, and `node:dgram` does the work.
 */
import type koffi from "koffi";

/** Memory that the system reads and writes, and its address. */
export interface Memory {
  readonly address: number;
  readonly octets: Uint8Array;
  readonly view: DataView;
}

export interface System {
  socket(family: number, type: number, protocol: number): number;
  bind(fd: number, address: Uint8Array, length: number): number;
  getsockname(fd: number, address: Uint8Array, length: Uint8Array): number;
  close(fd: number): number;
  setsockopt(fd: number, level: number, name: number, value: Uint8Array, length: number): number;
  getsockopt(
    ...of: [fd: number, level: number, name: number, value: Uint8Array, length: Uint8Array]
  ): number;
  epoll_create1(flags: number): number;
  epoll_ctl(epoll: number, what: number, fd: number, event: Uint8Array | null): number;
  epoll_wait(epoll: number, events: number, count: number, timeoutMs: number): number;
  /** The last three: how many there are, flags, and no time limit. */
  recvmmsg(fd: number, vector: number, count: number, flags: number, timeout: number): number;
  sendto(...of: SendTo): number;
  errno(): number;
  memory(octets: number): Memory;
}

type SendTo = [
  fd: number,
  octets: number,
  length: number,
  flags: number,
  address: number,
  addressLength: number,
];

export const AF_INET = 2;
export const AF_INET6 = 10;
export const SOCK_DGRAM = 2;
export const SOCK_NONBLOCK = 0o4000;
export const SOCK_CLOEXEC = 0o2000000;
export const MSG_DONTWAIT = 0x40;
export const MSG_TRUNC = 0x20;
export const IPPROTO_IPV6 = 41;
export const IPV6_V6ONLY = 26;
export const EPOLL_CLOEXEC = 0o2000000;
export const EPOLL_CTL_ADD = 1;
export const EPOLLIN = 1;
export const EADDRINUSE = 98;

/** The calls, or in words why there are none on this machine. */
export async function loadSystem(): Promise<System | string> {
  if (process.platform !== "linux") return `${process.platform} has no epoll`;
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
    recvmmsg: call("int recvmmsg(int, uintptr_t, uint, int, uintptr_t)"),
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
