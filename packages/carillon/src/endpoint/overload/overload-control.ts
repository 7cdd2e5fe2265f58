/**
 * Too much to do: whole new calls are turned away, early and cheaply, so that those that came in
 * are served in time. What belongs to a call, or to anything else that is under way, always goes
 * through.
 *
 * How long a message has waited decides, with a fraction that is always the same for the request,
 * so that as many are turned away as have to be. Nothing waits here, and nothing is random.
 */

import { type Millis, NEVER } from "../../grammar/millis.ts";
import type { Octets } from "../../grammar/octets.ts";
import { type Flow, isReliable } from "../../transport/flow.ts";
import type { Admission, AdmissionWorld, Verdict } from "./admission.ts";
import { Feedback } from "./feedback.ts";
import { LetIn } from "./let-in.ts";
import { OwnLoad } from "./own-load.ts";
import { type Peeked, peek } from "./peek.ts";
import { QueueDelay } from "./queue-delay.ts";
import { ToldBefore } from "./told-before.ts";
import { topVia } from "./top-via.ts";
import { type RetryAfter, TurnedAway } from "./turned-away.ts";

/** When to begin, and whom to let in all the same. All of it may be left out. */
export interface OverloadOptions extends Partial<RetryAfter> {
  /** What waits for less than this, in ms, is in time; 50 if left out. */
  readonly targetMs?: Millis;
  /** REGISTERs that are let in each second whatever there is to do; 100 if left out. */
  readonly registrationsPerSecond?: number;
  /**
   * Whether somebody we know is there. They are turned away only when all strangers are, and when
   * it is their own requests that are too many.
   */
  readonly knows?: (flow: Flow, now: Millis) => boolean;
}

/** What came of it, as plain numbers: since the start, but for the first three. */
export interface OverloadCensus {
  /** New requests are being turned away. */
  readonly isOverloaded: boolean;
  /** How long the last message had waited, in ms. */
  readonly delayMs: Millis;
  /** The longest of the last ten to twenty seconds. */
  readonly longestDelayMs: Millis;
  /** Calls that got a 503. */
  readonly calls: number;
  /** REGISTERs that did. */
  readonly registrations: number;
  /** Other requests outside of dialogs that did. */
  readonly others: number;
  /** Requests that had waited for longer than T1 and were not answered: they come again. */
  readonly late: number;
  /** Servers that asked to be told, and which part they are to keep back, 0 to 1. RFC 7339. */
  readonly peers: { readonly told: number; readonly share: number };
}

/** An admission that can say what it does. */
export interface OverloadControl extends Admission {
  /** What came of it, at this time of the endpoint. */
  census(now: Millis): OverloadCensus;
}

/** Stands before an endpoint that may get more than it can do. Throws a RangeError on options. */
export const overloadControl = (options: OverloadOptions = {}): OverloadControl =>
  new Control(options);

/** RFC 3261 §17.1.1.1: whoever has waited for so long over UDP has said it again. */
const T1_MS: Millis = 500;
const [LASTS_MS, CALM_MS] = [100, 2000];
const [TARGET_MS, REGISTRATIONS, LEAST_S, MOST_S] = [50, 100, 5, 15];

/** Kinds of requests that may be turned away, and from which part of the target on. */
const FROM: Readonly<Record<Kind, number>> = { other: 0.6, registration: 0.6, call: 1, urgent: 10 };
/** And at how many times that nobody of the kind comes in any more. */
const TO = 2;

/** What those whom we know, and other servers, may wait, of what a stranger may. */
const [KNOWN, PEER] = [2, 2];

type Kind = "call" | "registration" | "other" | "urgent";

class Control implements OverloadControl {
  readonly #targetMs: Millis;
  readonly #retry: RetryAfter;
  readonly #delay: QueueDelay;
  readonly #ownLoad: OwnLoad;
  readonly #registrations: Bucket;
  readonly #knows: (flow: Flow, now: Millis) => boolean;
  readonly #counts = { calls: 0, registrations: 0, others: 0, late: 0 };
  readonly #feedback = new Feedback();
  #world: AdmissionWorld | undefined;
  #told: ToldBefore = new ToldBefore({ mark: 0, tag: 0 });
  #letIn: LetIn = new LetIn(this.#told);
  #turnedAway: TurnedAway | undefined;
  /** What all To tags of our 503s begin with. */
  #tagStart = "";

