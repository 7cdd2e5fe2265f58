/**
 * The way of one voice through the network: two sockets, SRTP where it was agreed on, and who is
 * listened to. Sound goes to where the description says and nowhere else; only behind a NAT, and
 * where that was asked for, to where the first packets come from.
 */
import { isRtcp, uint32 } from "../rtp/packet.ts";
import { type SrtpPair, srtpPair } from "../rtp/srtp-pair.ts";
import type { AgreedCrypto, AgreedSlot } from "../sdp/agreed-media.ts";
import type { Millis } from "../transaction/timers.ts";
import { type Address, sameHost } from "../uri/host.ts";
import { nodeSrtpCrypto } from "./srtp-crypto.ts";
import { bindPair, type PortPair, type PortRange } from "./voice-ports.ts";

export interface VoiceLineOptions {
  readonly host: string;
  readonly ports: PortRange;
  /** The other side may be behind a NAT, and its description be of no use. */
  readonly behindNat: boolean;
  readonly now: () => Millis;
}

export interface VoiceLineUser {
  /** False: it is nothing of this call. `at` is when it came, where that is a while ago. */
  packet(bytes: Uint8Array, at?: Millis): boolean;
  control(bytes: Uint8Array): void;
}

/** Within which a NAT's address may be learnt. */
const LEARNING_MS = 3000;
/** Packets that came before the answer that says from whom they may: a second. */
const MAX_EARLY = 50;

interface Early {
  readonly bytes: Uint8Array;
  readonly from: Address;
  readonly at: Millis;
}

export class VoiceLine {
  #pair: PortPair;
  /** At another address, from the next description on. */
  #next: PortPair | undefined;
  readonly #options: VoiceLineOptions;
  readonly #user: VoiceLineUser;
  #host: string;
  #slot: AgreedSlot | undefined;
  #keys: SrtpPair | undefined;
  /** Those of before, where it goes on in the clear: they may come back. */
  #keysBefore: SrtpPair | undefined;
  /** Whose packets are taken, once some came. */
  #from: Address | undefined;
  #since = 0;
  readonly #early: Early[] = [];
  #isClosed = false;

  private constructor(pair: PortPair, user: VoiceLineUser, options: VoiceLineOptions) {
    this.#pair = pair;
    this.#user = user;
    this.#options = options;
    this.#host = options.host;
    this.#hear(pair);
  }

  static async open(options: VoiceLineOptions, user: VoiceLineUser): Promise<VoiceLine> {
    const pair = await bindPair(options.host, options.ports);
    return new VoiceLine(pair, user, options);
  }

