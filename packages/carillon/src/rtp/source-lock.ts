/**
 * Whose packets count, and where packets go: nobody's but those of whom a description names, or,
 * behind a NAT, of who was first to show that he is there. Once that is settled it stays so until
 * there is another description. Without it whoever finds a port hears a call and speaks in it ("RTP
 * bleed": CVE-2017-14099, CVE-2025-53399). RFC 3550 §8.2, RFC 4961, RFC 7362
 */
import type { Millis } from "../grammar/millis.ts";
import { type Address, sameHost } from "../uri/host.ts";

/** What is expected from now on, as the descriptions agreed on it. */
export interface ExpectedSource {
  /** Where the other side receives, and with symmetric RTP sends from; undefined: nowhere. */
  readonly remote: Address | undefined;
  /** The address in the description cannot be believed: learn it from what comes. */
  readonly isBehindNat: boolean;
  /** Where else the other side may well be: the address that its SIP comes from. */
  readonly likelyHosts?: readonly string[];
  /** How many sources it may have at once: 1 for sound; 1 if left out. */
  readonly sources?: number;
}

/** A stranger has to send so many in order, of one SSRC, before anything goes to him. */
const STRANGERS_PACKETS = 5;
/** Who is at a likely host, or has just changed his SSRC, as RFC 3550 A.1 has it. */
const LIKELY_PACKETS = 2;
/** Within which they have to come. */
const LEARNING_MS = 3000;
/** A flood from many addresses pushes out candidates, and not memory. */
const MAX_CANDIDATES = 8;
/** So long a source has to be silent before another one takes its place. */
const QUIET_MS = 100;
/** RFC 3550 A.1 */
const MAX_DROPOUT = 3000;
const MAX_MISORDER = 100;

interface Candidate {
  readonly from: Address;
  readonly ssrc: number;
  sequence: number;
  inOrder: number;
  readonly since: Millis;
}

interface Source {
  readonly ssrc: number;
  highest: number;
  /** After a jump: the number that would show that it was meant. */
  next: number;
  lastAt: Millis;
}

/** A packet, as far as it says who sends it. */
export interface Arrival {
  /** Where it came from. */
  readonly from: Address;
  /** Of its header, 32 bits. */
  readonly ssrc: number;
  /** Of its header, 16 bits. */
  readonly sequence: number;
  /** It was encrypted, and its tag was right: that says more than where it came from. */
  readonly isAuthentic: boolean;
}

/**
 * Judges each packet of one stream by where it came from, its SSRC and its sequence number, in this
 * order: `isPossible` before it is decrypted, `take` after. Nothing is learnt from a packet that is
 * not authentic where packets are encrypted.
 */
export class SourceLock {
  #expected: ExpectedSource = { remote: undefined, isBehindNat: false };
  #locked: Address | undefined;
  #lockedAt: Millis = 0;
  /** Until then a NAT's other address is believed, though one is locked. */
  #openUntil: Millis = 0;
  #candidates: Candidate[] = [];
  #sources: Source[] = [];
  /** Who was heard before the present one: he may come back at once. */
  #before: Source | undefined;
  /** A source that may take the place of one that has fallen silent. */
  #newcomer: Candidate | undefined;

  /**
   * What the descriptions say now. Where that is the same address it goes on being locked; only a
   * NAT may have moved it meanwhile, and is followed where nothing comes the old way any more.
   */
  expect(expected: ExpectedSource, now: Millis): void {
    const { remote } = this.#expected;
    this.#expected = expected;
    this.#candidates = [];
    this.#newcomer = undefined;
    if (!isSame(remote, expected.remote)) this.#locked = undefined;
    this.#openUntil = this.#locked ? now + LEARNING_MS : 0;
  }

