/**
 * Feedback: what is missing, and that a whole picture is wanted. RFC 4585 §6 (NACK, PLI), RFC 5104
 * §4.3.1 (FIR).
 */
import { uint16, uint32 } from "./packet.ts";

/** What a receiver asks of a sender at once. RFC 4585 §6, RFC 5104 §4.3.1 */
export type Feedback = Nack | PictureLoss | FullIntraRequest;

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

const [NACK, PLI, FIR] = [1, 1, 4] as const;
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
  return format === FIR
    ? { kind: "FullIntraRequest", ssrc, requests: readRequests(bytes) }
    : undefined;
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
