/**
 * A side with plain RTP or SDES-SRTP: two sockets for each of its streams, and nothing that has to
 * be found out first. RFC 3550 §11, RFC 4568
 */
import { randomBytes } from "node:crypto";
import { keyOf, ownCrypto } from "carillon/rtp";
import { type CryptoAttribute, crypto, type MediaSection, readAttributes } from "carillon/sdp";
import { isIpv6 } from "carillon/uri";
import type {
  Agreement,
  Instant,
  LocalPart,
  LocalWish,
  Provided,
  StreamPart,
  StreamWish,
  Transport,
  TransportOptions,
  TransportStatistics,
} from "../transport.ts";
import { type Datagrams, datagrams } from "./datagrams.ts";
import { srtpCrypto } from "./native-srtp-crypto.ts";
import { bindPair } from "./port-pair.ts";
import { RtpStream } from "./rtp-stream.ts";

const PLAIN = ["RTP/AVP", "RTP/AVPF"];
const ENCRYPTED = ["RTP/SAVP", "RTP/SAVPF"];

/** A stream and the keys that our descriptions have for it. */
interface Described {
  readonly stream: RtpStream;
  readonly crypto: readonly CryptoAttribute[];
}

/** Made by `openRtpTransport`. */
export class RtpTransport implements Transport {
  readonly kind = "rtp";
  onpacket: ((slot: number, packet: Uint8Array, at: Instant) => void) | undefined;
  oncontrol: ((slot: number, packet: Uint8Array, at: Instant) => void) | undefined;
  onopen: (() => void) | undefined;
  onlost: ((why: string) => void) | undefined;
  readonly #options: TransportOptions;
  readonly #sockets: () => Promise<Datagrams>;
  /** What holds, by section. */
  readonly #agreed = new Map<number, Described>();
  /** What the last description has. */
  #prepared: readonly Described[] = [];
  #isOpen = false;
  #isClosed = false;
  /** Of streams that are gone. */
  #refused = 0;

  constructor(options: TransportOptions, sockets: () => Promise<Datagrams> = datagrams) {
    this.#options = options;
    this.#sockets = sockets;
  }

