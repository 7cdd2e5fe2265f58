/**
 * One leg of a call that leaves the house, as long as it counts: from its INVITE until its other
 * side has said that it is over, and no earlier. Whoever called may say so, too, and lie.
 *
 * What is in doubt, and what has lasted for too long, is ended by a BYE of the server's own. So a
 * leg that counts no more is a leg that is not there any more, and none counts for ever.
 */
import { type Millis, NEVER } from "../../transaction/timers.ts";

/** Its INVITE is on its way. */
export interface Calling {
  /** Our word: no RFC names these states. */
  readonly name: "Calling";
  /** How long it may be so. */
  readonly timerCalling: Millis;
}
/** It is being taken back. */
export interface Cancelling {
  /** Our word: no RFC names these states. */
  readonly name: "Cancelling";
  /** When it is given up: RFC 3261 §9.1 gives its final response 64*T1. */
  readonly timerCancelling: Millis;
}
/** It has been answered. */
export interface Talking {
  /** Our word: no RFC names these states. */
  readonly name: "Talking";
  /** However it goes on, it ends then. */
  readonly timerLongest: Millis;
  /** When its session has expired (RFC 4028) and nobody has said a word. */
  readonly timerSession: Millis;
}
/** A BYE of ours is on its way. */
export interface Parting {
  /** Our word: no RFC names these states. */
  readonly name: "Parting";
  /** When the next one goes, or it is given up. */
  readonly timerParting: Millis;
  /** BYEs that may follow. */
  readonly left: number;
}
/** It counts no more. */
export interface Terminated {
  /** Our word: no RFC names these states. */
  readonly name: "Terminated";
}
/** Everything that is remembered, told apart by `name`. Times are in ms of the caller's clock. */
export type State = Calling | Cancelling | Talking | Parting | Terminated;

/** What happens to it. */
export type Input =
  /** A 2xx, with the interval of its session, or undefined for none. */
  | { readonly kind: "Answered"; readonly sessionMs: Millis | undefined }
  /** Another final response. */
  | { readonly kind: "Refused" }
  /** The session goes on: as in `Answered`. */
  | { readonly kind: "Refreshed"; readonly sessionMs: Millis | undefined }
  /** Its other side has said that it is over. */
  | { readonly kind: "Parted" }
  /** Somebody has said so, or tried to, and its other side may not know. */
  | { readonly kind: "Doubted" }
  /** Somebody is saying so, and perhaps nobody answers. */
  | { readonly kind: "Leaving" }
  /** Whoever calls may not talk any more today. */
  | { readonly kind: "Exhausted" }
  /** Its other side has answered a BYE of ours, or 408 where it said nothing. */
  | { readonly kind: "ByeAnswered"; readonly status: number }
  /** The deadline is there, or may be. */
  | { readonly kind: "Tick" };

/** What is to be done. */
export type Output =
  /** Take the INVITE back. */
  | { readonly kind: "Cancel" }
  /** Send its other side a BYE: `ByeAnswered` follows. */
  | { readonly kind: "ByeThere" }
  /** The same, and one to whoever called. */
  | { readonly kind: "ByeBoth" }
  /** It counts no more. */
  | { readonly kind: "Free" };

/** The state after an input, and what is to be done. */
export type Step = readonly [State, ...Output[]];

/** What stays the same, in ms. */
export interface Params {
  /** How long it may ring: longer than a proxy waits. RFC 3261 §16.6, timer C. */
  readonly callingMs: Millis;
  /** How long a call that is taken back waits for its final response. */
  readonly cancellingMs: Millis;
  /** How long one may talk. */
  readonly longestMs: Millis;
  /** How long a session that has expired is waited for, and one that somebody leaves. */
  readonly graceMs: Millis;
  /** Between two BYEs of ours: longer than a transaction takes. */
  readonly partingMs: Millis;
  /** BYEs of ours, of which each has a number higher than the one before. */
  readonly byes: number;
}

/** All but how long one may talk. */
export const LEG_TIMES: Omit<Params, "longestMs"> = {
  ...{ callingMs: 600_000, cancellingMs: 64_000, graceMs: 32_000, partingMs: 40_000, byes: 3 },
};

/** What of a leg has to be known to go on with it after a restart. Times are in ms. */
export interface Kept {
  /** Before an answer, after it, or while BYEs of ours are on their way. */
  readonly phase: "Calling" | "Talking" | "Parting";
  /** However it goes on, it ends then. */
  readonly endsAt: Millis;
  /** When its session has expired (RFC 4028) and nobody has said a word; undefined: never. */
  readonly sessionAt?: Millis | undefined;
}

/** How it is, to be written down; undefined of one that counts no more. */
export function kept(s: State): Kept | undefined {
  switch (s.name) {
    case "Calling":
    case "Cancelling":
      return { phase: "Calling", endsAt: deadline(s) };
    case "Talking": {
      const sessionAt = s.timerSession === NEVER ? undefined : s.timerSession;
      return { phase: "Talking", endsAt: s.timerLongest, sessionAt };
    }
    case "Parting":
      return { phase: "Parting", endsAt: s.timerParting };
    case "Terminated":
      return undefined;
  }
}