  constructor(options: OverloadOptions) {
    const { targetMs = TARGET_MS, registrationsPerSecond = REGISTRATIONS } = options;
    const { leastSeconds = LEAST_S, mostSeconds = Math.max(MOST_S, leastSeconds) } = options;
    if (!(targetMs > 0) || !(registrationsPerSecond >= 0) || !(leastSeconds <= mostSeconds)) {
      throw new RangeError("a target over 0 ms, a rate, and the least before the most seconds");
    }
    this.#targetMs = targetMs;
    this.#knows = options.knows ?? (() => false);
    this.#retry = { leastSeconds, mostSeconds };
    const whenMs = { targetMs: targetMs * FROM.other, hardMs: 4 * targetMs };
    this.#delay = new QueueDelay({ ...whenMs, lastsMs: LASTS_MS, calmMs: CALM_MS });
    this.#ownLoad = new OwnLoad(KNOWN * targetMs);
    this.#registrations = new Bucket(registrationsPerSecond);
  }

  attach(world: AdmissionWorld): void {
    this.#world = world;
    this.#tagStart = `busy-${world.mac("the tags of those who are turned away")}-`;
    const secret = world.mac("who was turned away");
    const [mark, tag] = [secret.slice(0, 8), secret.slice(8)].map((hex) =>
      Number.parseInt(hex, 16),
    );
    this.#told = new ToldBefore({ mark: mark ?? 0, tag: tag ?? 0 });
    this.#letIn = new LetIn(this.#told);
    this.#turnedAway = new TurnedAway(this.#tagStart, this.#retry);
  }

  judge(octets: Octets, flow: Flow, waitedMs: Millis, now: Millis): Verdict {
    const verdict = this.#judged(octets, flow, waitedMs, now);
    if (verdict === "go" && isInvite(octets)) this.#letIn.note(octets, now);
    return verdict;
  }

  #judged(octets: Octets, flow: Flow, waitedMs: Millis, now: Millis): Verdict {
    this.#ownLoad.note(waitedMs, now);
    if (!this.#delay.note(waitedMs, now)) return "go";
    const code = octets.charCodeAt(0);
    // Of an answer to what was sent, of the end of a call: nothing of it is new.
    if (code === LETTER_S && octets.startsWith("SIP/")) return "go";
    if (code === LETTER_A && octets.startsWith("ACK ")) return this.#acknowledged(octets);
    if (code === LETTER_B || code === LETTER_C || code === LETTER_P) {
      if (/^(?:BYE|CANCEL|PRACK) /.test(octets.slice(0, 8))) return "go";
    }
    const peeked = peek(octets);
    if (!peeked || peeked.hasToTag) return "go";
    return this.#newcomer(octets, peeked, flow, waitedMs, now);
  }

  leaving(response: Octets, flow: Flow, now: Millis): Octets {
    if (!response.startsWith("SIP/")) return response;
    return this.#feedback.leaving(response, flow, this.#delay.isOverloaded(now), now);
  }

