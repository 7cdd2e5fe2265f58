/**
 * From packets of VP8 to frames, as they were coded: for a file. RFC 7741. Nothing is decoded.
 * After a loss nothing is handed out before the next key frame: all else builds on what is missing.
 */
import { parseRtp } from "carillon/rtp";

/** One frame, as a decoder wants it. */
export interface Vp8Frame {
  readonly data: Uint8Array;
  readonly isKey: boolean;
  /** Of its packets: 90,000 a second, 32 bits. */
  readonly timestamp: number;
  /** In pixels, of the last key frame. */
  readonly width: number;
  readonly height: number;
}

/** Limits of what a peer can make it hold. */
const MAX_PACKETS = 1024;
const MAX_FRAME_BYTES = 2 * 1024 * 1024;
/** So many packets after a missing one it is lost. */
const MOST_OUT_OF_ORDER = 64;

interface Piece {
  readonly data: Uint8Array;
  /** The first packet of a frame. */
  readonly begins: boolean;
  /** The last one. */
  readonly ends: boolean;
  readonly timestamp: number;
}

/** For one sender's video. */
export class Vp8Frames {
  /** Set by whoever can ask the sender for a key frame: nothing goes on without one. */
  onbroken: (() => void) | undefined;
  readonly #payloadType: number;
  readonly #pieces = new Map<number, Piece>();
  #ssrc: number | undefined;
  /** The number of the packet that comes next; undefined before the first frame. */
  #next: number | undefined;
  #newest = 0;
  /** Packets in a row that should have come before: a sender that counts anew. */
  #behind = 0;
  #frame: Piece[] = [];
  #bytes = 0;
  #needsKey = true;
  #size = { width: 0, height: 0 };

  /** `payloadType`: of VP8 in what comes. */
  constructor(payloadType: number) {
    this.#payloadType = payloadType;
  }

  /** An RTP packet, decrypted; what it completes. */
  take(bytes: Uint8Array): readonly Vp8Frame[] {
    const parsed = parseRtp(bytes);
    if (!parsed.ok || parsed.value.payloadType !== this.#payloadType) return [];
    const { sequence, ssrc, timestamp, marker, payload } = parsed.value;
    if (ssrc !== this.#ssrc) this.#restart(ssrc, sequence);
    const read = readDescriptor(payload);
    // Padding that keeps a rate has nothing in it, and counts as a packet all the same.
    const piece = { data: read.slice(), begins: startsFrame(payload), ends: marker, timestamp };
    const next = this.#next ?? sequence;
    this.#next = next;
    const ahead = ((sequence - next) << 16) >> 16;
    if (ahead < 0 && ++this.#behind <= MOST_OUT_OF_ORDER) return [];
    if (ahead < 0 || ahead >= MAX_PACKETS) this.#restart(ssrc, sequence);
    this.#behind = 0;
    this.#pieces.set(sequence, piece);
    if (((sequence - this.#newest) << 16) >> 16 > 0) this.#newest = sequence;
    const frames = this.#inOrder();
    if (this.#next !== undefined && this.#isLost(this.#next)) {
      this.#skip();
      frames.push(...this.#inOrder());
    }
    return frames;
  }

  /** Goes on with the next key frame. */
  #restart(ssrc: number, sequence: number): void {
    this.#ssrc = ssrc;
    this.#pieces.clear();
    this.#next = sequence;
    this.#newest = sequence;
    this.#broken();
  }

  #broken(): void {
    this.#frame = [];
    this.#bytes = 0;
    this.#needsKey = true;
    this.onbroken?.();
  }

  #isLost(next: number): boolean {
    return !this.#pieces.has(next) && ((this.#newest - next) << 16) >> 16 > MOST_OUT_OF_ORDER;
  }

  /** Past what is missing. */
  #skip(): void {
    let next = this.#next ?? 0;
    while (!this.#pieces.has(next) && next !== this.#newest) next = (next + 1) & 0xffff;
    this.#next = next;
    this.#broken();
  }

  #inOrder(): Vp8Frame[] {
    const frames: Vp8Frame[] = [];
    for (let piece = this.#taken(); piece; piece = this.#taken()) {
      const frame = this.#add(piece);
      if (frame) frames.push(frame);
    }
    return frames;
  }

  #taken(): Piece | undefined {
    const next = this.#next ?? 0;
    const piece = this.#pieces.get(next);
    if (!piece) return undefined;
    this.#pieces.delete(next);
    this.#next = (next + 1) & 0xffff;
    return piece;
  }

  #add(piece: Piece): Vp8Frame | undefined {
    if (piece.data.length === 0) return undefined;
    const [first] = this.#frame;
    if (piece.begins && first && first.timestamp !== piece.timestamp) this.#broken();
    if (this.#frame.length === 0 && !piece.begins) return undefined;
    this.#frame.push(piece);
    this.#bytes += piece.data.length;
    if (this.#bytes > MAX_FRAME_BYTES) this.#broken();
    return piece.ends && this.#frame.length > 0 ? this.#whole() : undefined;
  }

  #whole(): Vp8Frame | undefined {
    const data = new Uint8Array(this.#bytes);
    let at = 0;
    for (const piece of this.#frame) {
      data.set(piece.data, at);
      at += piece.data.length;
    }
    const timestamp = this.#frame[0]?.timestamp ?? 0;
    this.#frame = [];
    this.#bytes = 0;
    const key = keyFrameSize(data);
    if (key) {
      this.#size = key;
      this.#needsKey = false;
    }
    return this.#needsKey
      ? undefined
      : { data, isKey: key !== undefined, timestamp, ...this.#size };
  }
}

//= RFC 7741 §4.2
//# S: Start of VP8 partition.  SHOULD be set to 1 when the first payload octet of the RTP packet is
//# the beginning of a new VP8 partition, and MUST NOT be 1 otherwise.
const startsFrame = (payload: Uint8Array): boolean =>
  ((payload[0] ?? 0) & 0x10) !== 0 && ((payload[0] ?? 0) & 0x07) === 0;

/** What follows the payload descriptor; empty where that is not whole. RFC 7741 §4.2 */
function readDescriptor(payload: Uint8Array): Uint8Array {
  let at = 1;
  if (((payload[0] ?? 0) & 0x80) !== 0) {
    const extension = payload[at++] ?? 0;
    //= RFC 7741 §4.2
    //# M: The most significant bit of the first octet is an extension flag.
    if ((extension & 0x80) !== 0) at += ((payload[at] ?? 0) & 0x80) !== 0 ? 2 : 1;
    if ((extension & 0x40) !== 0) at++;
    if ((extension & 0x30) !== 0) at++;
  }
  return at < payload.length ? payload.subarray(at) : NOTHING;
}

//= RFC 7741 §4.3
//# P: Inverse key frame flag.  When set to 0, the current frame is a key frame.  When set to 1, the
//# current frame is an interframe.  Defined in [RFC6386]
/** Of a key frame: RFC 6386 §9.1. Undefined for others. */
function keyFrameSize(data: Uint8Array): { width: number; height: number } | undefined {
  if (data.length < 10 || (data[0]! & 1) !== 0) return undefined;
  if (data[3] !== 0x9d || data[4] !== 0x01 || data[5] !== 0x2a) return undefined;
  const width = (data[6]! | (data[7]! << 8)) & 0x3fff;
  const height = (data[8]! | (data[9]! << 8)) & 0x3fff;
  return width > 0 && height > 0 ? { width, height } : undefined;
}

const NOTHING = new Uint8Array();
