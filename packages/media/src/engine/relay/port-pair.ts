/** Two sockets in a row for one stream: an even port for RTP, and the odd one after it for RTCP. */
import type { DatagramSocket, Datagrams, Received } from "./datagrams.ts";

/** UDP ports, both ends included. */
export interface Ports {
  readonly from: number;
  readonly to: number;
}

export interface PortPair {
  readonly rtp: DatagramSocket;
  readonly rtcp: DatagramSocket;
}

export interface PairHandlers {
  readonly rtp: Received;
  readonly rtcp: Received;
}

/** Where each range goes on: not at a port to which packets of a call before may still come. */
const next = new Map<string, number>();

//= RFC 3550 §11
//# For UDP and similar protocols, RTP SHOULD use an even destination port number and the
//# corresponding RTCP stream SHOULD use the next higher (odd) destination port number.
/** Undefined where all are taken; rejects with what the system says otherwise. */
export async function bindPair(
  datagrams: Datagrams,
  { host, ports }: { readonly host: string; readonly ports: Ports },
  handlers: PairHandlers,
): Promise<PortPair | undefined> {
  const first = ports.from + (ports.from % 2);
  const pairs = Math.floor((ports.to + 1 - first) / 2);
  const key = `${host} ${ports.from} ${ports.to}`;
  for (let tries = 0; tries < pairs; tries++) {
    const nth = next.get(key) ?? 0;
    next.set(key, (nth + 1) % pairs);
    const port = first + 2 * nth;
    const rtp = await datagrams.bind({ host, port }, handlers.rtp);
    if (!rtp) continue;
    const rtcp = await datagrams.bind({ host, port: port + 1 }, handlers.rtcp);
    if (rtcp) return { rtp, rtcp };
    rtp.close();
  }
  return undefined;
}
