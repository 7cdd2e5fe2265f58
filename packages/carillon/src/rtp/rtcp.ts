/**
 * RTCP: reports, descriptions and goodbyes, and feedback, several to a datagram. RFC 3550 §6,
 * RFC 4585 §6, RFC 5104 §4.3.1, RFC 5506.
 */
import { fromText, toText } from "../grammar/octets.ts";
import { bad, ok, type Result } from "../grammar/result.ts";
import { uint16, uint32, writeUint16, writeUint32 } from "./packet.ts";
import { type Feedback, feedbackWords, readFeedback } from "./rtcp-feedback.ts";

/** One of the packets that a datagram of RTCP holds. An SSRC has 32 bits. RFC 3550 §6.1 */
export type RtcpPacket = SenderReport | ReceiverReport | SourceDescription | Goodbye | Feedback;

/** What somebody sent so far, and whom they hear how. RFC 3550 §6.4.1 */
export interface SenderReport {
  /** SR. */
  readonly kind: "SenderReport";
  /** Who reports. */
  readonly ssrc: number;
  /** When it was sent: whole seconds since 1900, 32 bits… */
  readonly ntpSeconds: number;
  /** …and the rest, in 2^-32 of a second. */
  readonly ntpFraction: number;
  /** The same moment in the units of their RTP timestamps, 32 bits. */
  readonly timestamp: number;
  /** RTP packets since they began, 32 bits. */
  readonly packets: number;
  /** Of payloads, without headers and padding, 32 bits. */
  readonly octets: number;
  /** One for each source that they hear; 31 at most. */
  readonly reports: readonly ReportBlock[];
}

/** Whom somebody hears how who sends nothing. RFC 3550 §6.4.2 */
export interface ReceiverReport {
  /** RR. */
  readonly kind: "ReceiverReport";
  /** Who reports. */
  readonly ssrc: number;
  /** One for each source that they hear; 31 at most. */
  readonly reports: readonly ReportBlock[];
}

/** How one source is heard. RFC 3550 §6.4.1 */
export interface ReportBlock {
  /** Whose packets it is about. */
  readonly ssrc: number;
  /** Lost of what was expected since the report before, in 1/256: 0 to 255. */
  readonly fractionLost: number;
  /** Packets lost since the beginning: 24 bits with a sign, since duplicates make it less. */
  readonly cumulativeLost: number;
  /** The highest number that came, in the lower 16 bits; above, how often they went round. */
  readonly highestSequence: number;
  /** Interarrival jitter, in timestamp units. */
  readonly jitter: number;
  /** The middle 32 bits of the NTP time of the source's last report; 0: there was none. */
  readonly lastReport: number;
  /** How long ago that one came, in 1/65536 s; 0: there was none. */
  readonly delaySinceReport: number;
}

/** Who the sources are. RFC 3550 §6.5 */
export interface SourceDescription {
  /** SDES. */
  readonly kind: "SourceDescription";
  /** What is said of each; 31 at most. */
  readonly chunks: readonly { readonly ssrc: number; readonly items: readonly SdesItem[] }[];
}

/** One thing that is said of a source. */
export interface SdesItem {
  /** 1 is CNAME; see SDES_CNAME. */
  readonly type: number;
  /** At most 255 octets of UTF-8. */
  readonly text: string;
}

/** Sources that are gone. RFC 3550 §6.6 */
export interface Goodbye {
  /** BYE. */
  readonly kind: "Goodbye";
  /** Who has gone; 31 at most. */
  readonly ssrcs: readonly number[];
  /** Why, for people; at most 255 octets of UTF-8. */
  readonly reason?: string;
}

/** The `type` of the item that names a source for good, whatever its SSRC. RFC 3550 §6.5.1 */
export const SDES_CNAME = 1;

const [SR, RR, SDES, BYE, RTPFB, PSFB] = [200, 201, 202, 203, 205, 206] as const;
const SOURCE = "RFC 3550 §6.1";
const HEADER_BYTES = 4;
const BLOCK_BYTES = 24;
const MAX_COUNT = 31;

/**
 * Reads a datagram. Packets of other types are passed over. `isReducedSize`: descriptions allow
 * packets without a report before them (RFC 5506). Errors: `bad-rtcp`. RFC 3550 §6.1
 */
export function parseRtcp(
  bytes: Uint8Array,
  { isReducedSize = false }: { readonly isReducedSize?: boolean } = {},
): Result<readonly RtcpPacket[]> {
  const packets: RtcpPacket[] = [];
  for (let at = 0; at < bytes.length; ) {
    const found = sizeOf(bytes, at, isReducedSize);
    if (!found.ok) return found;
    const packet = readPacket(bytes.subarray(at, at + found.value));
    if (packet === "bad") return bad("bad-rtcp", "a packet is shorter than it says", at, SOURCE);
    //= RFC 3550 §6.1
    //# An implementation SHOULD ignore incoming RTCP packets with types unknown to it.
    if (packet) packets.push(packet);
    at += found.value + paddingOf(bytes, at, found.value);
  }
  return bytes.length > 0 ? ok(packets) : bad("bad-rtcp", "nothing", 0, SOURCE);
}