  census(now: Millis): OverloadCensus {
    const delay = this.#delay;
    const [delayMs, longestDelayMs] = [delay.latestMs, delay.longestMs(now)];
    const peers = { told: this.#feedback.size, share: this.#feedback.share };
    const isOverloaded = delay.isOverloaded(now);
    return { isOverloaded, delayMs, longestDelayMs, ...this.#counts, peers };
  }

  //= RFC 3261 §8.2.7
  //# A stateless UAS MUST ignore ACK requests.
  /** The ACK of our own 503 is known by its tag, and read by nobody. */
  #acknowledged(octets: Octets): Verdict {
    return octets.includes(this.#tagStart) ? "drop" : "go";
  }

  #newcomer(octets: Octets, peeked: Peeked, flow: Flow, waitedMs: Millis, now: Millis): Verdict {
    const kind = kindOf(peeked);
    const { start, end } = peeked.via;
    const whole = this.#told.markOf(octets, start, end);
    const { mark } = whole;
    const wasTold = this.#told.has(mark, now);
    const isPeer = this.#feedback.isPeer(flow);
    if (isPeer) this.#feedback.heard(flow, this.#excess(kind, peeked, waitedMs), now);
    const isOurs = this.#knows(flow, now);
    const countedMs = waitedMs / this.#patience(isOurs, isPeer);
    if (!wasTold && this.#excess(kind, peeked, countedMs) <= fraction(mark)) {
      if (isOurs) this.#ownLoad.letIn(now);
      return "go";
    }
    const via = topVia(octets, peeked, flow);
    if (!via || !this.#world || !this.#turnedAway) return "go";
    if (!wasTold) {
      // Of a call that came in: what is said again belongs to it.
      const mayRepeat = kind !== "call" || !via.hasCookie || this.#letIn.mayHave(mark, now);
      if (mayRepeat && this.#world.isKnown(octets, peeked.method, via, flow)) return "go";
      if (kind === "registration" && this.#registrations.take(now)) return "go";
    }
    if (waitedMs > T1_MS && !isReliable(flow)) {
      this.#counts.late++;
      return "drop";
    }
    // Without a cookie a branch is nothing that could be known again.
    if (via.hasCookie) this.#told.add(mark, now);
    this.#count(kind);
    const answer = this.#turnedAway.answer(octets, peeked, via, whole);
    if (!via.mayAsk) return answer;
    return { ...answer, octets: this.leaving(answer.octets, answer.flow, now) };
  }

  /** Which part of a kind is too much, by how long this one waited: from 0 up to 1. */
  #excess(kind: Kind, { hasCredentials }: Peeked, waitedMs: Millis): number {
    // Whoever has been asked who they are was let in once, and is to get to the end.
    const from = this.#targetMs * (hasCredentials && kind !== "urgent" ? FROM.call : FROM[kind]);
    return Math.min(1, Math.max(0, (waitedMs - from) / (from * (TO - 1))));
  }

  /** How many times as long as a stranger's its requests may wait. */
  #patience(isOurs: boolean, isPeer: boolean): number {
    // What strangers flood us with must not shut out those who live here.
    if (isOurs) return this.#ownLoad.isTooMuch ? KNOWN : NEVER;
    // Who keeps back what they are asked to is asked before it is turned away here.
    return isPeer ? PEER : 1;
  }

  #count(kind: Kind): void {
    if (kind === "registration") this.#counts.registrations++;
    else if (kind === "other") this.#counts.others++;
    else this.#counts.calls++;
  }
}

/** Always the same for a request: from 0 up to 1. */
const fraction = (mark: number): number => (mark >>> 8) / 2 ** 24;

/** Also where it may be one behind empty lines. */
const isInvite = (octets: Octets): boolean =>
  octets.startsWith("INVITE ") || octets.charCodeAt(0) === CR;

function kindOf({ method, isUrgent }: Peeked): Kind {
  if (isUrgent) return "urgent";
  if (method === "INVITE") return "call";
  return method === "REGISTER" ? "registration" : "other";
}

/** So many a second, and as many at once. */
class Bucket {
  readonly #perSecond: number;
  #left: number;
  #at: Millis = 0;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#left = perSecond;
  }

  take(now: Millis): boolean {
    const more = ((now - this.#at) * this.#perSecond) / 1000;
    this.#left = Math.min(Math.max(1, this.#perSecond), this.#left + more);
    this.#at = now;
    if (this.#perSecond === 0 || this.#left < 1) return false;
    this.#left--;
    return true;
  }
}

const CR = 0x0d;
const [LETTER_A, LETTER_B, LETTER_C, LETTER_P, LETTER_S] = [0x41, 0x42, 0x43, 0x50, 0x53];
