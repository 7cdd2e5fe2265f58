/** Whether somebody is writing to us: the reader's side. RFC 3994 §3.3. */
import { type Millis, NEVER } from "../transaction/timers.ts";

/** Nobody writes. */
export interface Idle {
  /** RFC 3994 §3.3 calls it so. */
  readonly name: "Idle";
}
/** The other side writes. */
export interface Active {
  /** RFC 3994 §3.3 calls it so. */
  readonly name: "Active";
  /** When it counts as idle, if nothing is heard: ten minutes at most. */
  readonly timerRefresh: Millis;
}
/** The end, which no input leaves. */
export interface Terminated {
  /** Our word: RFC 3994 has none. */
  readonly name: "Terminated";
}
/**
 * Everything the machine remembers, told apart by `name`. Times are in ms of the caller's clock.
 */
export type State = Idle | Active | Terminated;

/**
 * What comes from the other side. `Told`: an isComposing document. `Tick`: `deadline` is reached,
 * or may be.
 */
export type Input =
  | {
      readonly kind: "Told";
      readonly state: "active" | "idle";
      readonly refreshSeconds: number | undefined;
    }
  /** A message of theirs has come. */
  | { readonly kind: "ContentReceived" }
  | { readonly kind: "Tick" }
  | { readonly kind: "Abandon" };

/** What to show: whether the other side is writing. */
export type Output = { readonly kind: "Changed"; readonly to: "Active" | "Idle" };

/** The state after an input, and what is to be done. */
export type Step = readonly [State, ...Output[]];

/** None: what stands in the documents is all it goes by. */
export type Params = Readonly<Record<string, never>>;

const DEFAULT_REFRESH_SECONDS = 120;
/** Nobody writes for longer without a word of it, whatever they promise. */
const MAX_REFRESH_SECONDS = 600;

/** Begins as `Idle`. */
export const start = (_: Params, __: Millis): Step => [IDLE];

/** One input, handled at once. `now` is in ms. */
export function step(_: Params, s: State, input: Input, now: Millis): Step {
  if (s.name === "Terminated" || input.kind === "Abandon") return [TERMINATED];
  if (input.kind === "Told" && input.state === "active") return active(s, input, now);
  //= RFC 3994 §3.3
  //# The state at the receiver transitions from "active" to "idle" under three conditions:
  const isWaiting = input.kind === "Tick" && now < deadline(s);
  if (s.name === "Idle" || isWaiting) return [s];
  return [IDLE, { kind: "Changed", to: "Idle" }];
}

/** When the machine wants its next "Tick"; NEVER if it does not. */
export const deadline = (s: State): Millis => (s.name === "Active" ? s.timerRefresh : NEVER);

//= RFC 3994 §3.3
//# Receivers MUST be able to handle multiple consecutive isComposing messages with "active" state,
//# regardless of the refresh interval.
function active(
  s: Idle | Active,
  { refreshSeconds }: Extract<Input, { kind: "Told" }>,
  now: Millis,
): Step {
  //= RFC 3994 §3.3
  //# If the most recent "active" status message contained a <refresh> value, the refresh time-out
  //# is set to that value; otherwise, it is 120 seconds.
  const seconds = Math.min(refreshSeconds ?? DEFAULT_REFRESH_SECONDS, MAX_REFRESH_SECONDS);
  const next: Active = { name: "Active", timerRefresh: now + 1000 * seconds };
  return s.name === "Active" ? [next] : [next, { kind: "Changed", to: "Active" }];
}

const IDLE: Idle = Object.freeze({ name: "Idle" });
const TERMINATED: Terminated = Object.freeze({ name: "Terminated" });
