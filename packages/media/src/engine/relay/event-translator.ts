/** Keys of one side's telephone-event in the clock and the numbers of another's. RFC 4733 §2.5 */
import { readTelephoneEvents, writeTelephoneEvent } from "carillon/rtp";

/** A packet of telephone-event, as it came. */
export interface KeyPacket {
  readonly payload: Uint8Array;
  /** 32 bits: when it began, in its own clock. */
  readonly timestamp: number;
  /** In Hz, of its durations. */
  readonly clockRate: number;
}

const LONGEST = 0xffff;

/**
 * Packet by packet, so that a key is as long there as it is here and nothing waits. Only the first
 * event of a packet is told; several in one packet nobody sends.
 */
export class EventTranslator {
  readonly #clockRate: number;
  #theirs: number | undefined;
  #ours = 0;

  /** In Hz, of the events that are said. */
  constructor(clockRate: number) {
    this.#clockRate = clockRate;
  }

  /** `now` is what the clock of the sound there says: a new key begins then. */
  translate(
    { payload, timestamp, clockRate }: KeyPacket,
    now: number,
  ): { readonly payload: Uint8Array; readonly timestamp: number } | undefined {
    const [event] = readTelephoneEvents(payload);
    if (!event) return undefined;
    //= RFC 4733 §2.5.1.2
    //# The update packets MUST have the same RTP timestamp value as the initial packet for the
    //# event
    if (this.#theirs !== timestamp) {
      const isSegment = this.#theirs !== undefined && timestamp === (this.#theirs + LONGEST) >>> 0;
      this.#ours = isSegment ? (this.#ours + this.#scaled(LONGEST, clockRate)) >>> 0 : now;
      this.#theirs = timestamp;
    }
    const duration = Math.min(LONGEST, this.#scaled(event.duration, clockRate));
    return { payload: writeTelephoneEvent({ ...event, duration }), timestamp: this.#ours };
  }

  #scaled = (duration: number, clockRate: number): number =>
    Math.round((duration * this.#clockRate) / clockRate);
}