  /** Where the next description leads: of RTP; RTCP has the port after it. */
  get port(): number {
    return (this.#next ?? this.#pair).port;
  }

  get host(): string {
    return this.#host;
  }

  /** To another address of this machine. Sound goes the old way until the next agreement. */
  async move(host: string): Promise<void> {
    const next = await bindPair(host, this.#options.ports);
    if (this.#next) closeBoth(this.#next);
    this.#next = next;
    this.#host = host;
    if (this.#isClosed) closeBoth(next);
    else this.#hear(next);
  }

  get isEncrypted(): boolean {
    return this.#keys !== undefined;
  }

  /** What was agreed on. Throws where a key cannot be used. */
  connect(slot: AgreedSlot): void {
    this.#keys = slot.crypto && this.#keysFor(slot.crypto);
    this.#keysBefore = this.#keys ?? this.#keysBefore;
    const before = this.#slot?.remote;
    this.#slot = slot;
    if (this.#next) {
      closeBoth(this.#pair);
      this.#pair = this.#next;
      this.#next = undefined;
    }
    const { remote } = slot;
    if (remote && before?.port === remote.port && before.address === remote.address) return;
    this.#from = undefined;
    this.#since = this.#options.now();
    for (const { bytes, from, at } of this.#early.splice(0)) {
      this.#take(bytes, from.host, from.port, at);
    }
  }

  send(packet: Uint8Array): void {
    const to = this.#target();
    if (!to || this.#isClosed) return;
    this.#pair.rtp.send(this.#keys?.sender.protect(packet) ?? packet, to.port, to.host);
  }

  sendControl(packet: Uint8Array): void {
    const bytes = this.#keys?.sender.protectRtcp(packet) ?? packet;
    if (this.#isClosed || !this.#slot) return;
    if (this.#slot.rtcpMux) {
      const to = this.#target();
      if (to) this.#pair.rtp.send(bytes, to.port, to.host);
      return;
    }
    const { remoteRtcp } = this.#slot;
    if (remoteRtcp) this.#pair.rtcp.send(bytes, remoteRtcp.port, remoteRtcp.address);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    closeBoth(this.#pair);
    if (this.#next) closeBoth(this.#next);
  }

  #keysFor(agreed: AgreedCrypto): SrtpPair {
    const keys = srtpPair(agreed, this.#keysBefore, { crypto: nodeSrtpCrypto });
    if (!keys) throw new Error("The other side offers a key for SRTP that cannot be used.");
    return keys;
  }

  #hear({ rtp, rtcp }: PortPair): void {
    rtp.on("message", (bytes, from) => this.#received(bytes, from.address, from.port));
    rtcp.on("message", (bytes, from) => this.#receivedControl(bytes, from.address));
  }

  #target(): Address | undefined {
    const remote = this.#slot?.remote;
    if (!remote) return undefined;
    return this.#options.behindNat && this.#from
      ? this.#from
      : { host: remote.address, port: remote.port };
  }

  #received(bytes: Uint8Array, host: string, port: number): void {
    if (this.#slot) return this.#take(bytes, host, port);
    //= RFC 3264 §5.1
    //# Once the offerer has sent the offer, it MUST be prepared to receive media for any recvonly
    //# streams described by that offer.
    // Sound may be quicker than the answer. Whose it is, and its keys, are known then.
    this.#early.push({ bytes, from: { host, port }, at: this.#options.now() });
    if (this.#early.length > MAX_EARLY) this.#early.shift();
  }

  #take(bytes: Uint8Array, host: string, port: number, at?: Millis): void {
    if (this.#isClosed || !this.#isFrom(host, port)) return;
    if (isRtcp(bytes)) {
      if (this.#slot?.rtcpMux) this.#control(bytes);
      return;
    }
    const opened = this.#keys ? this.#keys.receiver.unprotect(bytes) : bytes;
    // Only what is genuine says where the other side is.
    if (opened && this.#user.packet(opened, at)) this.#learn(host, port);
  }

  #receivedControl(bytes: Uint8Array, host: string): void {
    const expected = this.#from?.host ?? this.#slot?.remoteRtcp?.address;
    if (this.#isClosed || expected === undefined || !sameHost(host, expected)) return;
    this.#control(bytes);
  }

  #control(bytes: Uint8Array): void {
    const opened = this.#keys ? this.#keys.receiver.unprotectRtcp(bytes) : bytes;
    if (opened && opened.length >= 8 && uint32(opened, 4) !== 0) this.#user.control(opened);
  }

  /** Whether somebody may be listened to: who was described, or who came first in his place. */
  #isFrom(host: string, port: number): boolean {
    const remote = this.#slot?.remote;
    if (!remote) return false;
    if (port === remote.port && host === remote.address) return true;
    if (this.#from) return port === this.#from.port && host === this.#from.host;
    if (sameHost(host, remote.address)) return true;
    const { behindNat, now } = this.#options;
    return behindNat && now() - this.#since < LEARNING_MS;
  }

  /** The described address is always right; another one is the first that was genuine. */
  #learn(host: string, port: number): void {
    if (this.#from?.port === port && this.#from.host === host) return;
    this.#from = { host, port };
  }
}

/** After what was just sent is out. */
function closeBoth({ rtp, rtcp }: PortPair): void {
  setImmediate(() => {
    rtp.close();
    rtcp.close();
  });
}
