/**
 * Numbers of a stream that is made of others': one SSRC, one row of sequence numbers and one clock,
 * whoever is passed on in it, and whatever is said in between. RFC 3550 §5.1, §7.1, §7.2
 */
import type { Millis } from "../grammar/millis.ts";
import { ReplayWindow } from "./replay-window.ts";
import type { Random32 } from "./rtp-sender.ts";

/** A packet of somebody that is to be passed on, as far as its numbers go. */
export interface PassedPacket {
  /** 32 bits. */
  readonly ssrc: number;
  /** 16 bits. */
  readonly sequence: number;
  /** 32 bits, in units of the clock. */
  readonly timestamp: number;
}

/** Somebody who is passed on, since he is, or since his numbers jumped. */
interface Run {
  readonly ssrc: number;
  /** Ours is his and so much more, modulo 2^16 and 2^32. */
  sequenceOffset: number;
  readonly timestampOffset: number;
  highest: number;
  newestTimestamp: number;
}

/** A jump by more than this is a new beginning. RFC 3550 A.1 */
const MAX_DROPOUT = 3000;
/** A clock that has gone so far astray, forwards or back, begins anew. */
const MAX_ASTRAY_MS = 10_000;
const FRAME_MS = 20;
/** Who has said nothing for so long was on hold, and has a clock that went on. */
const PAUSE_MS = 120;

/**
 * The numbers of one stream towards one side. After each call that returns true, `sequence`,
 * `timestamp` and `isFirst` are those of the packet to send. No number goes out twice, since SRTP
 * would encrypt two packets alike.
 */
export class SteadyStream {
  /** Ours, 32 bits. */
  readonly ssrc: number;
  /** Of the packet to send: 16 bits. */
  sequence: number;
  /** Of the packet to send: 32 bits. */
  timestamp: number;
  /** It is the first of somebody: sound begins. RFC 3551 §4.1 */
  isFirst = true;
  #run: Run | undefined;
  #window = new ReplayWindow();
  /** The highest number that went out, in a count without end; -1 before the first. */
  #highest: number;
  #newestTimestamp: number;
  #newestAt: Millis | undefined;
  /** Before anything went: when its clock was looked at first, and began to run by that. */
  #begunAt: Millis | undefined;
  #clockRate = 8000;

  //= RFC 3550 §5.1
  //# The initial value of the sequence number SHOULD be random (unpredictable)
  constructor(random: Random32, ssrc: number = random() >>> 0) {
    this.ssrc = ssrc;
    // The lower half: whoever counts rounds from the first packet (SRTP) is not at its end at once.
    this.sequence = random() & 0x7fff;
    this.timestamp = random() >>> 0;
    this.#highest = this.sequence;
    this.#newestTimestamp = this.timestamp;
  }

