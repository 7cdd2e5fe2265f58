/**
 * One stream of a side over two sockets of ours: RTP and RTCP, in the clear or with keys from the
 * description, from whoever the lock lets through. RFC 3550 §11, RFC 3711, RFC 4568, RFC 5761
 */
import {
  type Arrival,
  isRtcp,
  parseRtcp,
  payloadStart,
  SourceLock,
  type SrtpCrypto,
  type SrtpPair,
  srtpPair,
} from "carillon/rtp";
import type { AgreedSlot } from "carillon/sdp";
import { type Address, sameHost } from "carillon/uri";
import type { Instant, Provided } from "../transport.ts";
import type { DatagramSocket } from "./datagrams.ts";
import { uint16, uint32 } from "./octets.ts";

export interface RtpStreamOptions {
  /** What encrypts. */
  readonly crypto: SrtpCrypto;
  readonly isBehindNat: boolean;
  /** Where that side may well be, beside the address in its description. */
  readonly likelyHosts: readonly string[];
  /** As in `m=`. */
  readonly media: "audio" | "video";
}

/** What comes, decrypted and from that side. */
export interface RtpStreamUser {
  packet(octets: Uint8Array, at: Instant): void;
  control(octets: Uint8Array, at: Instant): void;
}

/** Packets that came before the answer that says from whom they may: a second. */
const MAX_EARLY = 50;
/** Of one person's pictures: the picture, and what is sent anew (RFC 4588). */
const VIDEO_SOURCES = 3;

interface Early {
  readonly octets: Uint8Array;
  readonly from: Address;
  readonly at: Instant;
}

