/** What goes out: numbers, timestamps, and counts for reports. RFC 3550 §5.1, §6.4.1, §8.2. */
import { writeUint16, writeUint32 } from "./packet.ts";

/** 32 random bits. */
export type Random32 = () => number;

/** What one packet carries. */
export interface Sending {
  /** 0 to 127, as the descriptions agreed on it. */
  readonly payloadType: number;
  /** One coded frame, or an event. */
  readonly payload: Uint8Array;
  /** How much further the clock is after it, in timestamp units. */
  readonly duration: number;
  /** Sound begins after a silence, or an event does; false if left out. RFC 3551 §4.1 */
  readonly marker?: boolean;
}

const HEADER_BYTES = 12;

/** One source of RTP: an SSRC with its numbers. It makes packets, and sends none. */
export class RtpSender {
  readonly #random: Random32;
  #ssrc: number;
  #sequence: number;
  #timestamp: number;
  #packets = 0;
  #octets = 0;

  //= RFC 3550 §5.1
  //# The initial value of the sequence number SHOULD be random (unpredictable)
  //= RFC 3550 §5.1
  //# The initial value of the timestamp SHOULD be random, as for the sequence number.
  //= RFC 3550 §5.1
  //# This identifier SHOULD be chosen randomly, with the intent that no two synchronization sources
  //# within the same RTP session will have the same SSRC identifier.
  constructor(random: Random32) {
    this.#random = random;
    this.#ssrc = random() >>> 0;
    // The lower half: whoever counts rounds from the first packet (SRTP) is not at its end at once.
    this.#sequence = random() & 0x7fff;
    this.#timestamp = random() >>> 0;
  }

  /** 32 bits, random. */
  get ssrc(): number {
    return this.#ssrc;
  }

  /** Of the next packet, 32 bits in units of the codec's clock. */
  get timestamp(): number {
    return this.#timestamp;
  }

  /** Of the next packet, 16 bits. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Made with this SSRC. */
  get packets(): number {
    return this.#packets;
  }

  /** Of their payloads, without headers. */
  get octets(): number {
    return this.#octets;
  }

  /** The octets of the next packet. */
  packet({ payloadType, payload, duration, marker = false }: Sending): Uint8Array {
    const bytes = this.#format(payloadType, payload, marker, this.#timestamp);
    this.skip(duration);
    return bytes;
  }

  /** A packet that says something about the time from `timestamp` on: the clock stays. */
  packetAt(
    timestamp: number,
    { payloadType, payload, marker = false }: Omit<Sending, "duration">,
  ): Uint8Array {
    return this.#format(payloadType, payload, marker, timestamp);
  }

  //= RFC 3550 §5.1
  //# the timestamp would be increased by 160 for each such block, regardless of whether the block
  //# is transmitted in a packet or dropped as silent.
  /** Time goes by and nothing is sent. */
  skip(duration: number): void {
    this.#timestamp = (this.#timestamp + duration) >>> 0;
  }

  //= RFC 3550 §8.2
  //# If a source discovers at any time that another source is using the same SSRC identifier as its
  //# own, it MUST send an RTCP BYE packet for the old identifier and choose another random one.
  /** Somebody else has our SSRC: takes another, and returns the old one, to say goodbye with. */
  collided(): number {
    const old = this.#ssrc;
    while (this.#ssrc === old) this.#ssrc = this.#random() >>> 0;
    this.#packets = 0;
    this.#octets = 0;
    return old;
  }

  #format(
    payloadType: number,
    payload: Uint8Array,
    marker: boolean,
    timestamp: number,
  ): Uint8Array {
    const bytes = new Uint8Array(HEADER_BYTES + payload.length);
    bytes[0] = 0x80;
    bytes[1] = (marker ? 0x80 : 0) | payloadType;
    writeUint16(bytes, 2, this.#sequence);
    writeUint32(bytes, 4, timestamp);
    writeUint32(bytes, 8, this.#ssrc);
    bytes.set(payload, HEADER_BYTES);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#packets++;
    this.#octets += payload.length;
    return bytes;
  }
}
