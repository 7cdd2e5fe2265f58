/**
 * What becomes of a dialog when the flow that it goes over is gone: it is kept for a while, and
 * refreshed over the next one. RFC 3261 §12.2.1 (a target refresh), RFC 5626 §4.5.
 */
import { type Millis, NEVER } from "../transaction/timers.ts";
import { type BackOff, backOffMs } from "./back-off.ts";

/** There is a flow, and both sides know. */
export interface Connected {
  /** Our word: no RFC names these states. */
  readonly name: "Connected";
}
/** There is no flow. */
export interface CutOff {
  /** Our word: no RFC names these states. */
  readonly name: "CutOff";
  /** When the dialog is ended, if no flow comes: `keepMs` after the last went. */
  readonly timerGiveUp: Millis;
}
/** A re-INVITE is on its way over a new one. */
export interface Restoring {
  /** Our word: no RFC names these states. */
  readonly name: "Restoring";
  /** As in `CutOff`: it is not put off by tries. */
  readonly timerGiveUp: Millis;
  /** Refusals in a row before this try. */
  readonly failures: number;
}
/** It was refused, or is left to the other side for a moment, which may be on its way back, too. */
export interface Waiting {
  /** Our word: no RFC names these states. */
  readonly name: "Waiting";
  /** When the next re-INVITE goes out. */
  readonly timerAgain: Millis;
  /** As in `CutOff`: it is not put off by tries. */
  readonly timerGiveUp: Millis;
  /** Refusals in a row: the wait grows with them. */
  readonly failures: number;
}
/** The end, which no input leaves. */
export interface Terminated {
  /** Our word: no RFC names these states. */
  readonly name: "Terminated";
}
/**
 * Everything the machine remembers, told apart by `name`. Times are in ms of the caller's clock.
 */
export type State = Connected | CutOff | Restoring | Waiting | Terminated;

/** What happens to the flow and to the dialog. `Tick`: `deadline` is reached, or may be. */
export type Input =
  /** The flow is gone. */
  | { readonly kind: "CutOff" }
  /** There is one again, and the server knows us on it. */
  | { readonly kind: "Back" }
  /** Our address is another one, though nothing was lost; or media do not get through any more. */
  | { readonly kind: "Moved" }
  /** The final response to the re-INVITE; 408 for silence. `random` is in [0, 1). */
  | { readonly kind: "Response"; readonly status: number; readonly random: number }
  /** A re-INVITE of theirs has come over the new flow and been accepted: they know where we are. */
  | { readonly kind: "Refreshed" }
  | { readonly kind: "Tick" }
  | { readonly kind: "Abandon" };

/** What is to be done, in this order. */
export type Output =
  /** Tell whoever has the call. */
  | { readonly kind: "Lost" }
  /** Send a re-INVITE, and have media find their way anew. */
  | { readonly kind: "Restore" }
  /** All is as it was. */
  | { readonly kind: "Restored" }
  /** It cannot go on. `status` is what the other side said last, if it said something. */
  | { readonly kind: "GiveUp"; readonly status: number | undefined };

/** The state after an input, and what is to be done. */
export type Step = readonly [State, ...Output[]];

/** How patient it is. Give every step the same. */
export interface Params {
  /** How long a call is kept without a way to its other side. */
  readonly keepMs: Millis;
  /**
   * How long to leave it to the other side, which may have been cut off as well: two who begin at
   * once are told to wait for seconds (RFC 3261 §14.1).
   */
  readonly delayMs: Millis;
  /** How long to wait after a refusal that time may mend. */
  readonly backOff: BackOff;
}

/** Begins as `Connected`. */
export const start = (_: Params, __: Millis): Step => [CONNECTED];

/** One input, handled at once. `now` is in ms. */
export function step(p: Params, s: State, input: Input, now: Millis): Step {
  if (input.kind === "Abandon") return [TERMINATED];
  switch (s.name) {
    case "Connected":
      return connected(p, input, now);
    case "CutOff":
      return cutOff(p, s, input, now);
    case "Restoring":
      return restoring(p, s, input, now);
    case "Waiting":
      return waiting(s, input, now);
    case "Terminated":
      return [s];
  }
}

/** When the machine wants its next "Tick"; NEVER if it does not. */
export function deadline(s: State): Millis {
  switch (s.name) {
    case "CutOff":
    case "Restoring":
      return s.timerGiveUp;
    case "Waiting":
      return Math.min(s.timerAgain, s.timerGiveUp);
    default:
      return NEVER;
  }
}

function connected(p: Params, input: Input, now: Millis): Step {
  const timerGiveUp = now + p.keepMs;
  if (input.kind === "CutOff") return [{ name: "CutOff", timerGiveUp }, LOST];
  if (input.kind === "Moved") return [restore(timerGiveUp, 0), LOST, RESTORE];
  return [CONNECTED];
}

function cutOff(p: Params, s: CutOff, input: Input, now: Millis): Step {
  const { timerGiveUp } = s;
  if (input.kind === "Back" && p.delayMs > 0) {
    return [{ name: "Waiting", timerAgain: now + p.delayMs, timerGiveUp, failures: 0 }];
  }
  if (input.kind === "Back") return [restore(timerGiveUp, 0), RESTORE];
  return expired(s, input, now);
}

function restoring(p: Params, s: Restoring, input: Input, now: Millis): Step {
  if (input.kind === "CutOff") return [{ name: "CutOff", timerGiveUp: s.timerGiveUp }];
  if (input.kind === "Refreshed") return [CONNECTED, { kind: "Restored" }];
  if (input.kind !== "Response") return expired(s, input, now);
  const { status, random } = input;
  // 488: they know now where we are, and their media stay as they were.
  if (status < 300 || status === 488) return [CONNECTED, { kind: "Restored" }];
  //= RFC 3261 §12.2.1.2
  //# If the response for a request within a dialog is a 481 (Call/Transaction Does Not Exist) or a
  //# 408 (Request Timeout), the UAC SHOULD terminate the dialog.
  // A 408 says here that they are as cut off as we were.
  if (status === 481) return [TERMINATED, { kind: "GiveUp", status }];
  const failures = s.failures + 1;
  const timerAgain = now + backOffMs(p.backOff, failures, random);
  return [{ name: "Waiting", timerAgain, timerGiveUp: s.timerGiveUp, failures }];
}

function waiting(s: Waiting, input: Input, now: Millis): Step {
  if (input.kind === "CutOff") return [{ name: "CutOff", timerGiveUp: s.timerGiveUp }];
  if (input.kind === "Refreshed") return [CONNECTED, { kind: "Restored" }];
  const isTime = input.kind === "Tick" && now >= s.timerAgain && now < s.timerGiveUp;
  if (isTime || (input.kind === "Back" && s.failures > 0))
    return [restore(s.timerGiveUp, s.failures), RESTORE];
  return expired(s, input, now);
}

const restore = (timerGiveUp: Millis, failures: number): Restoring => ({
  ...{ name: "Restoring", timerGiveUp, failures },
});

function expired(s: CutOff | Restoring | Waiting, input: Input, now: Millis): Step {
  if (input.kind !== "Tick" || now < s.timerGiveUp) return [s];
  return [TERMINATED, { kind: "GiveUp", status: undefined }];
}

const CONNECTED: Connected = Object.freeze({ name: "Connected" });
const TERMINATED: Terminated = Object.freeze({ name: "Terminated" });
const LOST: Output = Object.freeze({ kind: "Lost" });
const RESTORE: Output = Object.freeze({ kind: "Restore" });
