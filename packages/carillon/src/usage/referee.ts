/**
 * A REFER of theirs: whether somebody allows what it asks for, and how far it has come.
 * RFC 3515 §2.4, RFC 4488 §4.
 *
 * The subscription that goes with it is the machine of `notifier.ts`; this one knows what its
 * NOTIFYs say.
 */
import { type Millis, NEVER } from "../transaction/timers.ts";

/** Nobody has decided. */
export interface Asked {
  /** Our word: RFC 3515 names no states. */
  readonly name: "Asked";
  /** When the REFER is answered all the same. */
  readonly timerAnswer: Millis;
  /** When it is too late to decide. */
  readonly timerDecide: Millis;
}
/** The REFER is answered, and still nobody has decided. */
export interface Undecided {
  /** Our word: RFC 3515 names no states. */
  readonly name: "Undecided";
  /** When it is too late to decide. */
  readonly timerDecide: Millis;
}
/** Somebody is being called. */
export interface Following {
  /** Our word: RFC 3515 names no states. */
  readonly name: "Following";
  /** What was told last: 100, or another provisional status of the call. */
  readonly status: number;
}
/** The end, which no input leaves. */
export interface Terminated {
  /** Our word: RFC 3515 names no states. */
  readonly name: "Terminated";
}
/**
 * Everything the machine remembers, told apart by `name`. Times are in ms of the caller's clock.
 */
export type State = Asked | Undecided | Following | Terminated;

/**
 * What the user decides, and what becomes of the call. `Tick`: `deadline` is reached, or may be.
 */
export type Input =
  | { readonly kind: "Allow" }
  | { readonly kind: "Refuse"; readonly status: number }
  /** The call that was asked for has had this provisional response… */
  | { readonly kind: "Progress"; readonly status: number }
  /** …or this final one, or what stands for it. */
  | { readonly kind: "Final"; readonly status: number }
  | { readonly kind: "Tick" }
  | { readonly kind: "Abandon" };

/** What is to be done, in this order. */
export type Output =
  /** Answer the REFER; `allowed` is whether the subscription of a 200 is pending. */
  | { readonly kind: "Answer"; readonly status: number; readonly allowed: boolean }
  /** The subscription is not pending any more. */
  | { readonly kind: "Granted" }
  /** Make the call. */
  | { readonly kind: "Follow" }
  /** There is news for a NOTIFY. */
  | { readonly kind: "Tell"; readonly status: number }
  /** For the last NOTIFY. */
  | { readonly kind: "TellLast"; readonly status: number }
  /** Nobody decided in time. */
  | { readonly kind: "Lapsed" };

/** The state after an input, and what is to be done. */
export type Step = readonly [State, ...Output[]];

/** How long things may take, in ms from the REFER. Give every step the same. */
export interface Params {
  /** When the REFER is answered though nobody has decided: before its transaction expires. */
  readonly answerMs: Millis;
  /** When it counts as declined. */
  readonly decideMs: Millis;
}

/** Begins as `Asked`. `now` is in ms, as in every step. */
export const start = (p: Params, now: Millis): Step => [
  { name: "Asked", timerAnswer: now + p.answerMs, timerDecide: now + p.decideMs },
];

/** One input, handled at once. */
export function step(_: Params, s: State, input: Input, now: Millis): Step {
  switch (s.name) {
    case "Asked":
      return asked(s, input, now);
    case "Undecided":
      return undecided(s, input, now);
    case "Following":
      return following(s, input);
    case "Terminated":
      return [s];
  }
}

/** When the machine wants its next "Tick"; NEVER if it does not. */
export function deadline(s: State): Millis {
  if (s.name === "Asked") return Math.min(s.timerAnswer, s.timerDecide);
  return s.name === "Undecided" ? s.timerDecide : NEVER;
}

function asked(s: Asked, input: Input, now: Millis): Step {
  switch (input.kind) {
    case "Allow":
      return [FOLLOWING, { kind: "Answer", status: 200, allowed: true }, { kind: "Follow" }];
    case "Refuse":
      return [TERMINATED, refused(input.status)];
    //= RFC 3515 §2.4.2
    //# If no final response has been generated according to the rules above, the UA MUST return a
    //# 202 Accepted response before the REFER transaction expires.
    //= RFC 7647 §5
    //# Wherever [RFC3515] requires sending a 202 response code, a 200 response code MUST be sent
    //# instead.
    case "Tick": {
      if (now < s.timerAnswer) return [s];
      const { timerDecide } = s;
      if (now >= timerDecide) return [TERMINATED, { kind: "Lapsed" }, refused(603)];
      return [
        { name: "Undecided", timerDecide },
        { kind: "Answer", status: 200, allowed: false },
      ];
    }
    case "Abandon":
      return [TERMINATED];
    default:
      return [s];
  }
}

const refused = (status: number): Output => ({ kind: "Answer", status, allowed: false });

function undecided(s: Undecided, input: Input, now: Millis): Step {
  switch (input.kind) {
    case "Allow":
      return [FOLLOWING, { kind: "Granted" }, { kind: "Follow" }];
    //= RFC 3515 §2.4.7
    //# In the case where a REFER was accepted with a 202, but approval to follow the reference was
    //# subsequently denied, the reason and retry-after elements of the Subscription-State header
    //# field can be used to indicate if and when the REFER can be re-attempted
    case "Refuse":
      return [TERMINATED, { kind: "TellLast", status: input.status }];
    case "Tick":
      if (now < s.timerDecide) return [s];
      return [TERMINATED, { kind: "Lapsed" }, { kind: "TellLast", status: 603 }];
    case "Abandon":
      return [TERMINATED];
    default:
      return [s];
  }
}

function following(s: Following, input: Input): Step {
  switch (input.kind) {
    case "Progress": {
      const { status } = input;
      if (status === s.status) return [s];
      return [
        { name: "Following", status },
        { kind: "Tell", status },
      ];
    }
    case "Final":
      return [TERMINATED, { kind: "TellLast", status: input.status }];
    case "Abandon":
      return [TERMINATED];
    default:
      return [s];
  }
}

const FOLLOWING: Following = Object.freeze({ name: "Following", status: 100 });
const TERMINATED: Terminated = Object.freeze({ name: "Terminated" });