  get isEncrypted(): boolean {
    const all = [...this.#agreed.values()];
    return all.length > 0 && all.every(({ stream }) => stream.isEncrypted);
  }

  get isOpen(): boolean {
    return this.#isOpen && !this.#isClosed;
  }

  async prepare(wish: LocalWish): Promise<Provided<LocalPart>> {
    this.withdraw();
    const unusable = wish.offer && whyUnusable(wish);
    if (unusable !== undefined) return { ok: false, why: unusable };
    const prepared: Described[] = [];
    for (const each of wish.streams) {
      const kept =
        wish.restart || each.slot === undefined ? undefined : this.#agreed.get(each.slot);
      const described = kept ?? (await this.#open(each));
      if (!described || this.#isClosed) {
        for (const opened of [...prepared, described]) this.#closeUnlessAgreed(opened);
        const { from, to } = this.#options.ports;
        const why = `no port for media is free between ${from} and ${to}`;
        return { ok: false, why, isBusy: true };
      }
      prepared.push(described);
    }
    this.#prepared = prepared;
    const { address } = this.#options;
    return {
      ok: true,
      value: {
        address: { addressType: isIpv6(address) ? "IP6" : "IP4", address },
        streams: prepared.map((each) => this.#partOf(each, wish.offer !== undefined)),
      },
    };
  }

  agree({ slots, local }: Agreement): Provided<void> {
    const now = performance.now();
    const known = [...this.#prepared, ...this.#agreed.values()];
    const active = slots.flatMap((slot) => {
      const port = slot.isActive ? local.media[slot.slot]?.port : undefined;
      const described = known.find(({ stream }) => stream.port === port);
      return described ? [{ slot, described }] : [];
    });
    for (const { slot, described } of active) {
      const agreed = described.stream.agree(slot, now);
      if (!agreed.ok) return agreed;
    }
    const before = [...this.#agreed.values()];
    this.#agreed.clear();
    for (const { slot, described } of active) this.#agreed.set(slot.slot, described);
    // What was prepared and is not used stays: another branch may answer the same offer.
    for (const each of before) if (!this.#prepared.includes(each)) this.#closeUnlessAgreed(each);
    if (!this.#isOpen) {
      this.#isOpen = true;
      queueMicrotask(() => {
        if (!this.#isClosed) this.onopen?.();
      });
    }
    return { ok: true, value: undefined };
  }

  withdraw(): void {
    for (const each of this.#prepared) this.#closeUnlessAgreed(each);
    this.#prepared = [];
  }

  send(slot: number, packet: Uint8Array): boolean {
    return this.#agreed.get(slot)?.stream.send(packet) ?? false;
  }

  sendControl(slot: number, packet: Uint8Array): boolean {
    return this.#agreed.get(slot)?.stream.sendControl(packet) ?? false;
  }

  statistics(): TransportStatistics {
    let packetsRefused = this.#refused;
    for (const { stream } of this.#agreed.values()) packetsRefused += stream.refused;
    return { path: this.#agreed.size > 0 ? "direct" : undefined, packetsRefused };
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const { stream } of [...this.#prepared, ...this.#agreed.values()]) stream.close();
    this.#prepared = [];
    this.#agreed.clear();
  }

  /** Undefined where all ports are taken. */
  async #open({ media }: StreamWish): Promise<Described | undefined> {
    const { address, bound: host = address, ports, isBehindNat, seenAt } = this.#options;
    const likelyHosts = seenAt === undefined ? [] : [seenAt];
    const ciphers = await srtpCrypto();
    const stream = new RtpStream(
      { crypto: ciphers, isBehindNat, likelyHosts, media },
      {
        packet: (octets, at) => this.#hand(stream, octets, at),
        control: (octets, at) => {
          if (stream.slot !== undefined) this.oncontrol?.(stream.slot, octets, at);
        },
      },
    );
    const handlers = { rtp: stream.received, rtcp: stream.receivedControl };
    const pair = await bindPair(await this.#sockets(), { host, ports }, handlers);
    if (!pair) return undefined;
    stream.join(pair);
    return { stream, crypto: ownCrypto(randomBytes) };
  }

  #hand(stream: RtpStream, octets: Uint8Array, at: Instant): void {
    if (stream.slot !== undefined) this.onpacket?.(stream.slot, octets, at);
  }

  #partOf({ stream, crypto: keys }: Described, isAnswer: boolean): StreamPart {
    const isEncrypted = stream.slot === undefined ? this.#options.sdes : stream.isEncrypted;
    const first = isEncrypted ? ENCRYPTED : PLAIN;
    const protos = isAnswer ? [...PLAIN, ...ENCRYPTED] : first;
    return {
      ...{ protos, port: stream.port, rtcpMux: true },
      ...((isAnswer || isEncrypted) && { crypto: keys }),
    };
  }

  #closeUnlessAgreed(described: Described | undefined): void {
    if (!described || [...this.#agreed.values()].includes(described)) return;
    this.#refused += described.stream.refused;
    described.stream.close();
  }
}

/** What their offer lacks, in words, where that is so of each of its streams. */
function whyUnusable({ offer, streams }: LocalWish): string | undefined {
  const sections = streams.flatMap(({ slot }) => offer?.media[slot ?? -1] ?? []);
  const reasons = sections.map(whySectionUnusable);
  return reasons.length > 0 && reasons.every((why) => why !== undefined) ? reasons[0] : undefined;
}

function whySectionUnusable(section: MediaSection): string | undefined {
  const proto = section.proto.toUpperCase();
  if (PLAIN.includes(proto)) return undefined;
  if (!ENCRYPTED.includes(proto)) return `they offer ${section.proto}, and not RTP/AVP or RTP/SAVP`;
  const isUsable = readAttributes(section.lines, crypto).some((each) => keyOf(each) !== undefined);
  return isUsable ? undefined : "they offer no key for SRTP that can be used here";
}

/** A transport for a side with plain RTP or SDES. */
export const openRtpTransport = (options: TransportOptions): Transport => new RtpTransport(options);
