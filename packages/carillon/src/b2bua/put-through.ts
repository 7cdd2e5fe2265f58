/**
 * One side of a bridged call has asked that the other one be put through to somebody else, and the
 * agent does that itself: it calls the target, gives it the place of whoever asked, and tells them
 * how far it is. RFC 3515 §2.4, RFC 5589 §6, §7, RFC 7092 §3.1.
 *
 * The three are called as in RFC 5589: the transferor asked, the transferee is put through, to the
 * target. Until the target has the place, the transferee keeps the call that there is.
 */
import { type Millis, NEVER } from "../transaction/timers.ts";

/** The target is being called. */
export interface Calling {
  /** Our word: RFC 5589 names no states. */
  readonly name: "Calling";
  /** The transferor has hung up: there is no call to go back to. */
  readonly isAlone: boolean;
  /** When the target has been called for too long. */
  readonly timerCalling: Millis;
}
/** The target has answered, and the two are being described to each other. */
export interface Joining {
  /** Our word: RFC 5589 names no states. */
  readonly name: "Joining";
  /** The transferor has hung up: there is no call to go back to. */
  readonly isAlone: boolean;
  /** When that has taken too long. */
  readonly timerJoining: Millis;
}
/** They talk; the transferor has yet to hang up. */
export interface Parting {
  /** Our word: RFC 5589 names no states. */
  readonly name: "Parting";
  /** When they are hung up on. */
  readonly timerParting: Millis;
}
/** The end, which no input leaves. */
export interface Terminated {
  /** Our word: RFC 5589 names no states. */
  readonly name: "Terminated";
}
/**
 * Everything the machine remembers, told apart by `name`. Times are in ms of the caller's clock.
 */
export type State = Calling | Joining | Parting | Terminated;

/** What becomes of the three. `Tick`: `deadline` is reached, or may be. */
export type Input =
  /** A provisional response of the target's, over 100. */
  | { readonly kind: "Progress"; readonly status: number }
  /** The target has answered. */
  | { readonly kind: "Answered" }
  /** The target will not be had, for this status. */
  | { readonly kind: "Refused"; readonly status: number }
  /** Both have taken the other's description. */
  | { readonly kind: "Joined" }
  /** One of them has not; the status says why. */
  | { readonly kind: "Unjoined"; readonly status: number }
  /** The transferor has hung up, or is gone. */
  | { readonly kind: "TransferorLeft" }
  /** The transferee has. */
  | { readonly kind: "TransfereeLeft" }
  /** The target has, after it had answered. */
  | { readonly kind: "TargetLeft" }
  | { readonly kind: "Tick" };

/** What is to be done, in this order. */
export type Output =
  /** Tell the transferor: a provisional status, or a final one, which is the last word. */
  | { readonly kind: "Report"; readonly status: number }
  /** Describe transferee and target to each other. */
  | { readonly kind: "Join" }
  /** The target has the place of the transferor, for good. */
  | { readonly kind: "Settle" }
  /** Hang up on the transferor, who has nobody to talk to. */
  | { readonly kind: "Part" }
  /** Take the call to the target back, or hang up on it. */
  | { readonly kind: "Withdraw" }
  /** Transferor and transferee have each other again, as before. */
  | { readonly kind: "Return" }
  /** Hang up on the transferee, for this status of the target's. */
  | { readonly kind: "GiveUp"; readonly status: number };

/** The state after an input, and what is to be done. */
export type Step = readonly [State, ...Output[]];

/** How long things may take, in ms. Give every step the same. */
export interface Params {
  /** How long the target rings. */
  readonly callingMs: Millis;
  /** How long it may take until two who have answered are described to each other. */
  readonly joiningMs: Millis;
  /** How long the transferor has to hang up by itself once it knows that it is done. */
  readonly partingMs: Millis;
}

/** More than anybody lets it ring; two timeouts of a transaction; time for a NOTIFY and a BYE. */
export const PUT_THROUGH: Params = { callingMs: 185_000, joiningMs: 64_000, partingMs: 4000 };