/** The octets of a packet at `at`, without its padding. Checks of RFC 3550 A.2. */
function sizeOf(bytes: Uint8Array, at: number, isReducedSize: boolean): Result<number> {
  if (bytes.length < at + HEADER_BYTES) return bad("bad-rtcp", "cut short", at, SOURCE);
  if (bytes[at]! >> 6 !== 2) return bad("bad-rtcp", "not version 2", at, SOURCE);
  //= RFC 3550 §6.1
  //# The first RTCP packet in the compound packet MUST always be a report packet to facilitate
  //# header validation as described in Appendix A.2.
  const isReport = bytes[at + 1] === SR || bytes[at + 1] === RR;
  if (at === 0 && !isReport && !isReducedSize) return bad("bad-rtcp", "no report", 1, SOURCE);
  const size = HEADER_BYTES + 4 * uint16(bytes, at + 2);
  if (at + size > bytes.length) return bad("bad-rtcp", "cut short", at + 2, SOURCE);
  if ((bytes[at]! & 0x20) === 0) return ok(size);
  const padding = bytes[at + size - 1]!;
  const isLast = at + size === bytes.length;
  //= RFC 3550 §6.4.1
  //# padding MUST only be added to the last individual packet, and if padding is added to that
  //# packet, the padding bit MUST be set only on that packet.
  const isRight = isLast && padding > 0 && padding % 4 === 0 && padding <= size - HEADER_BYTES;
  return isRight ? ok(size - padding) : bad("bad-rtcp", "padding", at, SOURCE);
}

const paddingOf = (bytes: Uint8Array, at: number, size: number): number =>
  HEADER_BYTES + 4 * uint16(bytes, at + 2) - size;

function readPacket(bytes: Uint8Array): RtcpPacket | "bad" | undefined {
  const count = bytes[0]! & MAX_COUNT;
  switch (bytes[1]) {
    case SR:
      return readSenderReport(bytes, count);
    case RR:
      return readReceiverReport(bytes, count);
    case SDES:
      return readDescription(bytes, count);
    case BYE:
      return readGoodbye(bytes, count);
    case RTPFB:
    case PSFB:
      return readFeedback(bytes[1] === RTPFB, count, bytes);
    default:
      return undefined;
  }
}

function readSenderReport(bytes: Uint8Array, count: number): SenderReport | "bad" {
  if (bytes.length < 28 + count * BLOCK_BYTES) return "bad";
  return {
    kind: "SenderReport",
    ssrc: uint32(bytes, 4),
    ntpSeconds: uint32(bytes, 8),
    ntpFraction: uint32(bytes, 12),
    timestamp: uint32(bytes, 16),
    packets: uint32(bytes, 20),
    octets: uint32(bytes, 24),
    reports: readBlocks(bytes, 28, count),
  };
}

function readReceiverReport(bytes: Uint8Array, count: number): ReceiverReport | "bad" {
  if (bytes.length < 8 + count * BLOCK_BYTES) return "bad";
  return { kind: "ReceiverReport", ssrc: uint32(bytes, 4), reports: readBlocks(bytes, 8, count) };
}

const readBlocks = (bytes: Uint8Array, from: number, count: number): readonly ReportBlock[] =>
  Array.from({ length: count }, (_, n) => {
    const at = from + n * BLOCK_BYTES;
    return {
      ssrc: uint32(bytes, at),
      fractionLost: bytes[at + 4]!,
      cumulativeLost: (uint32(bytes, at + 4) << 8) >> 8,
      highestSequence: uint32(bytes, at + 8),
      jitter: uint32(bytes, at + 12),
      lastReport: uint32(bytes, at + 16),
      delaySinceReport: uint32(bytes, at + 20),
    };
  });

/** A.5: each chunk ends with a null and fills its last word. */
function readDescription(bytes: Uint8Array, count: number): SourceDescription | "bad" {
  const chunks: SourceDescription["chunks"][number][] = [];
  let at = HEADER_BYTES;
  for (let n = 0; n < count; n++) {
    if (at + 8 > bytes.length) return "bad";
    const ssrc = uint32(bytes, at);
    const items: SdesItem[] = [];
    at += 4;
    while (bytes[at] !== 0) {
      const end = at + 2 + (bytes[at + 1] ?? 0);
      if (end >= bytes.length) return "bad";
      items.push({ type: bytes[at]!, text: textOf(bytes.subarray(at + 2, end)) });
      at = end;
    }
    at = (at | 3) + 1;
    chunks.push({ ssrc, items });
  }
  return { kind: "SourceDescription", chunks };
}

