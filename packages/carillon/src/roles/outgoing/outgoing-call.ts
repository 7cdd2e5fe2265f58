/**
 * A call that somebody here makes, from its INVITE on: what it counts as, and for how long. One
 * call is one leg, however many branches it has; each further answer of a fork is one more.
 */
import type { Endpoint } from "../../endpoint/endpoint.ts";
import type { Incoming } from "../../endpoint/incoming.ts";
import type { Millis } from "../../grammar/millis.ts";
import { flat, type Octets } from "../../grammar/octets.ts";
import { parseSessionExpires } from "../../message/header/session-expires.ts";
import { header } from "../../message/headers.ts";
import type { Response } from "../../message/message.ts";
import type { SipUri } from "../../uri/sip-uri.ts";
import type { OwnRequests } from "../own-requests.ts";
import type { Listener, Received } from "../received.ts";
import type { OutgoingStore, SavedLeg } from "./kept-calls.ts";
import type { Ledger, OutgoingLimits } from "./ledger.ts";
import { type HangUp, type LegUser, OutgoingLeg } from "./outgoing-leg.ts";
import { TwoDialogs } from "./two-dialogs.ts";

/** What a call needs of whoever has all of them. */
export interface CallingParts {
  readonly endpoint: Endpoint;
  readonly own: OwnRequests;
  readonly ledger: Ledger;
  /** Where legs out of the house are kept; nowhere if left out. */
  readonly store: OutgoingStore | undefined;
  limits(account: string): OutgoingLimits;
  /** Why this account may not call this address; undefined: it may. */
  objection(account: string, uri: SipUri): string | undefined;
  /** Whether this user part of a Record-Route is one of ours. */
  isOurs(user: string): boolean;
  /** This account's legs are others than before. */
  counted(account: string): void;
  /** It counts from now on. */
  begun(call: OutgoingCall): void;
  /** Nothing is left of it. */
  over(call: OutgoingCall): void;
}

/** A dialog that a part of this server has with the other side, in place of the caller. */
export interface HeldLeg {
  /** The other side talks. */
  answered(): void;
  /** That dialog is over, or never came to be. */
  over(): void;
}

/** What a bridge needs of the call whose branch it takes. */
export interface Counted {
  /** This branch's other side is the bridge's to tell of. `hangUp` is called when it has to end. */
  hold(hangUp: HangUp): HeldLeg;
}

/** By so much the numbers of one side's requests may jump: RFC 3261 §12.2.1.1 has one. */
const MAX_JUMP = 10_000;
/** A call with a higher one leaves too few for a BYE of ours. RFC 3261 §8.1.1.5 has 2^31 - 1. */
const MAX_FIRST_SEQ = 2 ** 31 - 2 ** 24;
/** So many dialogs of one INVITE are told apart: one more is not counted for itself. */
const MAX_LEGS = 32;

/** By what it is known. */
interface Whose {
  readonly account: string;
  readonly callId: Octets;
  readonly callerTag: Octets;
  /** The CSeq number of the caller's last request. */
  readonly seq: number;
}

export class OutgoingCall implements LegUser, Counted {
  readonly account: string;
  readonly callId: Octets;
  readonly callerTag: Octets;
  where: "outside" | "inside" = "inside";
  /** Takes the INVITE back; known once it has been taken on. */
  cancel: () => void = () => {};
  readonly legs: OutgoingLeg[] = [];
  readonly #parts: CallingParts;
  #from: Incoming | undefined;
  #seq: number;
  #hasAnswer = false;
  #isAbandoned = false;

  private constructor(parts: CallingParts, whose: Whose) {
    this.#parts = parts;
    this.account = whose.account;
    this.callId = flat(whose.callId);
    this.callerTag = flat(whose.callerTag);
    this.#seq = whose.seq;
  }

  /** It may become one. */
  static of(parts: CallingParts, from: Incoming, account: string): OutgoingCall {
    const { callId, fromTag: callerTag, cseq } = from.essentials;
    const call = new OutgoingCall(parts, { account, callId, callerTag, seq: cseq.number });
    call.#from = from;
    return call;
  }

  /** One leg of one that an earlier run let out; it is in the book by now. */
  static resume(parts: CallingParts, saved: SavedLeg): OutgoingCall {
    const call = new OutgoingCall(parts, saved);
    call.where = "outside";
    call.#hasAnswer = true;
    parts.begun(call);
    call.legs.push(new OutgoingLeg(parts, call, saved));
    return call;
  }

  /** The highest CSeq number of the caller. */
  get seq(): number {
    return this.#seq;
  }

  /** Whether it may go to somebody here; then it counts. In words, why not. */
  stay(): string | undefined {
    if (this.legs.length > 0) return undefined;
    const objection = this.#parts.ledger.insideObjection(this.account);
    if (objection === undefined) this.#begin("inside");
    return objection;
  }