/** Begins as `Calling`: the target is to be called. `now` is in ms, as in every step. */
export const start = (p: Params, now: Millis): Step => [
  { name: "Calling", isAlone: false, timerCalling: now + p.callingMs },
];

/** One input, handled at once. */
export function step(p: Params, s: State, input: Input, now: Millis): Step {
  switch (s.name) {
    case "Calling":
      return calling(p, s, input, now);
    case "Joining":
      return joining(p, s, input, now);
    case "Parting":
      return parting(s, input, now);
    case "Terminated":
      return [s];
  }
}

/** When the machine wants its next "Tick"; NEVER if it does not. */
export function deadline(s: State): Millis {
  switch (s.name) {
    case "Calling":
      return s.timerCalling;
    case "Joining":
      return s.timerJoining;
    case "Parting":
      return s.timerParting;
    case "Terminated":
      return NEVER;
  }
}

function calling(p: Params, s: Calling, input: Input, now: Millis): Step {
  switch (input.kind) {
    case "Progress":
      return [s, { kind: "Report", status: input.status }];
    case "Answered":
      return [
        { name: "Joining", isAlone: s.isAlone, timerJoining: now + p.joiningMs },
        { kind: "Join" },
      ];
    case "Refused":
      return failed(s, input.status);
    //= RFC 5589 §6
    //# If the Transferor's agent does not wish to participate in the remainder of the REFER process
    //# and has no intention of assisting with recovery from transfer failure, it could emit a BYE
    //# to the Transferee as soon as the REFER transaction completes.
    case "TransferorLeft":
      return [{ ...s, isAlone: true }];
    case "TransfereeLeft":
      return [TERMINATED, { kind: "Withdraw" }, { kind: "Report", status: 487 }, ...partFrom(s)];
    case "Tick":
      return now < s.timerCalling ? [s] : failed(s, 408, { kind: "Withdraw" });
    default:
      return [s];
  }
}

function joining(p: Params, s: Joining, input: Input, now: Millis): Step {
  switch (input.kind) {
    case "Joined": {
      const done = [{ kind: "Settle" }, { kind: "Report", status: 200 }] as const;
      if (s.isAlone) return [TERMINATED, ...done];
      return [{ name: "Parting", timerParting: now + p.partingMs }, ...done];
    }
    case "Unjoined":
      return failed(s, input.status, { kind: "Withdraw" });
    case "TargetLeft":
      return failed(s, 487);
    case "TransferorLeft":
      return [{ ...s, isAlone: true }];
    case "TransfereeLeft":
      return [TERMINATED, { kind: "Withdraw" }, { kind: "Report", status: 487 }, ...partFrom(s)];
    case "Tick":
      return now < s.timerJoining ? [s] : failed(s, 408, { kind: "Withdraw" });
    default:
      return [s];
  }
}

function parting(s: Parting, input: Input, now: Millis): Step {
  switch (input.kind) {
    case "TransferorLeft":
      return [TERMINATED];
    // The call is between the other two now, and theirs to end; the transferor is no part of it.
    case "TransfereeLeft":
    case "TargetLeft":
      return [TERMINATED, { kind: "Part" }];
    case "Tick":
      return now < s.timerParting ? [s] : [TERMINATED, { kind: "Part" }];
    default:
      return [s];
  }
}

//= RFC 5589 §6
//# The signaling relationship between the Transferor and Transferee is not terminated, so the call
//# is recoverable if the Transfer Target cannot be reached.
/** The target is not to be had: back to whoever asked, if they are there. */
function failed({ isAlone }: Calling | Joining, status: number, ...before: Output[]): Step {
  const last: Output = isAlone ? { kind: "GiveUp", status } : { kind: "Return" };
  return [TERMINATED, ...before, { kind: "Report", status }, last];
}

const partFrom = ({ isAlone }: Calling | Joining): readonly Output[] =>
  isAlone ? [] : [{ kind: "Part" }];

const TERMINATED: Terminated = Object.freeze({ name: "Terminated" });
