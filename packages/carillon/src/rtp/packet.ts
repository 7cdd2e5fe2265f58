/** RTP packets. RFC 3550 §5.1. */
import { bad, ok, type Result } from "../grammar/result.ts";

/** What a packet says. RFC 3550 §5.1 */
export interface RtpPacket {
  /** Of audio: the first packet after silence. RFC 3551 §4.1 */
  readonly marker: boolean;
  /** 7 bits; which codec it is, descriptions say. */
  readonly payloadType: number;
  /** 16 bits. */
  readonly sequence: number;
  /** 32 bits, in units of the codec's clock. */
  readonly timestamp: number;
  /** 32 bits: who sends. */
  readonly ssrc: number;
  /** Who is mixed into it; 15 at most. */
  readonly csrcs?: readonly number[];
  /** Left out where the header has none. */
  readonly extension?: HeaderExtension;
  /** Without padding. */
  readonly payload: Uint8Array;
}

/** The header extension as it is; `readExtensionElements` reads what is in it. RFC 3550 §5.3.1 */
export interface HeaderExtension {
  /** 16 bits that the profile defines: 0xBEDE where RFC 8285 is used. */
  readonly profile: number;
  /** A multiple of four octets. */
  readonly data: Uint8Array;
}

const VERSION = 2;
const FIXED_BYTES = 12;
const SOURCE = "RFC 3550 §5.1";
const NO_PAYLOAD = "the header or its padding is longer than the packet";

/**
 * Reads a packet. Its payload and extension are views of `bytes`. Errors: `bad-rtp`.
 * RFC 3550 §5.1
 */
export function parseRtp(bytes: Uint8Array): Result<RtpPacket> {
  if (bytes.length < FIXED_BYTES) return bad("bad-rtp", "less than a header", bytes.length, SOURCE);
  const [first, second] = [bytes[0]!, bytes[1]!];
  if (first >> 6 !== VERSION) return bad("bad-rtp", "not version 2", 0, SOURCE);
  const csrcCount = first & 0x0f;
  const hasExtension = (first & 0x10) !== 0;
  const at = FIXED_BYTES + 4 * csrcCount;
  //= RFC 3550 §5.1
  //# If the extension bit is set, the fixed header MUST be followed by exactly one header
  //# extension, with a format defined in Section 5.3.1.
  if (bytes.length < at + (hasExtension ? 4 : 0)) return bad("bad-rtp", NO_PAYLOAD, at, SOURCE);
  const start = hasExtension ? at + 4 + 4 * uint16(bytes, at + 2) : at;
  const end = endOfPayload(bytes);
  if (start > end) return bad("bad-rtp", NO_PAYLOAD, Math.min(start, bytes.length), SOURCE);
  return ok({
    marker: second >= 0x80,
    payloadType: second & 0x7f,
    sequence: uint16(bytes, 2),
    timestamp: uint32(bytes, 4),
    ssrc: uint32(bytes, 8),
    ...(csrcCount > 0 && { csrcs: csrcsOf(bytes, csrcCount) }),
    ...(hasExtension && {
      extension: { profile: uint16(bytes, at), data: bytes.subarray(at + 4, start) },
    }),
    payload: bytes.subarray(start, end),
  });
}

/** Where the payload starts: after the header, its sources and its extension. -1: nowhere. */
export function payloadStart(bytes: Uint8Array): number {
  if (bytes.length < FIXED_BYTES || bytes[0]! >> 6 !== VERSION) return -1;
  const at = FIXED_BYTES + 4 * (bytes[0]! & 0x0f);
  if ((bytes[0]! & 0x10) === 0) return at <= bytes.length ? at : -1;
  const start = at + 4 <= bytes.length ? at + 4 + 4 * uint16(bytes, at + 2) : Infinity;
  return start <= bytes.length ? start : -1;
}

/** Where its payload ends: before its padding. -1: nowhere. `bytes` is as long as a header. */
export const payloadEnd = (bytes: Uint8Array): number => endOfPayload(bytes);

/** The octets of a packet. Throws a RangeError on more than 15 sources, or half an extension. */
export function formatRtp(packet: RtpPacket): Uint8Array {
  const { csrcs = [], extension, payload } = packet;
  if (csrcs.length > 15) throw new RangeError("a packet names 15 sources at most");
  const extended = extension ? 4 + extension.data.length : 0;
  if (extended % 4 !== 0) throw new RangeError("an extension has whole words");
  const start = FIXED_BYTES + 4 * csrcs.length;
  const bytes = new Uint8Array(start + extended + payload.length);
  bytes[0] = (VERSION << 6) | (extension ? 0x10 : 0) | csrcs.length;
  bytes[1] = (packet.marker ? 0x80 : 0) | packet.payloadType;
  writeUint16(bytes, 2, packet.sequence);
  writeUint32(bytes, 4, packet.timestamp);
  writeUint32(bytes, 8, packet.ssrc);
  for (const [n, csrc] of csrcs.entries()) writeUint32(bytes, FIXED_BYTES + 4 * n, csrc);
  if (extension) {
    writeUint16(bytes, start, extension.profile);
    writeUint16(bytes, start + 2, extension.data.length / 4);
    bytes.set(extension.data, start + 4);
  }
  bytes.set(payload, start + extended);
  return bytes;
}

//= RFC 5761 §4
//# the RTCP packet type field occupies the same position in the packet as the combination of the
//# RTP marker (M) bit and the RTP payload type (PT). This field can be used to distinguish RTP and
//# RTCP packets
/** Whether what came to a port of both is RTCP: packet types 192 to 223. RFC 5761 §4 */
export const isRtcp = (bytes: Uint8Array): boolean =>
  bytes.length >= 2 && bytes[1]! >= 192 && bytes[1]! <= 223;

//= RFC 3550 §5.1
//# The last octet of the padding contains a count of how many padding octets should be ignored,
//# including itself.
/** -1 where the padding is longer than there is room, or not even one octet. */
function endOfPayload(bytes: Uint8Array): number {
  if ((bytes[0]! & 0x20) === 0) return bytes.length;
  const padding = bytes[bytes.length - 1]!;
  return padding === 0 ? -1 : bytes.length - padding;
}

const csrcsOf = (bytes: Uint8Array, count: number): readonly number[] =>
  Array.from({ length: count }, (_, n) => uint32(bytes, FIXED_BYTES + 4 * n));

/** Two octets in network byte order. */
export const uint16 = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;

export const uint32 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;

export function writeUint16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 8;
  bytes[at + 1] = value;
}

export function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}
