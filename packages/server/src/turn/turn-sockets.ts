/** The sockets of the TURN server: some where it listens, and one for each relayed address. */
import { createSocket, type Socket, type SocketOptions } from "node:dgram";
import { isIPv6 } from "node:net";
import type { Address } from "carillon/turn";

/** Enough for a burst while the loop is busy; the kernel may grant less. */
const BUFFER_BYTES = 1 << 20;

export type Take = (bytes: Uint8Array, from: Address) => void;

export interface UdpPort {
  readonly address: Address;
  send(bytes: Uint8Array, to: Address): void;
  close(): Promise<void>;
}

/** Binds one, exclusively. Rejects with what the system says. */
export function openPort(at: Address, take: Take): Promise<UdpPort> {
  const socket = createSocket(optionsFor(at.host));
  return new Promise((resolve, reject) => {
    const failed = (cause: Error) => socket.close(() => reject(cause));
    socket.once("error", failed);
    socket.bind({ address: at.host, port: at.port, exclusive: true }, () => {
      socket.off("error", failed);
      // A datagram that could not be sent is lost, as on any network; the socket itself goes on.
      socket.on("error", () => {});
      growBuffers(socket);
      socket.on("message", (bytes, { address: host, port }) => take(bytes, { host, port }));
      resolve(portOf(socket, { host: at.host, port: socket.address().port }));
    });
  });
}

function portOf(socket: Socket, address: Address): UdpPort {
  let isGone = false;
  socket.on("close", () => {
    isGone = true;
  });
  return {
    address,
    send(bytes, { host, port }) {
      if (!isGone) socket.send(bytes, port, host, ignore);
    },
    close: () =>
      new Promise((closed) => {
        if (isGone) return closed();
        socket.close(() => closed());
      }),
  };
}

const ignore = (): void => {};

/** Only addresses are sent to: without this, Node would look each one up, in a later turn. */
function optionsFor(host: string): SocketOptions {
  const family = isIPv6(host) ? 6 : 4;
  return {
    type: family === 6 ? "udp6" : "udp4",
    ipv6Only: family === 6,
    lookup: (name, _, found) => found(null, name, family),
  };
}

function growBuffers(socket: Socket): void {
  try {
    socket.setRecvBufferSize(BUFFER_BYTES);
    socket.setSendBufferSize(BUFFER_BYTES);
  } catch {
    // The system's own size has to do.
  }
}
