/**
 * SIP over UDP with many datagrams a system call. RFC 3261 §18.
 *
 * `node:dgram` waits for the first one, on a socket made here; its handler then takes all others
 * that have come, and what the turn says leaves together at its end. Under load it waits a moment
 * for more of them: see `gathering.ts`. The same driver as `udp` of `carillon/node` otherwise, and
 * the same tests.
 */
import { createSocket, type Socket } from "node:dgram";
import type { Runner, UdpSocket } from "carillon/node";
import { type Address, isIpv6 } from "carillon/uri";
import {
  AF_INET,
  AF_INET6,
  errorName,
  IPPROTO_IPV6,
  IPV6_V6ONLY,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCKADDR_BYTES,
  type System,
} from "carillon-media/system";
import { SO_RXQ_OVFL, SO_TIMESTAMPNS, SOL_SOCKET } from "./arrival.ts";
import { Inbox } from "./inbox.ts";
import { Outbox } from "./outbox.ts";
import { SocketAddresses } from "./socket-address.ts";

/** Enough for a burst while the loop is busy; the kernel may grant less. */
const RECEIVE_BUFFER_BYTES = 4 << 20;

/** Binds sockets that share what they can: memory for batches, and names of addresses. */
export class BatchedUdp {
  readonly #system: System;
  readonly #addresses = new SocketAddresses();
  readonly #inbox: Inbox;

  /** `now` is the calendar's milliseconds. */
  constructor(system: System, now: () => number) {
    this.#system = system;
    this.#inbox = new Inbox(system, this.#addresses, now);
  }

  /** As `udp` of `carillon/node`, for an address without a zone. */
  async bind(runner: Runner, at: Address): Promise<UdpSocket> {
    const fd = openSocket(this.#system, this.#addresses, at);
    const socket = createSocket({ type: isIpv6(at.host) ? "udp6" : "udp4" });
    await new Promise<void>((resolve, reject) => {
      socket.once("error", reject);
      socket.bind({ fd, exclusive: true }, resolve);
    });
    socket.removeAllListeners("error");
    growBuffer(socket);
    const address = { host: at.host, port: socket.address().port };
    const outbox = new Outbox(this.#system, this.#addresses);
    return connected(runner, { socket, fd, address, outbox, inbox: this.#inbox });
  }
}

interface Parts {
  readonly socket: Socket;
  readonly fd: number;
  readonly address: Address;
  readonly inbox: Inbox;
  readonly outbox: Outbox;
}

function connected(runner: Runner, parts: Parts): UdpSocket {
  const { socket, fd, address, inbox, outbox } = parts;
  let isClosed = false;
  // Its number may be another file's from then on.
  let isGone = false;
  let isDraining = false;
  let isFlushWanted = false;
  // This turn had its time: what else comes in it is taken one by one, as the loop has it.
  let isTurnOver = false;
  let isBehind = false;
  const received = (remote: Address, octets: string, waitedMs: number): void =>
    runner.input({ kind: "Datagram", local: address, remote, octets, waitedMs });
  const receivedFirst = (remote: Address, octets: string): void =>
    runner.input({ kind: "Datagram", local: address, remote, octets });
  const unreachable = (remote: Address, errno: number): void =>
    runner.input({ kind: "Unreachable", remote, cause: errorName(errno) });
  const flush = (): void => {
    isFlushWanted = false;
    if (isClosed || isGone) return;
    outbox.flush(fd, (remote, errno) => later(() => unreachable(remote, errno)));
  };
  socket.on("message", (bytes, { address: host, port }) => {
    isDraining = true;
    // When this one came nobody says: where others were left behind, no later than they.
    const [remote, octets] = [{ host, port }, bytes.toString("latin1")];
    if (isBehind) received(remote, octets, inbox.latestMs);
    else receivedFirst(remote, octets);
    if (!isTurnOver) {
      isBehind = !inbox.drain(fd, received);
      if (isBehind) {
        isTurnOver = true;
        setImmediate(() => {
          isTurnOver = false;
        });
      }
    }
    isDraining = false;
    flush();
  });
  // What it could not send is told by the outbox; the socket itself goes on.
  socket.on("error", () => {});
  socket.on("close", () => {
    isGone = true;
  });
  runner.listening(address, (remote, octets) => {
    if (isClosed) return;
    if (isGone) return runner.input({ kind: "Unreachable", remote, cause: "the socket is gone" });
    if (!outbox.put(remote, octets)) {
      flush();
      outbox.put(remote, octets);
    }
    if (isDraining || isFlushWanted) return;
    isFlushWanted = true;
    queueMicrotask(flush);
  });
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    flush();
    isClosed = true;
    return new Promise((done) => (isGone ? done() : socket.close(() => done())));
  };
  return { address, close: () => (closed ??= close()) };
}

/** Not inside the endpoint's turn that sent it. */
const later = (run: () => void): void => queueMicrotask(run);

/** A bound socket's descriptor. Throws with a `code`, as Node does. */
function openSocket(system: System, addresses: SocketAddresses, at: Address): number {
  const isSix = isIpv6(at.host);
  const type = SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const fd = system.socket(isSix ? AF_INET6 : AF_INET, type, 0);
  if (fd < 0) throw systemError("socket", system.errno(), at);
  const set = (level: number, name: number) =>
    system.setsockopt(fd, level, name, new Uint8Array([1, 0, 0, 0]), 4);
  // Where the system has none of these, nobody knows how long something waited, and all else works.
  set(SOL_SOCKET, SO_TIMESTAMPNS);
  set(SOL_SOCKET, SO_RXQ_OVFL);
  if (isSix) set(IPPROTO_IPV6, IPV6_V6ONLY);
  const bytes = new Uint8Array(SOCKADDR_BYTES);
  const length = addresses.write(new DataView(bytes.buffer), 0, at);
  if (system.bind(fd, bytes, length) === 0) return fd;
  const errno = system.errno();
  system.close(fd);
  throw systemError("bind", errno, at);
}

function systemError(call: string, errno: number, { host, port }: Address): Error {
  const code = errorName(errno);
  return Object.assign(new Error(`${call} ${code} ${host}:${port}`), {
    code,
    errno: -errno,
    syscall: call,
    address: host,
    port,
  });
}

function growBuffer(socket: Socket): void {
  try {
    socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
  } catch {
    // The system's own size has to do.
  }
}
