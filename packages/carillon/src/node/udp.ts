/** SIP over UDP with `node:dgram`: one socket for one local address. RFC 3261 §18. */
import { createSocket, type Socket } from "node:dgram";
import { type Address, isIpv6 } from "../uri/host.ts";
import type { Runner } from "./runner.ts";

/** A socket for datagrams that is joined to a runner. */
export interface UdpSocket {
  /** Where it is bound: with the port that it got, where 0 was asked for. */
  readonly address: Address;
  /** Resolves when what was sent is out and the socket is closed. */
  close(): Promise<void>;
}

/** Enough for a burst while the loop is busy; the kernel may grant less. */
const RECEIVE_BUFFER_BYTES = 4 << 20;

/**
 * Binds a socket and connects it to the runner. `host` has to be an address of this machine and
 * not a wildcard: a request has to be answered from the address that was asked (RFC 3581 §4).
 * Rejects with what the system says, such as a `code` of `EADDRINUSE`.
 */
export function udp(runner: Runner, { host, port }: Address): Promise<UdpSocket> {
  if (host === "0.0.0.0" || host === "::") {
    throw new RangeError(
      "bind each address by its own: a wildcard cannot answer from the right one",
    );
  }
  const socket = createSocket({ type: isIpv6(host) ? "udp6" : "udp4", ipv6Only: isIpv6(host) });
  return new Promise((resolve, reject) => {
    const failed = (cause: Error) => socket.close(() => reject(cause));
    socket.once("error", failed);
    socket.bind({ address: host, port, exclusive: true }, () => {
      socket.off("error", failed);
      // A send that failed is reported for its datagram; the socket itself goes on.
      socket.on("error", () => {});
      growBuffer(socket);
      resolve(connected(runner, socket, { host, port: socket.address().port }));
    });
  });
}

function connected(runner: Runner, socket: Socket, address: Address): UdpSocket {
  let onTheirWay = 0;
  let isClosing = false;
  let isGone = false;
  let whenOut = (): void => {};
  socket.on("close", () => {
    isGone = true;
    // Of what was on its way nothing more is heard.
    onTheirWay = 0;
    if (isClosing) whenOut();
  });
  socket.on("message", (bytes, { address: from, port }) => {
    if (isClosing) return;
    const remote: Address = { host: from, port };
    const octets = bytes.toString("latin1");
    runner.input({ kind: "Datagram", local: address, remote, octets });
  });
  runner.listening(address, (remote, octets) => {
    if (isClosing) return;
    if (isGone) return runner.input({ kind: "Unreachable", remote, cause: "the socket is gone" });
    onTheirWay++;
    // Node looks every address up, an IP address too, and so sends in a later turn.
    socket.send(Buffer.from(octets, "latin1"), remote.port, remote.host, (cause) => {
      onTheirWay--;
      if (isClosing && onTheirWay === 0) whenOut();
      else if (cause && !isLoss(cause)) runner.input({ kind: "Unreachable", remote, cause });
    });
  });
  const close = (): Promise<void> =>
    new Promise((closed) => {
      isClosing = true;
      whenOut = () => (isGone ? closed() : socket.close(() => closed()));
      if (onTheirWay === 0) whenOut();
    });
  let closed: Promise<void> | undefined;
  return {
    address,
    close() {
      closed ??= close();
      return closed;
    },
  };
}

/** The system had no room for it: lost, as on any network, and said again in its time. */
const isLoss = (cause: NodeJS.ErrnoException): boolean => LOSSES.has(cause.code);
const LOSSES: ReadonlySet<string | undefined> = new Set(["EAGAIN", "ENOBUFS", "ENOMEM"]);

function growBuffer(socket: Socket): void {
  try {
    socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
  } catch {
    // The system's own size has to do.
  }
}
