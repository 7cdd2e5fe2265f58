/**
 * What is known of somebody whose packets come: whether they make sense, and what their receiver
 * reports say. RFC 3550 A.1, A.3, A.8.
 */
import type { ReportBlock } from "./rtcp.ts";

/** Of A.1. A source counts once two packets came in order. */
const MIN_SEQUENTIAL = 2;
const MAX_DROPOUT = 3000;
const MAX_MISORDER = 100;
const CYCLE = 0x1_0000;

/**
 * What is known of one sender of RTP, by its SSRC: whether its packets make sense, and what our
 * reports say of it. RFC 3550 A.1, A.3, A.8
 */
export class ReceivedSource {
  /** 32 bits. */
  readonly ssrc: number;
  #probation: number;
  #maxSequence: number;
  /** 65536 times how often the numbers went round. */
  #cycles = 0;
  #baseSequence: number;
  /** After a jump: the number that would show that it was meant. */
  #badSequence = -1;
  #received = 0;
  #expectedBefore = 0;
  #receivedBefore = 0;
  #transit: number | undefined;
  #jitter = 0;

  /** `probation`: how many packets in order it takes; 0 where they are known to be genuine. */
  constructor(ssrc: number, sequence: number, probation: number = MIN_SEQUENTIAL) {
    this.ssrc = ssrc;
    this.#probation = probation;
    this.#maxSequence = (sequence - (probation > 0 ? 1 : 0)) & 0xffff;
    this.#baseSequence = sequence;
  }

  /** True once its packets count. */
  get isValid(): boolean {
    return this.#probation === 0;
  }

  /** With how often the numbers went round. */
  get highestSequence(): number {
    return this.#cycles + this.#maxSequence;
  }

  /** Interarrival jitter in timestamp units, with a fraction. RFC 3550 §6.4.1 */
  get jitter(): number {
    return this.#jitter;
  }

  /** Packets that counted, duplicates among them, since it began or began anew. */
  get received(): number {
    return this.#received;
  }

  /** Packets that were expected and did not come; less than none where some came twice. */
  get lost(): number {
    return this.#received === 0 ? 0 : this.#expected - this.#received;
  }

  get #expected(): number {
    return this.highestSequence - this.#baseSequence + 1;
  }

  /**
   * A packet's number in a count without end, or undefined where it is not to be heard. `arrival`
   * is when it came, in timestamp units.
   */
  take(sequence: number, timestamp: number, arrival: number): number | undefined {
    if (!this.#update(sequence)) return undefined;
    this.#measure(timestamp, arrival);
    const number = this.#cycles + sequence;
    // What is behind by more than half a round came before the round did.
    return sequence - this.#maxSequence > CYCLE / 2 ? number - CYCLE : number;
  }

  #update(sequence: number): boolean {
    if (this.#probation > 0) return this.#probe(sequence);
    const delta = (sequence - this.#maxSequence) & 0xffff;
    if (delta < MAX_DROPOUT) {
      if (sequence < this.#maxSequence) this.#cycles += CYCLE;
      this.#maxSequence = sequence;
    } else if (delta <= CYCLE - MAX_MISORDER) {
      if (sequence !== this.#badSequence) {
        this.#badSequence = (sequence + 1) & 0xffff;
        return false;
      }
      // Two in order after a jump: the other side has begun anew.
      this.#restart(sequence);
    }
    this.#received++;
    return true;
  }

  #probe(sequence: number): boolean {
    if (sequence === ((this.#maxSequence + 1) & 0xffff)) {
      this.#probation--;
      this.#maxSequence = sequence;
      if (this.#probation > 0) return false;
      this.#restart(sequence);
      this.#received++;
      return true;
    }
    this.#probation = MIN_SEQUENTIAL - 1;
    this.#maxSequence = sequence;
    return false;
  }

  /** Numbers go on by a round, so that what counts them does not go back. */
  #restart(sequence: number): void {
    if (this.#received > 0) this.#cycles += CYCLE;
    this.#baseSequence = this.#cycles + sequence;
    this.#maxSequence = sequence;
    this.#badSequence = -1;
    this.#received = 0;
    this.#receivedBefore = 0;
    this.#expectedBefore = 0;
    this.#transit = undefined;
  }

  //= RFC 3550 §6.4.1
  //# The jitter calculation MUST conform to the formula specified here in order to allow
  //# profile-independent monitors to make valid interpretations of reports coming from different
  //# implementations.
  #measure(timestamp: number, arrival: number): void {
    const transit = (arrival - timestamp) | 0;
    const difference = this.#transit === undefined ? 0 : Math.abs((transit - this.#transit) | 0);
    this.#transit = transit;
    this.#jitter += (difference - this.#jitter) / 16;
  }

  /** What a report says of it; the next one begins from here. A.3 */
  report(lastReport: number, delaySinceReport: number): ReportBlock {
    const expected = this.#expected - this.#expectedBefore;
    const lost = expected - (this.#received - this.#receivedBefore);
    this.#expectedBefore = this.#expected;
    this.#receivedBefore = this.#received;
    return {
      ssrc: this.ssrc,
      fractionLost:
        expected <= 0 || lost <= 0 ? 0 : Math.min(255, Math.floor((lost << 8) / expected)),
      cumulativeLost: Math.max(-0x80_0000, Math.min(0x7f_ffff, this.lost)),
      highestSequence: this.highestSequence >>> 0,
      jitter: Math.floor(this.#jitter),
      lastReport,
      delaySinceReport,
    };
  }
}
