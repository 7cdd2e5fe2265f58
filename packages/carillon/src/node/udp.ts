/** SIP over UDP with `node:dgram`: one socket for one local address. RFC 3261 §18. */
import { createSocket } from "node:dgram";
import { type Address, isIpv6 } from "../uri/host.ts";
import type { Runner } from "./runner.ts";

export interface UdpSocket {
  readonly address: Address;
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
    socket.once("error", reject);
    socket.bind({ address: host, port, exclusive: true }, () => {
      socket.off("error", reject);
      // A send that failed is reported for its datagram; the socket itself goes on.
      socket.on("error", () => {});
      growBuffer();
      const address: Address = { host, port: socket.address().port };
      socket.on("message", (bytes, from) => {
        const remote: Address = { host: from.address, port: from.port };
        runner.input({
          kind: "Datagram",
          local: address,
          remote,
          octets: bytes.toString("latin1"),
        });
      });
      runner.listening(address, (remote, octets) => {
        socket.send(Buffer.from(octets, "latin1"), remote.port, remote.host, (cause) => {
          if (cause) runner.input({ kind: "Unreachable", remote, cause });
        });
      });
      resolve({ address, close: () => new Promise((closed) => socket.close(() => closed())) });
    });
  });

  function growBuffer(): void {
    try {
      socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
    } catch {
      // The system's own size has to do.
    }
  }
}
