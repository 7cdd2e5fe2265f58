/**
 * The system's own calls for datagrams in batches: Linux on 64 bits, where one call takes or sends
 * many. Everywhere else `loadSystem` says why not, and `node:dgram` does the work.
 */
import type koffi from "koffi";

/** Memory that the system reads and writes, and its address. */
export interface Memory {
  readonly address: number;
  readonly bytes: Buffer;
  readonly view: DataView;
}

export interface System {
  socket(family: number, type: number, protocol: number): number;
  bind(fd: number, address: Uint8Array, length: number): number;
  close(fd: number): number;
  setsockopt(fd: number, level: number, name: number, value: Uint8Array, length: number): number;
  /** The last three: where the vector lies, how many it has, flags; no time limit. */
  recvmmsg(fd: number, vector: number, count: number, flags: number, timeout: number): number;
  sendmmsg(fd: number, vector: number, count: number, flags: number): number;
  errno(): number;
  memory(bytes: number): Memory;
}

export const AF_INET = 2;
export const AF_INET6 = 10;
export const SOCK_DGRAM = 2;
export const SOCK_NONBLOCK = 0o4000;
export const SOCK_CLOEXEC = 0o2000000;
export const MSG_DONTWAIT = 0x40;
export const IPPROTO_IPV6 = 41;
export const IPV6_V6ONLY = 26;

/** Errors that are told apart; the rest go by their number. */
export const ERRORS: Readonly<Record<string, number>> = {
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
};

/** `EADDRINUSE` and its like, as Node's own errors say it. */
export const errorName = (errno: number): string =>
  Object.keys(ERRORS).find((name) => ERRORS[name] === errno) ?? `errno ${errno}`;

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
    close: call("int close(int)"),
    setsockopt: call("int setsockopt(int, int, int, void *, uint)"),
    recvmmsg: call("int recvmmsg(int, uintptr_t, uint, int, uintptr_t)"),
    sendmmsg: call("int sendmmsg(int, uintptr_t, uint, int)"),
    errno: () => foreign.errno(),
    memory: (size) => memory(foreign, size),
  };
}

function memory(foreign: typeof koffi, size: number): Memory {
  // A pointer to the first byte: koffi frees it with the process, which is as long as it is used.
  const pointer = foreign.alloc("uint8_t", size);
  const buffer = foreign.view(pointer, size);
  return {
    address: Number(foreign.address(pointer)),
    bytes: Buffer.from(buffer),
    view: new DataView(buffer),
  };
}
