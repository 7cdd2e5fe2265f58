/**
 * A jitter buffer: packets come as the network has them, and are taken at the pace of a clock. How
 * long it holds them follows from how late they are (`Transit`): it grows by letting what was heard
 * last go on, and shrinks by having frames hurried.
 *
 * Two inputs, `put` and `take`, with the time; nothing else. Limits: a peer can make it hold a few
 * seconds, and wait for half of one.
 */
import type { Millis } from "../grammar/millis.ts";
import { Transit } from "./transit.ts";

/** An RTP packet, as far as a jitter buffer cares for it. */
export interface BufferedPacket {
  /** In a count without end (`ReceivedSource.take`). */
  readonly sequence: number;
  /** 32 bits, in clock units. */
  readonly timestamp: number;
  /** 0 to 127; it is handed on with the payload, and not looked at. */
  readonly payloadType: number;
  /** As it came, not decoded; kept as it is until it is taken. */
  readonly payload: Uint8Array;
}

/** What is to be heard next. Durations are in units of the timestamps' clock. */
export type Taken =
  /** The next packet. `hurry`: more is waiting than has to be; shorten it a little. */
  | { readonly kind: "Frame"; readonly packet: BufferedPacket; readonly hurry: boolean }
  /** It is missing: `duration` clock units to make up. `next` is there if it follows at once. */
  | { readonly kind: "Lost"; readonly duration: number; readonly next?: BufferedPacket }
  /** It may still come, or the buffer grows: make up the same, and nothing is lost by it. */
  | { readonly kind: "Stretch"; readonly duration: number }
  /** Nothing is to be heard: nobody speaks, or the first packets are still waited out. */
  | { readonly kind: "Nothing" };

/**
 * What became of a packet: `Kept` until its turn; `Late`, since its turn is over; `Duplicate` of
 * one that came before; `Restarted`: kept, and all before it dropped, since it is too far from them
 * in number or time.
 */
export type Put = "Kept" | "Late" | "Duplicate" | "Restarted";

/** How long packets may be held. Whoever receives adapts between the least and the most. */
export interface JitterBufferOptions {
  /** Of the packets' timestamps, in Hz: the codec's `clockRate`. */
  readonly clockRate: number;
  /** The least that packets are held; 20 if left out. */
  readonly minMs?: number;
  /** The most that they are held, however late some come; 500 if left out. */
  readonly maxMs?: number;
  /** How long those of the first 25 are held, before anything is known; 40 if left out. */
  readonly initialMs?: number;
}

/** What a buffer did since it was made, in packets unless another unit is named. */
export interface JitterBufferCounts {
  /** Taken as a `Frame`. */
  readonly played: number;
  /** Given up, and made up for with a `Lost`, or by a `Stretch` that came before it was known. */
  readonly lost: number;
  /** Came when their turn was over. */
  readonly late: number;
  /** Came a second time. */
  readonly duplicates: number;
  /** How often something was made up with a `Stretch`, to wait for what may still come. */
  readonly stretched: number;
  /** Played, with the request to shorten them. */
  readonly hurried: number;
  /** Left out at once, because far too much was waiting. */
  readonly dropped: number;
  /** How often it began anew, because what came was too far from all that was there. */
  readonly restarts: number;
}

/** Before anything is known of a sender's packets. */
const USUAL_FRAME_MS = 20;
const LONGEST_FRAME_MS = 120;
const LEARNING_PACKETS = 25;
/** Packets: five seconds of usual ones. */
const MAX_PACKETS = 256;
/** A timestamp that is so far from where it should be is the beginning of something new. */
const JUMP_MS = 3000;
/** What is made up where nothing comes, before it counts as silence. */
const MADE_UP_MS = 100;
/** How much more than wanted may wait before it is hurried, and before it is left out. */
const SLACK_MS = 15;
const FAR_TOO_MUCH_MS = 200;
const NOTHING: Taken = Object.freeze({ kind: "Nothing" });

interface Slot extends BufferedPacket {
  /** The timestamp in a count without end. */
  readonly at: number;
  /** Takes part in the numbers alone: an event, padding. */
  readonly isEmpty: boolean;
}

/**
 * Packets of one sender come as the network has them, and are taken at the pace of a clock. How
 * long they are held follows from how late they are. Made for one clock rate; it holds 256 packets
 * at most.
 */