  /** Where packets of ours go; undefined: nowhere. */
  get target(): Address | undefined {
    const { remote, isBehindNat } = this.#expected;
    return remote && isBehindNat ? (this.#locked ?? remote) : remote;
  }

  /** Who is listened to, once that is settled. */
  get locked(): Address | undefined {
    return this.#locked;
  }

  /** Whether a packet from there may be of this stream at all. */
  isPossible(from: Address, now: Millis): boolean {
    if (isSame(this.#locked, from) || this.#isDescribed(from, now)) return true;
    const { remote, isBehindNat } = this.#expected;
    if (this.#locked) return isBehindNat && now < this.#openUntil && this.#isQuiet(now);
    return remote !== undefined && (isBehindNat || sameHost(remote.host, from.host));
  }

  /** A packet that `isPossible`: whether it is of this stream. */
  take(arrival: Arrival, now: Millis): boolean {
    if (isSame(this.#locked, arrival.from)) return this.#takeSource(arrival, now);
    const isProven = arrival.isAuthentic || isSame(arrival.from, this.#expected.remote);
    if (!isProven && !this.#prove(arrival, now)) return false;
    this.#locked = copyOf(arrival.from);
    this.#lockedAt = now;
    this.#candidates = [];
    return this.#takeSource(arrival, now) || this.#begin(sourceOf(arrival, now));
  }

  /** True once it has shown enough: it is taken, and all others are not. */
  #prove(arrival: Arrival, now: Millis): boolean {
    const { from, ssrc } = arrival;
    const known = this.#candidates.find((each) => each.ssrc === ssrc && isSame(each.from, from));
    const candidate = followed(known, arrival, now);
    if (candidate !== known) {
      this.#candidates = this.#candidates.filter((each) => each !== known);
      this.#candidates.push(candidate);
      if (this.#candidates.length > MAX_CANDIDATES) this.#candidates.shift();
    }
    return candidate.inOrder >= (this.#isLikely(from) ? LIKELY_PACKETS : STRANGERS_PACKETS);
  }

  /**
   * The very address of the description is listened to, though another one was quicker. Behind a
   * NAT only at first, and where the other is silent: who forges it could end a call by that.
   */
  #isDescribed(from: Address, now: Millis): boolean {
    const { remote, isBehindNat } = this.#expected;
    if (!isSame(from, remote)) return false;
    return !isBehindNat || now - this.#lockedAt < LEARNING_MS || this.#isQuiet(now);
  }

  #isQuiet(now: Millis): boolean {
    return this.#sources.every(({ lastAt }) => now - lastAt >= QUIET_MS);
  }

  #isLikely({ host }: Address): boolean {
    const { remote, likelyHosts = [] } = this.#expected;
    return (
      (remote !== undefined && sameHost(remote.host, host)) ||
      likelyHosts.some((each) => sameHost(each, host))
    );
  }

  #takeSource(arrival: Arrival, now: Millis): boolean {
    for (const source of this.#sources) {
      if (source.ssrc === arrival.ssrc) return follows(source, arrival, now);
    }
    const before = this.#before;
    if (before?.ssrc === arrival.ssrc && follows(before, arrival, now)) return this.#begin(before);
    return this.#mayBegin(arrival, now) && this.#begin(sourceOf(arrival, now));
  }

  /** A transfer behind a PBX: another SSRC from the same address, once the old one is quiet. */
  #mayBegin(arrival: Arrival, now: Millis): boolean {
    const { sources = 1 } = this.#expected;
    const isRoom = this.#sources.length < sources;
    if (!isRoom && !this.#sources.some(({ lastAt }) => now - lastAt >= QUIET_MS)) return false;
    if (arrival.isAuthentic) return true;
    const known = this.#newcomer?.ssrc === arrival.ssrc ? this.#newcomer : undefined;
    this.#newcomer = followed(known, arrival, now);
    return this.#newcomer.inOrder >= LIKELY_PACKETS;
  }

  #begin(source: Source): true {
    const { sources = 1 } = this.#expected;
    this.#newcomer = undefined;
    if (this.#before === source) this.#before = undefined;
    if (this.#sources.length >= sources) {
      this.#sources.sort((a, b) => b.lastAt - a.lastAt);
      this.#before = this.#sources[sources - 1];
      this.#sources.length = sources - 1;
    }
    this.#sources.push(source);
    return true;
  }
}

/** The candidate with one packet more, or from the beginning where it is not the next one. */
function followed(known: Candidate | undefined, arrival: Arrival, now: Millis): Candidate {
  const { from, ssrc, sequence } = arrival;
  const isNext = known !== undefined && sequence === ((known.sequence + 1) & 0xffff);
  if (!known || !isNext || now - known.since > LEARNING_MS) {
    return { from: copyOf(from), ssrc, sequence, inOrder: 1, since: now };
  }
  known.sequence = sequence;
  known.inOrder++;
  return known;
}

/** Within the window of RFC 3550 A.1, or the second in order after a jump; or authentic. */
function follows(source: Source, { sequence, isAuthentic }: Arrival, now: Millis): boolean {
  const ahead = (sequence - source.highest) & 0xffff;
  const isJump = ahead >= MAX_DROPOUT && ahead <= 0x1_0000 - MAX_MISORDER;
  if (isJump && !isAuthentic && sequence !== source.next) {
    source.next = (sequence + 1) & 0xffff;
    return false;
  }
  if (isJump || ahead < MAX_DROPOUT) source.highest = sequence;
  source.lastAt = now;
  return true;
}

const sourceOf = ({ ssrc, sequence }: Arrival, now: Millis): Source => ({
  ...{ ssrc, highest: sequence, next: -1, lastAt: now },
});

const isSame = (one: Address | undefined, other: Address | undefined): boolean =>
  one === other ||
  (one !== undefined && one.port === other?.port && sameHost(one.host, other.host));

/** The giver may use his again for the next packet. */
const copyOf = ({ host, port }: Address): Address => ({ host, port });
