/** Two sockets in a row for one voice: an even port for RTP, and the odd one after it for RTCP. */
import { createSocket, type Socket } from "node:dgram";
import { isIpv6 } from "../uri/host.ts";

/** UDP ports, both ends included. */
export interface PortRange {
  /** The first: even, or the one after it is taken. */
  readonly from: number;
  /** The last. */
  readonly to: number;
}

/** Where sound comes to if nobody says otherwise: 30000 to 39999, for 5000 calls. */
export const USUAL_PORTS: PortRange = { from: 30_000, to: 39_999 };

export interface PortPair {
  readonly rtp: Socket;
  readonly rtcp: Socket;
  readonly port: number;
}

/** Where each range goes on: not at a port to which packets of a call before may still come. */
const next = new Map<string, number>();

//= RFC 3550 §11
//# For UDP and similar protocols, RTP SHOULD use an even destination port number and the
//# corresponding RTCP stream SHOULD use the next higher (odd) destination port number.
/** Rejects in words when all ports are taken, and with what the system says otherwise. */
export async function bindPair(host: string, range: PortRange): Promise<PortPair> {
  const first = range.from + (range.from % 2);
  const pairs = Math.floor((range.to + 1 - first) / 2);
  const key = `${host} ${range.from} ${range.to}`;
  for (let tries = 0; tries < pairs; tries++) {
    const nth = next.get(key) ?? 0;
    next.set(key, (nth + 1) % pairs);
    const pair = await tryPair(host, first + 2 * nth);
    if (pair) return pair;
  }
  throw new Error(`All ports for sound from ${range.from} to ${range.to} are in use.`);
}

async function tryPair(host: string, port: number): Promise<PortPair | undefined> {
  const rtp = await bound(host, port);
  if (!rtp) return undefined;
  const rtcp = await bound(host, port + 1);
  if (rtcp) return { rtp, rtcp, port };
  rtp.close();
  return undefined;
}

/** Undefined: somebody else has the port. */
function bound(host: string, port: number): Promise<Socket | undefined> {
  const family = isIpv6(host) ? 6 : 4;
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
    socket.bind({ address: host, port, exclusive: true }, () => {
      socket.removeAllListeners("error");
      // What could not be sent is lost, as packets are.
      socket.on("error", () => {});
      resolve(socket);
    });
  });
}
