/** Plain RTP and SDES-SRTP over two sockets of their own: one side's, without any hurry. */
import { randomBytes } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { nodeSrtpCrypto } from "carillon/node";
import { isRtcp, keyOf, ownCrypto, SrtpReceiver, SrtpSender } from "carillon/rtp";
import type { AgreedSlot, CryptoAttribute } from "carillon/sdp";
import type {
  Agreement,
  Instant,
  LocalPart,
  LocalWish,
  Provided,
  StreamPart,
  Transport,
  TransportOptions,
  TransportStatistics,
} from "../transport.ts";

const PLAIN = ["RTP/AVP", "RTP/AVPF"];
const ENCRYPTED = ["RTP/SAVP", "RTP/SAVPF"];
const LEARNING_MS = 3000;

interface Address {
  readonly address: string;
  readonly port: number;
}

interface Line {
  readonly media: string;
  readonly rtp: Socket;
  readonly rtcp: Socket;
  readonly port: number;
  readonly crypto: readonly CryptoAttribute[];
  slot: number;
  agreed: AgreedSlot | undefined;
  since: number;
  from: Address | undefined;
  sender: SrtpSender | undefined;
  receiver: SrtpReceiver | undefined;
  keys: string;
}

export class UdpTransport implements Transport {
  readonly kind = "rtp";
  onpacket: ((slot: number, packet: Uint8Array, at: Instant) => void) | undefined;
  oncontrol: ((slot: number, packet: Uint8Array, at: Instant) => void) | undefined;
  onopen: (() => void) | undefined;
  onlost: ((why: string) => void) | undefined;
  readonly #options: TransportOptions;
  #lines: Line[] = [];
  #prepared: Line[] = [];
  #refused = 0;
  #isClosed = false;

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  get isEncrypted(): boolean {
    return this.#lines.some(({ sender }) => sender !== undefined);
  }

  get isOpen(): boolean {
    return !this.#isClosed && this.#lines.some(({ agreed }) => agreed?.remote !== undefined);
  }

