/**
 * SRTP and SRTCP: packets encrypted and authenticated, one context a direction. RFC 3711 §3, with
 * AES in counter mode (§4.1.1, RFC 6188) and in GCM (RFC 7714).
 */
import { payloadStart, uint16, uint32, writeUint16, writeUint32 } from "./packet.ts";
import { ReplayWindow } from "./replay-window.ts";
import type { SrtpCrypto } from "./srtp-crypto.ts";
import { type SessionKeys, type SrtpSuite, sessionKeys } from "./srtp-keys.ts";

const RTCP_HEADER_BYTES = 8;
const INDEX_BYTES = 4;
/** Sources under one key that may speak; of more the one goes that was silent for longest. */
const MAX_SOURCES = 16;
/** Those that went: a phone may have another one each time that a call is held. */
const MAX_RETIRED = 1024;
const MAX_RTCP_INDEX = 2 ** 31;
const MAX_ROC = 2 ** 32;

/** The key of one direction. */
export interface SrtpParams {
  /** The ciphers: `nodeSrtpCrypto` on Node. */
  readonly crypto: SrtpCrypto;
  /** Which of them, and how long keys and tags are. */
  readonly suite: SrtpSuite;
  /** Key and salt together, `keyBytes + saltBytes` octets; random, and of this direction alone. */
  readonly master: Uint8Array;
  /** A received packet is written over by what is in it, which saves a copy; false if left out. */
  readonly inPlace?: boolean;
}

/**
 * Encrypts what goes out in one direction. Throws a RangeError on a key of another length than the
 * suite's.
 */
export class SrtpSender {
  readonly #cipher: Cipher;
  readonly #sources = new Map<number, { roc: number; sequence: number }>();
  #rtcpIndex = 0;

  constructor(params: SrtpParams) {
    this.#cipher = new Cipher(params);
  }

  /**
   * The encrypted packet; each source's are to come about in their order, and none twice. Throws a
   * RangeError on what is no RTP, and once the key has been used up. RFC 3711 §3.1
   */
  protect(packet: Uint8Array): Uint8Array {
    const start = payloadStart(packet);
    if (start < 0) throw new RangeError("no RTP packet");
    return this.#cipher.sealRtp(packet, start, this.#rocOf(uint32(packet, 8), uint16(packet, 2)));
  }

  /**
   * The same of a datagram of RTCP, whose index it counts itself: 2^31 of them to a key. Throws as
   * `protect`. RFC 3711 §3.4
   */
  protectRtcp(packet: Uint8Array): Uint8Array {
    if (packet.length < RTCP_HEADER_BYTES) throw new RangeError("no RTCP packet");
    //= RFC 3711 §9.2
    //# previously stored and used keys MUST NOT be used again
    if (this.#rtcpIndex >= MAX_RTCP_INDEX) throw new RangeError("the key has been used up");
    return this.#cipher.sealRtcp(packet, this.#rtcpIndex++);
  }

  //= RFC 3711 §3.3.1
  //# When the session starts, the sender side MUST set the rollover counter, ROC, to zero. Each
  //# time the RTP sequence number, SEQ, wraps modulo 2^16, the sender side MUST increment ROC by
  //# one, modulo 2^32
  /** Who passes on what others send may do so out of order: what is behind keeps its own round. */
  #rocOf(ssrc: number, sequence: number): number {
    const source = this.#sources.get(ssrc) ?? { roc: 0, sequence };
    this.#sources.set(ssrc, source);
    const isBehind = ((sequence - source.sequence) & 0xffff) >= 0x8000;
    if (isBehind) return Math.max(0, sequence > source.sequence ? source.roc - 1 : source.roc);
    if (sequence < source.sequence) source.roc++;
    if (source.roc >= MAX_ROC) throw new RangeError("the key has been used up");
    source.sequence = sequence;
    return source.roc;
  }
}

interface Heard {
  roc: number;
  highest: number;
  readonly window: ReplayWindow;
}

/**
 * What is known of each source under a key. One that went is not heard again: which of its packets
 * came before cannot be told any more.
 */
class Sources<T> {
  /** The one that was heard last is last. */
  readonly #heard = new Map<number, T>();
  readonly #retired = new Set<number>();
  #last: number | undefined;

  /** Undefined for a new one; false for one that may not be heard. */
  of(ssrc: number): T | undefined | false {
    const known = this.#heard.get(ssrc);
    if (known !== undefined) return known;
    return this.#retired.has(ssrc) || this.#retired.size >= MAX_RETIRED ? false : undefined;
  }