  /** Whether it may go there, out of the house; then it counts. In words, why not. */
  leave(uri: SipUri): string | undefined {
    const { ledger, endpoint } = this.#parts;
    const objection = this.objection(uri);
    if (objection !== undefined || this.where === "outside") return objection;
    const [leg] = this.legs;
    if (!leg) this.#begin("outside");
    else {
      ledger.free(this.account, "inside", false, endpoint.now);
      this.where = "outside";
      ledger.take(this.account, "outside", endpoint.now);
      leg.save();
      leg.schedule();
    }
    return undefined;
  }

  /** The same without going. */
  objection(uri: SipUri): string | undefined {
    const { ledger, endpoint } = this.#parts;
    const objection = this.#parts.objection(this.account, uri) ?? this.#unreadable();
    if (objection !== undefined || this.where === "outside") return objection;
    return ledger.objection(this.account, endpoint.now);
  }

  /** A leg that this server could not end is none that it lets begin. */
  #unreadable(): string | undefined {
    if (this.#seq > MAX_FIRST_SEQ) return "its CSeq number leaves none for the rest of the call";
    return this.#from && TwoDialogs.objection(this.#from);
  }

  /** Whether a request of the caller's may have this number; then it is noted down. */
  follows(seq: number): boolean {
    if (seq > this.#seq + MAX_JUMP) return false;
    this.#seq = Math.max(this.#seq, seq);
    for (const leg of this.legs) {
      leg.dialogs?.numbered(this.#seq);
      leg.save();
    }
    return true;
  }

  #begin(where: "outside" | "inside"): void {
    const { ledger, endpoint } = this.#parts;
    this.where = where;
    ledger.take(this.account, where, endpoint.now);
    this.#parts.begun(this);
    this.legs.push(new OutgoingLeg(this.#parts, this));
  }

  // ---- what becomes of the INVITE --------------------------------------------------------------

  /** Hears of each response to the caller, every 2xx among them. */
  readonly heard: Listener = (status, received) => {
    if (status < 200) return;
    const isFirst = !this.#hasAnswer;
    this.#hasAnswer = true;
    if (status >= 300) this.#refused();
    else if (received && !received.isOwn) this.#answered(received);
    // Others of its forks may answer, too, and what they say is read beside it.
    const isDone = status >= 300 || received?.isOwn === true || this.where === "inside";
    if (isFirst && isDone) this.#from = undefined;
  };

  #refused(): void {
    for (const leg of this.legs.filter(({ isOpen }) => isOpen)) over(leg);
  }

  #answered(received: Received): void {
    const { essentials, response, flow } = received;
    const tag = flat(essentials.toTag);
    if (this.legs.some((one) => one.tag === tag)) return;
    const leg = this.legs.find(({ isOpen }) => isOpen) ?? this.#fork();
    if (!leg) return;
    leg.tag = tag;
    // What the same branch says later comes from the same server.
    leg.farHost = flow?.remote.host ?? this.legs[0]?.farHost;
    const from = this.#from;
    if (from && this.where === "outside") {
      leg.dialogs = TwoDialogs.of(from, received, (user) => this.#parts.isOurs(user));
      leg.dialogs?.numbered(this.#seq);
    }
    leg.answered(sessionMsOf(response), from?.flow);
  }

  /** One answer more; or one of a call that was given up, which ends at once. */
  #fork(): OutgoingLeg | undefined {
    const { ledger, endpoint } = this.#parts;
    if (this.legs.length >= MAX_LEGS) return undefined;
    ledger.take(this.account, this.where, endpoint.now, false);
    if (this.legs.length === 0) this.#parts.begun(this);
    const leg = new OutgoingLeg(this.#parts, this);
    this.legs.push(leg);
    if (this.#isAbandoned) leg.step({ kind: "Exhausted" });
    return leg;
  }

  // ---- Counted ---------------------------------------------------------------------------------

  hold(hangUp: HangUp): HeldLeg {
    const leg = this.legs.find(({ isOpen }) => isOpen) ?? this.#fork();
    leg?.hold(hangUp);
    let isOver = false;
    return {
      answered: () => leg?.answered(undefined),
      over: () => {
        if (isOver) return;
        isOver = true;
        leg?.hold(undefined);
        // The INVITE may still go another way; if not, that was it.
        if (!this.#hasAnswer) return;
        if (leg) over(leg);
      },
    };
  }

  // ---- LegUser ---------------------------------------------------------------------------------

  gone(leg: OutgoingLeg): void {
    const at = this.legs.indexOf(leg);
    if (at >= 0) this.legs.splice(at, 1);
    if (!this.#hasAnswer) this.#isAbandoned = true;
    if (this.legs.length === 0) this.#parts.over(this);
  }
}

/** Whether it was answered before or not. */
function over(leg: OutgoingLeg): void {
  leg.step({ kind: "Refused" });
  leg.step({ kind: "Parted" });
}

/** Of a 2xx, in ms; undefined where its session does not expire. RFC 4028 §4. */
export function sessionMsOf(response: Response): Millis | undefined {
  const text = header(response, "Session-Expires");
  const parsed = text === undefined ? undefined : parseSessionExpires(text);
  return parsed?.ok ? 1000 * parsed.value.seconds : undefined;
}