  async prepare({ streams, restart }: LocalWish): Promise<Provided<LocalPart>> {
    const { address, sdes } = this.#options;
    this.withdraw();
    const parts: StreamPart[] = [];
    try {
      for (const { slot, media } of streams) {
        const known = restart ? undefined : this.#lines.find((line) => line.slot === slot);
        const line = known ?? (await this.#open(media, slot ?? -1));
        this.#prepared.push(line);
        const protos = sdes ? [...ENCRYPTED, ...PLAIN] : [...PLAIN, ...ENCRYPTED];
        parts.push({ protos, port: line.port, rtcpMux: true, crypto: line.crypto });
      }
    } catch (cause) {
      return { ok: false, why: cause instanceof Error ? cause.message : `${cause}` };
    }
    const addressType = address.includes(":") ? "IP6" : "IP4";
    return { ok: true, value: { address: { addressType, address }, streams: parts } };
  }

  agree({ slots, local }: Agreement): Provided<void> {
    const before = this.#lines;
    this.#lines = [];
    for (const agreed of slots) {
      const port = local.media[agreed.slot]?.port;
      const line = [...this.#prepared, ...before].find((one) => one.port === port);
      if (!line || !agreed.isActive) continue;
      line.slot = agreed.slot;
      const { remote } = agreed;
      const old = line.agreed?.remote;
      if (old?.port !== remote?.port || old?.address !== remote?.address) {
        line.from = undefined;
        line.since = performance.now();
      }
      line.agreed = agreed;
      if (!keysFor(line)) return { ok: false, why: "their key for SRTP cannot be used" };
      this.#lines.push(line);
    }
    this.#prepared = [];
    for (const line of before) if (!this.#lines.includes(line)) closeLine(line);
    this.onopen?.();
    return { ok: true, value: undefined };
  }

  withdraw(): void {
    for (const line of this.#prepared) if (!this.#lines.includes(line)) closeLine(line);
    this.#prepared = [];
  }

  send(slot: number, packet: Uint8Array): boolean {
    const line = this.#lines.find((one) => one.slot === slot);
    const to = line && this.#target(line);
    if (!line || !to || this.#isClosed) return false;
    line.rtp.send(line.sender?.protect(packet) ?? packet, to.port, to.address);
    return true;
  }

  sendControl(slot: number, packet: Uint8Array): boolean {
    const line = this.#lines.find((one) => one.slot === slot);
    if (!line?.agreed || this.#isClosed) return false;
    const bytes = line.sender?.protectRtcp(packet) ?? packet;
    const to = line.agreed.rtcpMux ? this.#target(line) : line.agreed.remoteRtcp;
    if (to) (line.agreed.rtcpMux ? line.rtp : line.rtcp).send(bytes, to.port, to.address);
    return to !== undefined;
  }

  statistics(): TransportStatistics {
    return { path: "direct", packetsRefused: this.#refused };
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const line of new Set([...this.#lines, ...this.#prepared])) closeLine(line);
  }

  #target({ agreed, from }: Line): Address | undefined {
    if (!agreed?.remote) return undefined;
    return this.#options.isBehindNat && from ? from : agreed.remote;
  }

  async #open(media: string, slot: number): Promise<Line> {
    const { address, ports } = this.#options;
    const { rtp, rtcp, port } = await bindPair(address, ports);
    const line: Line = {
      ...{ media, rtp, rtcp, port, slot, agreed: undefined, from: undefined, keys: "" },
      ...{ sender: undefined, receiver: undefined, since: 0, crypto: ownCrypto(randomBytes) },
    };
    rtp.on("message", (bytes, { address: host, port: at }) => this.#take(line, bytes, host, at));
    rtcp.on("message", (bytes) => this.#control(line, bytes));
    return line;
  }

  #take(line: Line, bytes: Uint8Array, address: string, port: number): void {
    if (!this.#isFrom(line, address, port)) {
      this.#refused++;
      return;
    }
    if (isRtcp(bytes)) return this.#control(line, bytes);
    const opened = line.receiver ? line.receiver.unprotect(bytes) : bytes;
    if (!opened) {
      this.#refused++;
      return;
    }
    line.from ??= { address, port };
    this.onpacket?.(line.slot, opened, performance.now());
  }

  #control(line: Line, bytes: Uint8Array): void {
    const opened = line.receiver ? line.receiver.unprotectRtcp(bytes) : bytes;
    if (opened) this.oncontrol?.(line.slot, opened, performance.now());
  }

  #isFrom({ agreed, from, since }: Line, address: string, port: number): boolean {
    const remote = agreed?.remote;
    if (!remote) return false;
    if (from) return from.address === address && from.port === port;
    if (remote.address === address) return true;
    return this.#options.isBehindNat && performance.now() - since < LEARNING_MS;
  }
}

function keysFor(line: Line): boolean {
  const crypto = line.agreed?.crypto;
  if (!crypto) return true;
  const keys = JSON.stringify([crypto.own, crypto.peer]);
  if (keys === line.keys) return true;
  const [own, peer] = [keyOf(crypto.own), keyOf(crypto.peer)];
  if (!own || !peer) return false;
  line.keys = keys;
  line.sender = new SrtpSender({ crypto: nodeSrtpCrypto, ...own });
  line.receiver = new SrtpReceiver({ crypto: nodeSrtpCrypto, ...peer });
  return true;
}

function closeLine({ rtp, rtcp }: Line): void {
  setImmediate(() => {
    rtp.close();
    rtcp.close();
  });
}

let next = 0;

async function bindPair(host: string, { from, to }: TransportOptions["ports"]) {
  const first = from + (from % 2);
  const pairs = Math.floor((to + 1 - first) / 2);
  for (let tries = 0; tries < pairs; tries++) {
    const port = first + 2 * (next++ % pairs);
    const rtp = await bound(host, port);
    const rtcp = rtp && (await bound(host, port + 1));
    if (rtp && rtcp) return { rtp, rtcp, port };
    rtp?.close();
  }
  throw new Error(`all ports for media from ${from} to ${to} are in use`);
}

function bound(address: string, port: number): Promise<Socket | undefined> {
  const isIpv6 = address.includes(":");
  const socket = createSocket({
    type: isIpv6 ? "udp6" : "udp4",
    ipv6Only: isIpv6,
    lookup: (name, _, found) => found(null, name, isIpv6 ? 6 : 4),
  });
  return new Promise((resolve, reject) => {
    socket.once("error", (cause: NodeJS.ErrnoException) => {
      socket.close();
      if (cause.code === "EADDRINUSE") resolve(undefined);
      else reject(cause);
    });
    socket.bind({ address, port, exclusive: true }, () => {
      socket.removeAllListeners("error");
      socket.on("error", () => {});
      resolve(socket);
    });
  });
}
