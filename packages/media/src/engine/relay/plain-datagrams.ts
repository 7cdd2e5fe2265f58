/** Sockets of `node:dgram`: where the system's own calls cannot be had. */
import { createSocket, type Socket } from "node:dgram";
import { type Address, isIpv6 } from "carillon/uri";
import type { DatagramSocket, Datagrams, Received } from "./datagrams.ts";
import { tellDefect } from "./defect.ts";

export class PlainDatagrams implements Datagrams {
  bind(at: Address, received: Received): Promise<DatagramSocket | undefined> {
    const family = isIpv6(at.host) ? 6 : 4;
    const socket = createSocket({
      type: family === 6 ? "udp6" : "udp4",
      ipv6Only: family === 6,
      // Addresses are numbers already: looking them up would put off each packet to a later turn.
      lookup: (name, _, found) => found(null, name, family),
    });
    return new Promise((resolve, reject) => {
      socket.once("error", (cause: NodeJS.ErrnoException) => {
        socket.close();
        if (cause.code === "EADDRINUSE") resolve(undefined);
        else reject(cause);
      });
      socket.bind({ address: at.host, port: at.port, exclusive: true }, () => {
        socket.removeAllListeners("error");
        // What could not be sent is lost, as packets are.
        socket.on("error", () => {});
        resolve(joined(socket, received));
      });
    });
  }
}

function joined(socket: Socket, received: Received): DatagramSocket {
  let from: Address = { host: "", port: 0 };
  let isClosed = false;
  socket.on("message", (octets, { address: host, port }) => {
    if (isClosed) return;
    if (from.port !== port || from.host !== host) from = { host, port };
    try {
      received(octets, from, performance.now());
    } catch (cause) {
      tellDefect(cause);
    }
  });
  const { port } = socket.address();
  return {
    port,
    send(octets, to) {
      if (isClosed) return false;
      // A packet that is read from a shared place is sent before `send` returns, or is copied.
      socket.send(octets.slice(), to.port, to.host);
      return true;
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      // After what was just sent is out.
      setImmediate(() => socket.close());
    },
  };
}