  /** Something authentic came of it. */
  keep(ssrc: number, value: T): void {
    if (ssrc === this.#last) return;
    this.#last = ssrc;
    this.#heard.delete(ssrc);
    this.#heard.set(ssrc, value);
    const [first] = this.#heard.keys();
    if (this.#heard.size <= MAX_SOURCES || first === undefined) return;
    this.#heard.delete(first);
    this.#retired.add(first);
  }
}

/**
 * Decrypts what comes in one direction. Whatever is not authentic, or came before, is undefined,
 * and changes nothing. Throws as SrtpSender.
 */
export class SrtpReceiver {
  readonly #cipher: Cipher;
  readonly #sources = new Sources<Heard>();
  readonly #rtcpWindows = new Sources<ReplayWindow>();

  constructor(params: SrtpParams) {
    this.#cipher = new Cipher(params);
  }

  /**
   * The RTP packet, decrypted; undefined, too, for what is too short, and of a source that has gone
   * since sixteen others were heard after it. RFC 3711 §3.3
   */
  unprotect(packet: Uint8Array): Uint8Array | undefined {
    const start = payloadStart(packet);
    if (start < 0 || packet.length < start + this.#cipher.suite.tagBytes) return undefined;
    const [ssrc, sequence] = [uint32(packet, 8), uint16(packet, 2)];
    const known = this.#sources.of(ssrc);
    if (known === false) return undefined;
    const source = known ?? { roc: 0, highest: sequence, window: new ReplayWindow() };
    const roc = guessedRoc(source, sequence);
    if (roc < 0) return undefined;
    const index = roc * 0x1_0000 + sequence;
    //= RFC 3711 §3.3
    //# If the packet is judged to be replayed, then the packet MUST be discarded
    if (source.window.isReplay(index)) return undefined;
    //= RFC 3711 §3.3
    //# If the result is "AUTHENTICATION FAILURE" (see Section 4.2), the packet MUST be discarded
    //# from further processing
    const opened = this.#cipher.openRtp(packet, start, roc);
    if (!opened) return undefined;
    this.#sources.keep(ssrc, source);
    source.window.add(index);
    if (roc > source.roc || (roc === source.roc && sequence > source.highest)) {
      source.roc = roc;
      source.highest = sequence;
    }
    return opened;
  }

  /** The datagram of RTCP, decrypted. One that is only authenticated is not taken. RFC 3711 §3.4 */
  unprotectRtcp(packet: Uint8Array): Uint8Array | undefined {
    const { suite } = this.#cipher;
    if (packet.length < RTCP_HEADER_BYTES + INDEX_BYTES + suite.rtcpTagBytes) return undefined;
    const at = packet.length - INDEX_BYTES - (suite.isAead ? 0 : suite.rtcpTagBytes);
    const word = uint32(packet, at);
    const index = word & 0x7fff_ffff;
    const ssrc = uint32(packet, 4);
    const known = this.#rtcpWindows.of(ssrc);
    if (known === false) return undefined;
    const window = known ?? new ReplayWindow();
    // Not encrypted: that was not agreed on, and somebody could have taken it away.
    if (word >>> 31 === 0 || window.isReplay(index)) return undefined;
    const opened = this.#cipher.openRtcp(packet, at, word);
    if (!opened) return undefined;
    window.add(index);
    this.#rtcpWindows.keep(ssrc, window);
    return opened;
  }
}

//= RFC 3711 §3.3.1
//# the receiver MUST use v to conditionally update its s_l and ROC variables as follows.
/** Which round a number is of, by what came last; -1: before the first. */
function guessedRoc({ roc, highest }: Heard, sequence: number): number {
  if (highest < 0x8000) return sequence - highest > 0x8000 ? roc - 1 : roc;
  return highest - 0x8000 > sequence ? roc + 1 : roc;
}

class Cipher {
  readonly suite: SrtpSuite;
  readonly #crypto: SrtpCrypto;
  readonly #rtp: SessionKeys;
  readonly #rtcp: SessionKeys;
  readonly #word = new Uint8Array(4);
  readonly #inPlace: boolean;

  constructor({ crypto, suite, master, inPlace = false }: SrtpParams) {
    this.suite = suite;
    this.#inPlace = inPlace;
    this.#crypto = crypto;
    this.#rtp = sessionKeys(crypto, suite, master, "rtp");
    this.#rtcp = sessionKeys(crypto, suite, master, "rtcp");
  }

  #counter(iv: Uint8Array, bytes: Uint8Array, to: Uint8Array): void {
    const { cipher } = this.#rtp;
    if (this.#crypto.aesCtrTo) this.#crypto.aesCtrTo(cipher, iv, bytes, to);
    else to.set(this.#crypto.aesCtr(cipher, iv, bytes));
  }

  sealRtp(packet: Uint8Array, start: number, roc: number): Uint8Array {
    const [head, body] = [packet.subarray(0, start), packet.subarray(start)];
    const { isAead, tagBytes } = this.suite;
    if (isAead) {
      const iv = gcmIv(this.#rtp.salt, uint32(packet, 8), roc, uint16(packet, 2));
      return joined(head, this.#crypto.aesGcmSeal(this.#rtp.cipher, iv, head, body));
    }
    const iv = counterIv(this.#rtp.salt, uint32(packet, 8), roc, uint16(packet, 2));
    const out = new Uint8Array(packet.length + tagBytes);
    out.set(head);
    this.#counter(iv, body, out.subarray(start, packet.length));
    out.set(this.#tag(out.subarray(0, packet.length), roc).subarray(0, tagBytes), packet.length);
    return out;
  }

  openRtp(packet: Uint8Array, start: number, roc: number): Uint8Array | undefined {
    const head = packet.subarray(0, start);
    const { isAead, tagBytes } = this.suite;
    const [ssrc, sequence] = [uint32(packet, 8), uint16(packet, 2)];
    if (isAead) {
      const iv = gcmIv(this.#rtp.salt, ssrc, roc, sequence);
      const body = this.#crypto.aesGcmOpen(this.#rtp.cipher, iv, head, packet.subarray(start));
      return body && joined(head, body);
    }
    const end = packet.length - tagBytes;
    if (!isSame(this.#tag(packet.subarray(0, end), roc), packet.subarray(end))) return undefined;
    const iv = counterIv(this.#rtp.salt, ssrc, roc, sequence);
    const out = this.#inPlace ? packet.subarray(0, end) : packet.slice(0, end);
    this.#counter(iv, packet.subarray(start, end), out.subarray(start));
    return out;
  }

  //= RFC 3711 §3.4
  //# The SRTCP index MUST be set to zero before the first SRTCP packet is sent, and MUST be
  //# incremented by one, modulo 2^31, after each SRTCP packet is sent.
  sealRtcp(packet: Uint8Array, index: number): Uint8Array {
    const head = packet.subarray(0, RTCP_HEADER_BYTES);
    const body = packet.subarray(RTCP_HEADER_BYTES);
    const word = new Uint8Array(INDEX_BYTES);
    writeUint32(word, 0, (0x8000_0000 | index) >>> 0);
    const ssrc = uint32(packet, 4);
    if (this.suite.isAead) {
      const iv = gcmIv(this.#rtcp.salt, ssrc, index >>> 16, index & 0xffff);
      const sealed = this.#crypto.aesGcmSeal(this.#rtcp.cipher, iv, joined(head, word), body);
      return joined(head, sealed, word);
    }
    const iv = counterIv(this.#rtcp.salt, ssrc, index >>> 16, index & 0xffff);
    const out = joined(head, this.#crypto.aesCtr(this.#rtcp.cipher, iv, body), word);
    const tag = this.#crypto.hmacSha1(this.#rtcp.auth, out);
    return joined(out, tag.subarray(0, this.suite.rtcpTagBytes));
  }

  openRtcp(packet: Uint8Array, at: number, word: number): Uint8Array | undefined {
    const head = packet.subarray(0, RTCP_HEADER_BYTES);
    const body = packet.subarray(RTCP_HEADER_BYTES, at);
    const [ssrc, index] = [uint32(packet, 4), word & 0x7fff_ffff];
    if (this.suite.isAead) {
      const iv = gcmIv(this.#rtcp.salt, ssrc, index >>> 16, index & 0xffff);
      const aad = joined(head, packet.subarray(at));
      const opened = this.#crypto.aesGcmOpen(this.#rtcp.cipher, iv, aad, body);
      return opened && joined(head, opened);
    }
    const end = at + INDEX_BYTES;
    const tag = this.#crypto.hmacSha1(this.#rtcp.auth, packet.subarray(0, end));
    if (!isSame(tag, packet.subarray(end))) return undefined;
    const iv = counterIv(this.#rtcp.salt, ssrc, index >>> 16, index & 0xffff);
    return joined(head, this.#crypto.aesCtr(this.#rtcp.cipher, iv, body));
  }

  #tag(authenticated: Uint8Array, roc: number): Uint8Array {
    writeUint32(this.#word, 0, roc);
    return this.#crypto.hmacSha1(this.#rtp.auth, authenticated, this.#word);
  }
}

/** `IV = (k_s * 2^16) XOR (SSRC * 2^64) XOR (i * 2^16)`. RFC 3711 §4.1.1 */
function counterIv(salt: Uint8Array, ssrc: number, upper: number, lower: number): Uint8Array {
  const iv = new Uint8Array(16);
  writeUint32(iv, 4, ssrc);
  writeUint32(iv, 8, upper);
  writeUint16(iv, 12, lower);
  return withSalt(iv, salt);
}

/** Two zeros, SSRC, ROC and SEQ, or SSRC and the index of RTCP. RFC 7714 §8.1, §9.1 */
function gcmIv(salt: Uint8Array, ssrc: number, upper: number, lower: number): Uint8Array {
  const iv = new Uint8Array(12);
  writeUint32(iv, 2, ssrc);
  writeUint32(iv, 6, upper);
  writeUint16(iv, 10, lower);
  return withSalt(iv, salt);
}

function withSalt(iv: Uint8Array, salt: Uint8Array): Uint8Array {
  for (let i = 0; i < salt.length; i++) iv[i]! ^= salt[i]!;
  return iv;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** The first octets of a tag, in a time that does not depend on them. */
function isSame(tag: Uint8Array, shown: Uint8Array): boolean {
  let difference = 0;
  for (let i = 0; i < shown.length; i++) difference |= tag[i]! ^ shown[i]!;
  return difference === 0 && shown.length > 0;
}
