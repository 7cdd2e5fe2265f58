/** Sends what the endpoint hears and says to a collector, as HEP over UDP; nobody waits for it. */
import { createSocket, type Socket } from "node:dgram";
import { lookup } from "node:dns/promises";
import type { TraceEntry } from "carillon/endpoint";
import type { Clock } from "../clock.ts";
import type { Log } from "../http/log.ts";
import { hepPacket } from "./hep.ts";
import { toldMessage } from "./told-message.ts";

export interface HepConfig {
  /** `192.0.2.1:9060`, `[2001:db8::1]:9060`, `homer.example:9060`. */
  readonly to: string;
  readonly id?: number | undefined;
  readonly password?: string | undefined;
  /** Bodies and keys of media go along. */
  readonly bodies?: boolean | undefined;
}

/** A name may lead elsewhere by then. */
const LOOK_UP_MS = 60_000;

export interface HepSender {
  readonly see: (entry: TraceEntry) => void;
  /** Packets sent, and those for which the collector was not to be found, or that were refused. */
  census(): { readonly sent: number; readonly lost: number };
  close(): void;
}

export function hepSender(config: HepConfig, clock: Clock, log: Log): HepSender {
  const { host, port } = addressIn(config.to);
  const count = { sent: 0, lost: 0 };
  let to: { readonly socket: Socket; readonly address: string } | undefined;
  let isClosed = false;
  const find = async (): Promise<void> => {
    const { address, family } = await lookup(host);
    if (isClosed || to?.address === address) return;
    const socket = createSocket(family === 6 ? "udp6" : "udp4");
    // A collector that is not there costs its own packets.
    socket.on("error", () => count.lost++).unref();
    to?.socket.close();
    to = { socket, address };
  };
  const look = (): void =>
    void find().catch((error) =>
      log.warn({ to: config.to, why: String(error) }, "no HEP collector"),
    );
  look();
  const timer = setInterval(look, LOOK_UP_MS).unref();
  return {
    see: (entry) => {
      if (!to) return void count.lost++;
      const text = config.bodies === true ? entry.octets : toldMessage(entry.octets);
      const { id = 1, password } = config;
      const aheadMs = clock.wall() - clock.steady();
      const packet = hepPacket(entry, text, { id, password, aheadMs });
      count.sent++;
      to.socket.send(packet, port, to.address, (error) => (error ? count.lost++ : undefined));
    },
    census: () => ({ ...count }),
    close: () => {
      isClosed = true;
      clearInterval(timer);
      to?.socket.close();
    },
  };
}

export function addressIn(text: string): { readonly host: string; readonly port: number } {
  const [, v6, name = "", port = ""] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  return { host: v6 ?? name, port: Number(port) };
}