export class JitterBuffer {
  readonly #perMs: number;
  readonly #minMs: number;
  readonly #maxMs: number;
  readonly #initialMs: number;
  readonly #slots = new Map<number, Slot>();
  /** The numbers that came last, by their lower bits: what comes twice is not what is late. */
  readonly #seen = new Float64Array(MAX_PACKETS).fill(-1);
  #transit = new Transit();
  #frame: number;
  #next = Number.NEGATIVE_INFINITY;
  #highest = Number.NEGATIVE_INFINITY;
  #isPlaying = false;
  /** Up to where, in timestamps, there was something to hear. */
  #position = 0;
  /** Made up without counting anything as lost, since the last frame. */
  #stretched = 0;
  #newest:
    | { readonly sequence: number; readonly timestamp: number; readonly at: number }
    | undefined;
  readonly #counts = {
    ...{ played: 0, lost: 0, late: 0, duplicates: 0 },
    ...{ stretched: 0, hurried: 0, dropped: 0, restarts: 0 },
  };

  constructor({ clockRate, minMs = 20, maxMs = 500, initialMs = 40 }: JitterBufferOptions) {
    this.#perMs = clockRate / 1000;
    this.#frame = USUAL_FRAME_MS * this.#perMs;
    this.#minMs = minMs;
    this.#maxMs = maxMs;
    this.#initialMs = initialMs;
  }

  /** Since it was made. The same object each time, whose numbers go on. */
  get counts(): JitterBufferCounts {
    return this.#counts;
  }

  /** How long packets are to be held, above the quickest. */
  get targetMs(): number {
    const isLearning = this.#transit.count < LEARNING_PACKETS;
    const least = isLearning ? Math.max(this.#minMs, this.#initialMs) : this.#minMs;
    return Math.min(this.#maxMs, Math.max(least, this.#transit.tailMs));
  }

  /** What waits, from the next packet to the newest. */
  get waitingMs(): number {
    if (this.#slots.size === 0) return 0;
    return Math.max(0, (this.#highest - Math.max(this.#next, this.#lowest()) + 1) * this.#frameMs);
  }

  /** Takes a packet that came at `now`; says what became of it. */
  put(packet: BufferedPacket, now: Millis): Put {
    return this.#put(packet, now, false);
  }

  /** A packet with nothing for this buffer in it: its number is not missing. */
  pass(packet: Omit<BufferedPacket, "payload">, now: Millis): Put {
    return this.#put({ ...packet, payload: NO_OCTETS }, now, true);
  }

  /** What is to be heard now: once for every frame. */
  take(now: Millis): Taken {
    this.#skipEmpty();
    if (!this.#isPlaying) return this.#begin(now);
    const slot = this.#slots.get(this.#next);
    return slot ? this.#present(slot, now) : this.#absent(now);
  }

  #put(packet: BufferedPacket, now: Millis, isEmpty: boolean): Put {
    const { sequence, timestamp } = packet;
    if (this.#seen[sequence & (MAX_PACKETS - 1)] === sequence) {
      this.#counts.duplicates++;
      return "Duplicate";
    }
    const newest = this.#newest;
    let at = newest ? newest.at + ((timestamp - newest.timestamp) | 0) : timestamp;
    const transit = now - at / this.#perMs;
    const isRestart = newest !== undefined && this.#isElsewhere(sequence, transit);
    if (isRestart) {
      this.#restart();
      at = timestamp;
    }
    this.#seen[sequence & (MAX_PACKETS - 1)] = sequence;
    if (!isEmpty) this.#transit.add(now - at / this.#perMs, now);
    if (!this.#newest || sequence > this.#newest.sequence) this.#follow(sequence, timestamp, at);
    if (sequence < this.#next) {
      this.#counts.late++;
      return "Late";
    }
    this.#slots.set(sequence, { ...packet, at, isEmpty });
    this.#highest = Math.max(this.#highest, sequence);
    return isRestart ? "Restarted" : "Kept";
  }

  /** Too far from all that is here, by its time or its number. */
  #isElsewhere(sequence: number, transit: Millis): boolean {
    const { least } = this.#transit;
    const isFar = Number.isFinite(least) && Math.abs(transit - least) > JUMP_MS;
    const from = Number.isFinite(this.#next) ? this.#next : this.#lowest();
    return isFar || Math.abs(sequence - from) >= MAX_PACKETS || this.#slots.size >= MAX_PACKETS;
  }

  #restart(): void {
    this.#counts.restarts++;
    this.#counts.dropped += this.#slots.size;
    this.#slots.clear();
    this.#transit = new Transit();
    this.#newest = undefined;
    this.#next = Number.NEGATIVE_INFINITY;
    this.#highest = Number.NEGATIVE_INFINITY;
    this.#isPlaying = false;
    this.#seen.fill(-1);
  }

  /** Learns how long packets last from two that follow each other. */
  #follow(sequence: number, timestamp: number, at: number): void {
    const newest = this.#newest;
    if (newest && sequence === newest.sequence + 1) {
      const duration = at - newest.at;
      if (duration > 0 && duration <= LONGEST_FRAME_MS * this.#perMs) this.#frame = duration;
    }
    this.#newest = { sequence, timestamp, at };
  }

  #begin(now: Millis): Taken {
    if (this.#slots.size === 0) return NOTHING;
    const first = this.#slots.get(this.#lowest());
    if (!first || this.#delay(first, now) < this.targetMs) return NOTHING;
    this.#isPlaying = true;
    this.#next = first.sequence;
    this.#position = first.at;
    this.#stretched = 0;
    return this.take(now);
  }

  #present(slot: Slot, now: Millis): Taken {
    const [delay, target] = [this.#delay(slot, now), this.targetMs];
    if (slot.at - this.#position > this.#frame / 2) {
      // Nobody spoke in between: the right moment to be as late as is wanted now.
      if (delay < target) return NOTHING;
    } else if (delay + this.#frameMs / 2 < target && this.#stretched === 0) {
      return this.#stretch();
    }
    if (delay > target + FAR_TOO_MUCH_MS && this.#leaveOut(now)) return this.take(now);
    const hurry = delay > target + SLACK_MS + this.#frameMs / 2;
    if (hurry) this.#counts.hurried++;
    this.#counts.played++;
    this.#slots.delete(slot.sequence);
    this.#next = slot.sequence + 1;
    this.#position = slot.at + this.#frame;
    this.#stretched = 0;
    return { kind: "Frame", packet: slot, hurry };
  }

  #absent(now: Millis): Taken {
    if (this.#slots.size === 0) {
      if (this.#stretched < MADE_UP_MS * this.#perMs) return this.#stretch();
      this.#isPlaying = false;
      return NOTHING;
    }
    const later = this.#slots.get(this.#lowest());
    // What was made up while nothing came stands for what is now known to be lost.
    while (later && this.#stretched >= this.#frame && this.#next < later.sequence) {
      this.#stretched -= this.#frame;
      this.#lose(later);
    }
    if (!later || later.sequence === this.#next || later.at <= this.#position) {
      this.#next = later?.sequence ?? this.#next;
      return this.take(now);
    }
    const delay = now - this.#position / this.#perMs - this.#transit.least;
    if (delay + this.#frameMs / 2 < this.targetMs && this.#stretched === 0) return this.#stretch();
    const isNext = later.sequence === this.#next + 1 && !later.isEmpty;
    this.#lose(later);
    return { kind: "Lost", duration: this.#frame, ...(isNext && { next: later }) };
  }

  #stretch(): Taken {
    this.#counts.stretched++;
    this.#stretched += this.#frame;
    return { kind: "Stretch", duration: this.#frame };
  }

  /** One packet is given up. It is not known how long it was, but not longer than up to `later`. */
  #lose(later: Slot): void {
    this.#counts.lost++;
    this.#next++;
    this.#position = Math.min(later.at, this.#position + this.#frame);
  }

  /** Leaves out what waits too long, such as all that comes at once after the line stood still. */
  #leaveOut(now: Millis): boolean {
    const before = this.#counts.dropped;
    for (;;) {
      const slot = this.#slots.get(this.#lowest());
      if (!slot || this.#slots.size === 1 || this.#delay(slot, now) <= this.targetMs) break;
      this.#slots.delete(slot.sequence);
      this.#counts.dropped++;
      this.#next = slot.sequence + 1;
      this.#position = slot.at + this.#frame;
    }
    return this.#counts.dropped > before;
  }

  #skipEmpty(): void {
    while (this.#slots.get(this.#next)?.isEmpty) this.#slots.delete(this.#next++);
  }

  /** How late a packet would be heard, above the quickest. */
  #delay({ at }: Slot, now: Millis): Millis {
    return now - at / this.#perMs - this.#transit.least;
  }

  /** The lowest number that waits. */
  #lowest(): number {
    if (this.#slots.has(this.#next)) return this.#next;
    let lowest = Number.POSITIVE_INFINITY;
    for (const sequence of this.#slots.keys()) if (sequence < lowest) lowest = sequence;
    return lowest;
  }

  get #frameMs(): number {
    return this.#frame / this.#perMs;
  }
}

const NO_OCTETS = new Uint8Array();