export class RtpStream {
  /** Its section, once that is settled. */
  slot: number | undefined;
  /** Datagrams that were not that side's. */
  refused = 0;
  readonly media: RtpStreamOptions["media"];
  readonly #options: RtpStreamOptions;
  readonly #user: RtpStreamUser;
  readonly #lock = new SourceLock();
  #sockets: { readonly rtp: DatagramSocket; readonly rtcp: DatagramSocket } | undefined;
  #agreed: AgreedSlot | undefined;
  #keys: SrtpPair | undefined;
  /** Those of before, where it goes on in the clear: they may come back. */
  #keysBefore: SrtpPair | undefined;
  #early: Early[] = [];
  /** Where RTCP comes from behind a NAT, where it has a port of its own. */
  #controlFrom: Address | undefined;
  /** Used again for each packet. */
  readonly #arrival: { -readonly [Key in keyof Arrival]: Arrival[Key] } = {
    ...{ from: { host: "", port: 0 }, ssrc: 0, sequence: 0, isAuthentic: false },
  };

  constructor(options: RtpStreamOptions, user: RtpStreamUser) {
    this.#options = options;
    this.#user = user;
    this.media = options.media;
  }

  /** Its sockets, whose handlers are `received` and `receivedControl`. Once. */
  join(sockets: { readonly rtp: DatagramSocket; readonly rtcp: DatagramSocket }): void {
    this.#sockets = sockets;
  }

  /** Of RTP; RTCP has the one after it. */
  get port(): number {
    return this.#sockets?.rtp.port ?? 0;
  }

  get isEncrypted(): boolean {
    return this.#keys !== undefined;
  }

  /** As `Transport.agree`. */
  agree(agreed: AgreedSlot, now: Instant): Provided<void> {
    const params = { crypto: this.#options.crypto, inPlace: true };
    const keys = agreed.crypto && srtpPair(agreed.crypto, this.#keysBefore, params);
    if (agreed.crypto && !keys) return { ok: false, why: "their key for SRTP cannot be used" };
    this.#keys = keys;
    this.#keysBefore = keys ?? this.#keysBefore;
    this.#agreed = agreed;
    this.slot = agreed.slot;
    const { isBehindNat, likelyHosts, media } = this.#options;
    const { remote } = agreed;
    this.#lock.expect(
      {
        remote: remote && { host: remote.address, port: remote.port },
        ...{ isBehindNat, likelyHosts, sources: media === "video" ? VIDEO_SOURCES : 1 },
      },
      now,
    );
    this.#controlFrom = undefined;
    for (const { octets, from, at } of this.#early.splice(0)) this.#take(octets, from, at);
    return { ok: true, value: undefined };
  }

  send(packet: Uint8Array): boolean {
    const to = this.#lock.target;
    if (!to || !this.#sockets) return false;
    return this.#sockets.rtp.send(this.#keys?.sender.protect(packet) ?? packet, to);
  }

  sendControl(packet: Uint8Array): boolean {
    const to = this.#controlTarget();
    if (!to || !this.#sockets || packet.length < 8) return false;
    const { rtp, rtcp } = this.#sockets;
    const socket = this.#agreed?.rtcpMux ? rtp : rtcp;
    return socket.send(this.#keys?.sender.protectRtcp(packet) ?? packet, to);
  }

  close(): void {
    this.#sockets?.rtp.close();
    this.#sockets?.rtcp.close();
    this.#sockets = undefined;
    this.#early = [];
  }

  readonly received = (octets: Uint8Array, from: Address, at: Instant): void => {
    if (this.#agreed) return this.#take(octets, from, at);
    //= RFC 3264 §5.1
    //# Once the offerer has sent the offer, it MUST be prepared to receive media for any recvonly
    //# streams described by that offer.
    // Sound may be quicker than the answer. Whose it is, and its keys, are known then.
    if (this.#early.length >= MAX_EARLY) this.#early.shift();
    this.#early.push({ octets: octets.slice(), from: { ...from }, at });
  };

  readonly receivedControl = (octets: Uint8Array, from: Address, at: Instant): void => {
    if (this.#agreed?.rtcpMux !== false || !this.#mayControl(from)) {
      this.refused++;
    } else if (this.#control(octets, at) && this.#options.isBehindNat) {
      this.#controlFrom ??= { ...from };
    }
  };

  #take(octets: Uint8Array, from: Address, at: Instant): void {
    if (!this.#lock.isPossible(from, at)) this.refused++;
    else if (isRtcp(octets)) this.#takeControl(octets, from, at);
    else this.#takePacket(octets, from, at);
  }

  #takePacket(octets: Uint8Array, from: Address, at: Instant): void {
    // Only what is authentic says where the other side is, and only that goes on.
    const opened = this.#keys ? this.#keys.receiver.unprotect(octets) : octets;
    if (!opened || payloadStart(opened) < 0) {
      this.refused++;
      return;
    }
    const arrival = this.#arrival;
    arrival.from = from;
    arrival.ssrc = uint32(opened, 8);
    arrival.sequence = uint16(opened, 2);
    arrival.isAuthentic = this.#keys !== undefined;
    if (this.#lock.take(arrival, at)) this.#user.packet(opened, at);
    else this.refused++;
  }

  #takeControl(octets: Uint8Array, from: Address, at: Instant): void {
    const isSettled = this.#lock.locked !== undefined || isAt(this.#agreed?.remote, from);
    if (!this.#agreed?.rtcpMux || !isSettled || !this.#control(octets, at)) this.refused++;
  }

  #control(octets: Uint8Array, at: Instant): boolean {
    const opened = this.#keys ? this.#keys.receiver.unprotectRtcp(octets) : octets;
    // What is none teaches nothing.
    if (!opened || !parseRtcp(opened, { isReducedSize: true }).ok) return false;
    this.#user.control(opened, at);
    return true;
  }

  #mayControl(from: Address): boolean {
    const known = this.#controlFrom;
    if (known) return known.port === from.port && sameHost(known.host, from.host);
    const host = this.#lock.locked?.host ?? this.#agreed?.remoteRtcp?.address;
    return host !== undefined && sameHost(host, from.host);
  }

  #controlTarget(): Address | undefined {
    if (this.#agreed?.rtcpMux) return this.#lock.target;
    const told = this.#agreed?.remoteRtcp;
    return this.#controlFrom ?? (told && { host: told.address, port: told.port });
  }
}

const isAt = (told: AgreedSlot["remote"], from: Address): boolean =>
  told !== undefined && told.port === from.port && sameHost(told.address, from.host);
