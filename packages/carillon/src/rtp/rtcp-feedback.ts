/**
 * Feedback: what is missing, that a whole picture is wanted, and how much gets through. RFC 4585 §6
 * (NACK, PLI), RFC 5104 §4.3.1 (FIR), draft-alvestrand-rmcat-remb (REMB).
 */
import { uint16, uint32 } from "./packet.ts";

/** What a receiver asks of a sender at once. RFC 4585 §6, RFC 5104 §4.3.1 */
export type Feedback = Nack | PictureLoss | FullIntraRequest | BandwidthEstimate;

/** Packets that did not come. */
export interface Nack {
  /** Generic NACK. RFC 4585 §6.2.1 */
  readonly kind: "Nack";
  /** Who misses them. */
  readonly ssrc: number;
  /** Whose packets they are. */
  readonly mediaSsrc: number;
  /** Their sequence numbers of 16 bits, in the order of the packet. */
  readonly sequences: readonly number[];
}

/** So much is missing that a whole picture is wanted. RFC 4585 §6.3.1 */
export interface PictureLoss {
  /** PLI. */
  readonly kind: "PictureLoss";
  /** Who asks. */
  readonly ssrc: number;
  /** Of whom. */
  readonly mediaSsrc: number;
}

/** Whole pictures are wanted, from each sender that is named. RFC 5104 §4.3.1 */
export interface FullIntraRequest {
  /** FIR. */
  readonly kind: "FullIntraRequest";
  /** Who asks. */
  readonly ssrc: number;
  /** Of whom, and a number of 8 bits that is another one with each new request. */
  readonly requests: readonly { readonly ssrc: number; readonly commandSequence: number }[];
}

/** What a receiver holds for possible, all together (REMB; draft-alvestrand-rmcat-remb §2.2). */
export interface BandwidthEstimate {
  /** REMB: browsers send it where `goog-remb` was agreed on. */
  readonly kind: "BandwidthEstimate";
  /** Who says so. */
  readonly ssrc: number;
  /** Of the sources that are named, together; rounded to 18 bits when it is written. */
  readonly bitsPerSecond: number;
  /** Whose packets it is about; 255 at most. */
  readonly ssrcs: readonly number[];
}

const [NACK, PLI, FIR, APPLICATION] = [1, 1, 4, 15] as const;
/** "REMB". */
const REMB = 0x52454d42;
const HEADER_BYTES = 12;
/** Of one packet: more says no more than that nothing came. */
const MAX_ENTRIES = 64;

/** `isTransport`: RTPFB, and not PSFB. */
export function readFeedback(
  isTransport: boolean,
  format: number,
  bytes: Uint8Array,
): Feedback | "bad" | undefined {
  if (bytes.length < HEADER_BYTES) return "bad";
  const [ssrc, mediaSsrc] = [uint32(bytes, 4), uint32(bytes, 8)];
  if (isTransport) {
    return format === NACK
      ? { kind: "Nack", ssrc, mediaSsrc, sequences: readSequences(bytes) }
      : undefined;
  }
  if (format === PLI) return { kind: "PictureLoss", ssrc, mediaSsrc };
  if (format === APPLICATION) return readEstimate(ssrc, bytes);
  return format === FIR
    ? { kind: "FullIntraRequest", ssrc, requests: readRequests(bytes) }
    : undefined;
}

function readEstimate(ssrc: number, bytes: Uint8Array): BandwidthEstimate | undefined {
  if (bytes.length < HEADER_BYTES + 8 || uint32(bytes, HEADER_BYTES) !== REMB) return undefined;
  const word = uint32(bytes, HEADER_BYTES + 4);
  const count = Math.min(word >>> 24, Math.floor((bytes.length - HEADER_BYTES - 8) / 4));
  const bitsPerSecond = (word & 0x3_ffff) * 2 ** ((word >>> 18) & 0x3f);
  const ssrcs = Array.from({ length: count }, (_, n) => uint32(bytes, HEADER_BYTES + 8 + 4 * n));
  return { kind: "BandwidthEstimate", ssrc, bitsPerSecond, ssrcs };
}

/** A packet, and a bit for each of the sixteen after it. RFC 4585 §6.2.1 */
function readSequences(bytes: Uint8Array): readonly number[] {
  const sequences: number[] = [];
  for (const at of entries(bytes, 4)) {
    const [first, others] = [uint16(bytes, at), uint16(bytes, at + 2)];
    sequences.push(first);
    for (let n = 0; n < 16; n++) if (others & (1 << n)) sequences.push((first + n + 1) & 0xffff);
  }
  return sequences;
}

const readRequests = (bytes: Uint8Array): FullIntraRequest["requests"] =>
  entries(bytes, 8).map((at) => ({ ssrc: uint32(bytes, at), commandSequence: bytes[at + 4]! }));

function entries(bytes: Uint8Array, size: number): readonly number[] {
  const count = Math.floor((bytes.length - HEADER_BYTES) / size);
  return Array.from({ length: Math.min(count, MAX_ENTRIES) }, (_, n) => HEADER_BYTES + n * size);
}

export interface FeedbackWords {
  readonly isTransport: boolean;
  readonly format: number;
  /** What stands behind the header, 32 bits each. */
  readonly words: readonly number[];
}

export function feedbackWords(packet: Feedback): FeedbackWords {
  switch (packet.kind) {
    case "Nack":
      return {
        ...{ isTransport: true, format: NACK },
        words: [packet.ssrc, packet.mediaSsrc, ...packed(packet.sequences)],
      };
    case "PictureLoss":
      //= RFC 4585 §6.3.1.2
      //# PLI does not require parameters. Therefore, the length field MUST be 2, and there MUST NOT
      //# be any Feedback Control Information.
      return { isTransport: false, format: PLI, words: [packet.ssrc, packet.mediaSsrc] };
    case "BandwidthEstimate": {
      const { ssrc, bitsPerSecond, ssrcs } = packet;
      const exponent = Math.max(0, Math.ceil(Math.log2((bitsPerSecond + 1) / 2 ** 18)));
      const mantissa = Math.floor(bitsPerSecond / 2 ** exponent);
      const word = ((ssrcs.length << 24) | (exponent << 18) | mantissa) >>> 0;
      return { isTransport: false, format: APPLICATION, words: [ssrc, 0, REMB, word, ...ssrcs] };
    }
    case "FullIntraRequest": {
      //= RFC 5104 §4.3.1.2
      //# The SSRCs of the media senders to which the FIR command applies are in the corresponding
      //# FCI entries.
      const words = packet.requests.flatMap((each) => [each.ssrc, each.commandSequence << 24]);
      return { isTransport: false, format: FIR, words: [packet.ssrc, 0, ...words] };
    }
  }
}

/** As few entries as the order allows. */
function packed(sequences: readonly number[]): readonly number[] {
  const words: number[] = [];
  let [first, others] = [-1, 0];
  for (const sequence of sequences) {
    const bit = (sequence - first - 1) & 0xffff;
    if (first >= 0 && bit < 16) others |= 1 << bit;
    else {
      if (first >= 0) words.push((first << 16) | others);
      [first, others] = [sequence, 0];
    }
  }
  if (first >= 0) words.push((first << 16) | others);
  return words;
}
