/** Tells somebody that a message to them is being written: the writer's side. RFC 3994 §3.2. */
import { type Millis, NEVER } from "../transaction/timers.ts";

/** Nothing is being written. */
export interface Idle {
  /** RFC 3994 §3.2 calls it so. */
  readonly name: "Idle";
}
/** Something is being written, and the other side knows. */
export interface Active {
  /** RFC 3994 §3.2 calls it so. */
  readonly name: "Active";
  /** When it counts as given up, if nothing more is written. */
  readonly timerIdle: Millis;
  /** When that is said again. */
  readonly timerRefresh: Millis;
}
/** They do not want to be told. */
export interface Silent {
  /** Our word: RFC 3994 has none. */
  readonly name: "Silent";
}
/** The end, which no input leaves. */
export interface Terminated {
  /** Our word: RFC 3994 has none. */
  readonly name: "Terminated";
}
/**
 * Everything the machine remembers, told apart by `name`. Times are in ms of the caller's clock.
 */
export type State = Idle | Active | Silent | Terminated;

/** What the writer does. `Tick`: `deadline` is reached, or may be. */
export type Input =
  /** Something has been written. */
  | { readonly kind: "Composing" }
  /** The message has been sent. */
  | { readonly kind: "ContentSent" }
  /** What was written has been thrown away. */
  | { readonly kind: "Stop" }
  /** The other side answered what it was told with 415. */
  | { readonly kind: "Unsupported" }
  | { readonly kind: "Tick" }
  | { readonly kind: "Abandon" };

/** Which isComposing document to send; one that says active promises to be renewed in time. */
export type Output =
  | { readonly kind: "TellActive"; readonly refreshSeconds: number }
  | { readonly kind: "TellIdle" };

/** The state after an input, and what is to be done. */
export type Step = readonly [State, ...Output[]];

/** How long things take. Give every step the same. */
export interface Params {
  /** After so long without a key the writer counts as idle. */
  readonly idleMs: Millis;
  /** How often "active" is said again; 60 s or more, by RFC 3994 §3.2. */
  readonly refreshMs: Millis;
}

//= RFC 3994 §3.2
//# The interval SHOULD be no shorter than 60 seconds.
//= RFC 3994 §3.2
//# Unless otherwise configured by the user, the idle timeout SHOULD have a default value of 15
//# seconds.
/** Idle after 15 s, said again every 90. */
export const COMPOSING_DEFAULTS: Params = Object.freeze({ idleMs: 15_000, refreshMs: 90_000 });

//= RFC 3994 §3.1
//# By default, the user is in "idle" state, both before starting to compose a message and after
//# sending it.
/** Begins as `Idle`, and tells nothing. */
export const start = (_: Params, __: Millis): Step => [IDLE];

/** One input, handled at once. `now` is in ms. */
export function step(p: Params, s: State, input: Input, now: Millis): Step {
  if (s.name === "Terminated" || input.kind === "Abandon") return [TERMINATED];
  //= RFC 3994 §4
  //# In SIP-based IM, The composer MUST cease transmitting status messages if the receiver returned
  //# a 415 status code (Unsupported Media Type) in response to a MESSAGE request containing the
  //# status indication.
  if (s.name === "Silent" || input.kind === "Unsupported") return [SILENT];
  return s.name === "Idle" ? idle(p, s, input, now) : active(p, s, input, now);
}

/** When the machine wants its next "Tick"; NEVER if it does not. */
export const deadline = (s: State): Millis =>
  s.name === "Active" ? Math.min(s.timerIdle, s.timerRefresh) : NEVER;

function idle(p: Params, s: Idle, input: Input, now: Millis): Step {
  return input.kind === "Composing" ? tellActive(p, now + p.idleMs, now) : [s];
}

function active(p: Params, s: Active, input: Input, now: Millis): Step {
  switch (input.kind) {
    case "Composing":
      return [{ ...s, timerIdle: now + p.idleMs }];
    //= RFC 3994 §3.2
    //# If a content message is sent before the idle threshold expires, no "idle" state indication
    //# is needed.
    case "ContentSent":
      return [IDLE];
    case "Stop":
      return [IDLE, { kind: "TellIdle" }];
    default:
      //= RFC 3994 §3.2
      //# If the user stops composing for more than a configured time interval, the idle timeout,
      //# the state transitions to "idle", and an "idle" status message is sent.
      if (now >= s.timerIdle) return [IDLE, { kind: "TellIdle" }];
      return now < s.timerRefresh ? [s] : tellActive(p, s.timerIdle, now);
  }
}

//= RFC 3994 §3.2
//# Each transmission of the isComposing message resets the timer.
function tellActive({ refreshMs }: Params, timerIdle: Millis, now: Millis): Step {
  return [
    { name: "Active", timerIdle, timerRefresh: now + refreshMs },
    { kind: "TellActive", refreshSeconds: Math.round(refreshMs / 1000) },
  ];
}

const IDLE: Idle = Object.freeze({ name: "Idle" });
const SILENT: Silent = Object.freeze({ name: "Silent" });
const TERMINATED: Terminated = Object.freeze({ name: "Terminated" });