  /**
   * A packet of somebody is passed on, whose clock has this rate. False: it went already, or is too
   * old to be told.
   */
  pass(packet: PassedPacket, clockRate: number, now: Millis): boolean {
    const run = this.#runOf(packet, clockRate, now);
    this.isFirst = run !== this.#run;
    this.#run = run;
    const ahead = (packet.sequence - run.highest) & 0xffff;
    if (ahead > 0 && ahead < 0x8000) run.highest = packet.sequence;
    const sequence = (packet.sequence + run.sequenceOffset) & 0xffff;
    const index = this.#highest + (((sequence - this.#highest) << 16) >> 16);
    if (index < 0 || this.#window.isReplay(index)) return false;
    this.#window.add(index);
    this.sequence = sequence;
    this.timestamp = (packet.timestamp + run.timestampOffset) >>> 0;
    if (index >= this.#highest) {
      this.#highest = index;
      run.newestTimestamp = packet.timestamp;
      this.#newest(this.timestamp, clockRate, now);
    }
    return true;
  }

  /** A packet of somebody is not passed on: those after it follow without a gap. */
  drop(packet: PassedPacket): void {
    const run = this.#run;
    if (run?.ssrc !== packet.ssrc || packet.sequence !== ((run.highest + 1) & 0xffff)) return;
    run.highest = packet.sequence;
    run.sequenceOffset = (run.sequenceOffset - 1) & 0xffff;
  }

  /** The number at his side of one that went out; undefined where that is not known any more. */
  sequenceOf(sent: number): number | undefined {
    return this.#run && (sent - this.#run.sequenceOffset) & 0xffff;
  }

  /**
   * A packet of our own, `duration` units after the one before where these follow each other, or
   * where our clock is by now.
   */
  own(duration: number, clockRate: number, now: Millis): void {
    const sinceMs = now - (this.#newestAt ?? Number.NEGATIVE_INFINITY);
    const isFollowing = this.#run === undefined && sinceMs < PAUSE_MS;
    const at = isFollowing
      ? (this.#newestTimestamp + duration) >>> 0
      : this.#timestampNow(clockRate, now);
    this.isFirst = !isFollowing;
    this.#run = undefined;
    this.#say(at);
    this.#newest(at, clockRate, now);
  }

  /** Time goes by and nothing is sent. RFC 3550 §5.1 */
  skip(duration: number, now: Millis): void {
    if (this.#run !== undefined || this.#newestAt === undefined) return;
    this.#newestTimestamp = (this.#newestTimestamp + duration) >>> 0;
    this.#newestAt = now;
  }

  /** A packet of our own about a time that has been told; the clock stays, and so does the run. */
  insert(timestamp: number): void {
    this.isFirst = false;
    if (this.#run) this.#run.sequenceOffset = (this.#run.sequenceOffset + 1) & 0xffff;
    this.#say(timestamp);
  }

  /** What the clock of this rate says now. */
  timestampAt(now: Millis, clockRate: number = this.#clockRate): number {
    this.#begunAt ??= now;
    const elapsed = Math.max(0, now - (this.#newestAt ?? this.#begunAt));
    return (this.#newestTimestamp + Math.round((elapsed * clockRate) / 1000)) >>> 0;
  }

  #say(timestamp: number): void {
    this.#highest++;
    this.#window.add(this.#highest);
    this.sequence = this.#highest & 0xffff;
    this.timestamp = timestamp;
  }

  #newest(timestamp: number, clockRate: number, now: Millis): void {
    this.#newestTimestamp = timestamp;
    this.#newestAt = now;
    this.#clockRate = clockRate;
  }

  /** At least a frame after what was said last. */
  #timestampNow(clockRate: number, now: Millis): number {
    if (this.#newestAt === undefined) return this.timestampAt(now, clockRate);
    const elapsed = Math.max(FRAME_MS, now - this.#newestAt);
    return (this.#newestTimestamp + Math.round((elapsed * clockRate) / 1000)) >>> 0;
  }

  #runOf(packet: PassedPacket, clockRate: number, now: Millis): Run {
    const run = this.#run;
    if (run?.ssrc === packet.ssrc && clockRate === this.#clockRate) {
      const ahead = ((packet.sequence - run.highest) << 16) >> 16;
      const astray = (packet.timestamp - run.newestTimestamp) | 0;
      const isNear = Math.abs(astray) < (MAX_ASTRAY_MS * clockRate) / 1000;
      if (Math.abs(ahead) < MAX_DROPOUT && (isNear || this.#hasRested(now))) return run;
    }
    const at = this.#timestampNow(clockRate, now);
    return {
      ssrc: packet.ssrc,
      sequenceOffset: ((this.#highest + 1) & 0xffff) - packet.sequence,
      timestampOffset: at - packet.timestamp,
      highest: (packet.sequence - 1) & 0xffff,
      newestTimestamp: packet.timestamp,
    };
  }

  /** After a long silence his clock may well be far on. */
  #hasRested(now: Millis): boolean {
    return this.#newestAt !== undefined && now - this.#newestAt > MAX_ASTRAY_MS / 2;
  }
}