function readGoodbye(bytes: Uint8Array, count: number): Goodbye | "bad" {
  const end = HEADER_BYTES + 4 * count;
  if (bytes.length < end) return "bad";
  const ssrcs = Array.from({ length: count }, (_, n) => uint32(bytes, HEADER_BYTES + 4 * n));
  if (bytes.length === end) return { kind: "Goodbye", ssrcs };
  const length = bytes[end]!;
  if (bytes.length < end + 1 + length) return "bad";
  return { kind: "Goodbye", ssrcs, reason: textOf(bytes.subarray(end + 1, end + 1 + length)) };
}

const textOf = (bytes: Uint8Array): string => toText(String.fromCharCode(...bytes));

/**
 * The octets of a datagram, in this order. Throws a RangeError on more blocks or text than a packet
 * can say.
 */
export function formatRtcp(packets: readonly RtcpPacket[]): Uint8Array {
  const all = packets.map(octetsOf);
  const bytes = new Uint8Array(all.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const each of all) {
    bytes.set(each, at);
    at += each.length;
  }
  return bytes;
}

function octetsOf(packet: RtcpPacket): Uint8Array {
  switch (packet.kind) {
    case "SenderReport": {
      const { ssrc, ntpSeconds, ntpFraction, timestamp, packets, octets, reports } = packet;
      const words = [ssrc, ntpSeconds, ntpFraction, timestamp, packets, octets];
      return ofWords(SR, reports.length, [...words, ...reports.flatMap(wordsOf)]);
    }
    case "ReceiverReport":
      return ofWords(RR, packet.reports.length, [packet.ssrc, ...packet.reports.flatMap(wordsOf)]);
    case "SourceDescription":
      return ofOctets(SDES, packet.chunks.length, packet.chunks.flatMap(chunkOctets));
    case "Goodbye": {
      const sources = packet.ssrcs.flatMap(fourOctets);
      const reason = packet.reason === undefined ? [] : [...lengthAndText(packet.reason)];
      return ofOctets(BYE, packet.ssrcs.length, [...sources, ...reason]);
    }
    default: {
      const { isTransport, format, words } = feedbackWords(packet);
      return ofWords(isTransport ? RTPFB : PSFB, format, words);
    }
  }
}

const wordsOf = (block: ReportBlock): readonly number[] => [
  block.ssrc,
  (block.fractionLost << 24) | (clamped(block.cumulativeLost) & 0xff_ffff),
  block.highestSequence,
  block.jitter,
  block.lastReport,
  block.delaySinceReport,
];

/** 24 bits with a sign. */
const clamped = (lost: number): number => Math.max(-0x80_0000, Math.min(0x7f_ffff, lost));

//= RFC 3550 §6.5
//# The list of items in each chunk MUST be terminated by one or more null octets, the first of
//# which is interpreted as an item type of zero to denote the end of the list.
function chunkOctets({ ssrc, items }: SourceDescription["chunks"][number]): readonly number[] {
  const octets = [...fourOctets(ssrc)];
  for (const { type, text } of items) octets.push(type, ...lengthAndText(text));
  octets.push(0);
  while (octets.length % 4 !== 0) octets.push(0);
  return octets;
}

function lengthAndText(text: string): readonly number[] {
  const octets = [...fromText(text)].map((c) => c.charCodeAt(0));
  if (octets.length > 255) throw new RangeError("a text of RTCP has 255 octets at most");
  return [octets.length, ...octets];
}

const fourOctets = (value: number): readonly number[] => [
  value >>> 24,
  (value >>> 16) & 0xff,
  (value >>> 8) & 0xff,
  value & 0xff,
];

function ofWords(type: number, count: number, words: readonly number[]): Uint8Array {
  if (count > MAX_COUNT) throw new RangeError("a packet of RTCP has 31 blocks at most");
  const bytes = new Uint8Array(HEADER_BYTES + 4 * words.length);
  bytes[0] = 0x80 | count;
  bytes[1] = type;
  writeUint16(bytes, 2, words.length);
  for (const [n, word] of words.entries()) writeUint32(bytes, HEADER_BYTES + 4 * n, word);
  return bytes;
}

function ofOctets(type: number, count: number, octets: readonly number[]): Uint8Array {
  const words: number[] = [];
  for (let at = 0; at < octets.length; at += 4) {
    const [a = 0, b = 0, c = 0, d = 0] = octets.slice(at, at + 4);
    words.push((a << 24) | (b << 16) | (c << 8) | d);
  }
  return ofWords(type, count, words);
}