/**
 * Goes on after a restart. A refresh may have come while nobody was here, so that a session is
 * waited for once more; and no clock that was set makes a leg longer than it may be.
 */
export function resume(p: Params, { phase, endsAt, sessionAt }: Kept, now: Millis): State {
  switch (phase) {
    // Its transaction is gone, and with it whoever would hear an answer (RFC 6026 §8.9): nobody
    // acknowledges that. Its other side may ring on until it finds out, and so long it counts.
    case "Calling": {
      const atLeast = Math.max(endsAt, now + p.cancellingMs);
      return { name: "Cancelling", timerCancelling: Math.min(atLeast, now + p.callingMs) };
    }
    case "Talking": {
      const timerLongest = Math.min(endsAt, now + p.longestMs);
      const timerSession = sessionAt === undefined ? NEVER : Math.max(sessionAt, now + p.graceMs);
      return { name: "Talking", timerLongest, timerSession };
    }
    case "Parting":
      return { name: "Parting", timerParting: now, left: p.byes };
  }
}

/** Begins: its INVITE is let in. */
export const start = (p: Params, now: Millis): Step => [
  { name: "Calling", timerCalling: now + p.callingMs },
];

/** One input, handled at once. */
export function step(p: Params, s: State, input: Input, now: Millis): Step {
  switch (s.name) {
    case "Calling":
      return calling(p, s, input, now);
    case "Cancelling":
      return cancelling(p, s, input, now);
    case "Talking":
      return talking(p, s, input, now);
    case "Parting":
      return parting(p, s, input, now);
    case "Terminated":
      return [s];
  }
}

/** When the machine wants its next "Tick"; NEVER if it does not. */
export function deadline(s: State): Millis {
  switch (s.name) {
    case "Calling":
      return s.timerCalling;
    case "Cancelling":
      return s.timerCancelling;
    case "Talking":
      return Math.min(s.timerLongest, s.timerSession);
    case "Parting":
      return s.timerParting;
    case "Terminated":
      return NEVER;
  }
}

function calling(p: Params, s: Calling, input: Input, now: Millis): Step {
  switch (input.kind) {
    case "Answered":
      return [
        {
          name: "Talking",
          timerLongest: now + p.longestMs,
          timerSession: sessionEnd(p, input.sessionMs, now),
        },
      ];
    case "Refused":
      return FREE;
    case "Exhausted":
      return cancel(p, now);
    case "Tick":
      return now < s.timerCalling ? [s] : cancel(p, now);
    default:
      return [s];
  }
}

function cancelling(p: Params, s: Cancelling, input: Input, now: Millis): Step {
  switch (input.kind) {
    // The two have crossed.
    case "Answered":
      return part(p, now, { kind: "ByeBoth" });
    case "Refused":
      return FREE;
    case "Tick":
      return now < s.timerCancelling ? [s] : FREE;
    default:
      return [s];
  }
}

function talking(p: Params, s: Talking, input: Input, now: Millis): Step {
  switch (input.kind) {
    case "Refreshed":
      return [{ ...s, timerSession: sessionEnd(p, input.sessionMs, now) }];
    case "Parted":
      return FREE;
    case "Leaving":
      return [{ ...s, timerSession: Math.min(s.timerSession, now + p.graceMs) }];
    case "Doubted":
      return part(p, now, { kind: "ByeThere" });
    case "Exhausted":
      return part(p, now, { kind: "ByeBoth" });
    case "Tick":
      return now < deadline(s) ? [s] : part(p, now, { kind: "ByeBoth" });
    default:
      return [s];
  }
}

function parting(p: Params, s: Parting, input: Input, now: Millis): Step {
  switch (input.kind) {
    case "Parted":
      return FREE;
    //= RFC 3261 §15.1.1
    //# If the response for the BYE is a 481 (Call/Transaction Does Not Exist) or a 408 (Request
    //# Timeout) or no response at all is received for the BYE (that is, a timeout is returned by
    //# the client transaction), the UAC MUST consider the session and the dialog terminated.
    case "ByeAnswered":
      return input.status < 300 || GONE.has(input.status) ? FREE : [s];
    case "Tick":
      if (now < s.timerParting) return [s];
      if (s.left === 0) return FREE;
      return [{ ...s, timerParting: now + p.partingMs, left: s.left - 1 }, { kind: "ByeThere" }];
    default:
      return [s];
  }
}

const cancel = (p: Params, now: Millis): Step => [
  { name: "Cancelling", timerCancelling: now + p.cancellingMs },
  { kind: "Cancel" },
];

const part = (p: Params, now: Millis, bye: Output): Step => [
  { name: "Parting", timerParting: now + p.partingMs, left: p.byes - 1 },
  bye,
];

const sessionEnd = (p: Params, sessionMs: Millis | undefined, now: Millis): Millis =>
  sessionMs === undefined ? NEVER : now + sessionMs + p.graceMs;

/** There is no such dialog, or nobody there who could have one. */
const GONE: ReadonlySet<number> = new Set([404, 408, 410, 481]);
const FREE: Step = [Object.freeze({ name: "Terminated" }), Object.freeze({ kind: "Free" })];
