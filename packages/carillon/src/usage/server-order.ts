/**
 * Which of several servers is used: the preferred one, the next when it cannot be had, and the
 * preferred one again once it is back. RFC 5626 §4.2, §4.5.
 *
 * Servers are numbers, the preferred one 0. When all of them failed somebody else waits and asks
 * anew; how a server is reached, and whether it is of use, is others' business, too.
 */
import { type Millis, NEVER } from "../transaction/timers.ts";
import { type BackOff, backOffMs } from "./back-off.ts";

/** None is wanted. */
export interface Idle {
  /** Our word: RFC 5626 names no states. */
  readonly name: "Idle";
}
/** One is tried, and none is in use. */
export interface Trying {
  /** Our word: RFC 5626 names no states. */
  readonly name: "Trying";
  /** The one that is tried. */
  readonly server: number;
  /** When the next is tried; NEVER for the last. */
  readonly timerPatience: Millis;
}
/** One serves us. */
export interface Using {
  /** Our word: RFC 5626 names no states. */
  readonly name: "Using";
  /** The one in use. */
  readonly server: number;
  /** When a better one is tried again; NEVER if there is none. */
  readonly timerReturn: Millis;
  /** How often none of the better ones could be had since. */
  readonly failures: number;
}
/** One is in use, and a better one is tried beside it. */
export interface Returning {
  /** Our word: RFC 5626 names no states. */
  readonly name: "Returning";
  /** The one in use. */
  readonly server: number;
  /** The one that is tried. */
  readonly better: number;
  /** When it is left alone. */
  readonly timerPatience: Millis;
  /** As in `Using`. */
  readonly failures: number;
}
/**
 * Everything the machine remembers, told apart by `name`. Times are in ms of the caller's clock.
 */
export type State = Idle | Trying | Using | Returning;

/**
 * What became of the servers. `Want`: one is needed. `Tick`: `deadline` is reached, or may be.
 * `Abandon`: none is needed any more.
 */
export type Input =
  | { readonly kind: "Want" }
  /** The one that is tried is of no use. `random` is in [0, 1). */
  | { readonly kind: "Failed"; readonly random: number }
  /** The one that is tried serves us now. `random` is in [0, 1). */
  | { readonly kind: "Worked"; readonly random: number }
  /** The one in use is gone. */
  | { readonly kind: "Lost" }
  /** `random` is in [0, 1). */
  | { readonly kind: "Tick"; readonly random?: number }
  | { readonly kind: "Abandon" };

/** What is to be done, in this order. `Try`: see whether this one can be had. */
export type Output =
  | { readonly kind: "Try"; readonly server: number }
  /** Wait for this one no longer. */
  | { readonly kind: "Leave"; readonly server: number }
  /** From now on it is this one, and the other that was in use is no longer needed. */
  | { readonly kind: "Moved"; readonly server: number }
  /** None could be had. */
  | { readonly kind: "Exhausted" };

/** The state after an input, and what is to be done. */
export type Step = readonly [State, ...Output[]];

/** How many there are, and how patient it is. Give every step the same. */
export interface Params {
  /** How many servers there are; at least one. */
  readonly count: number;
  /** How long one is waited for while there is another. */
  readonly patienceMs: Millis;
  /** How long a lesser one is used before a better one is tried again. */
  readonly comeBack: BackOff;
}

/** Begins as `Idle`. */
export const start = (_: Params, __: Millis): Step => [IDLE];

/** One input, handled at once. `now` is in ms. */
export function step(p: Params, s: State, input: Input, now: Millis): Step {
  if (input.kind === "Abandon") return leave(s);
  switch (s.name) {
    case "Idle":
      return input.kind === "Want" ? attempt(p, 0, now) : [s];
    case "Trying":
      return trying(p, s, input, now);
    case "Using":
      return using(p, s, input, now);
    case "Returning":
      return returning(p, s, input, now);
  }
}

/** When the machine wants its next "Tick"; NEVER if it does not. */
export function deadline(s: State): Millis {
  switch (s.name) {
    case "Idle":
      return NEVER;
    case "Using":
      return s.timerReturn;
    default:
      return s.timerPatience;
  }
}

/** The last one has all the time that it wants: nobody else is kept waiting. */
function attempt(p: Params, server: number, now: Millis): Step {
  const timerPatience = server + 1 < p.count ? now + p.patienceMs : NEVER;
  return [
    { name: "Trying", server, timerPatience },
    { kind: "Try", server },
  ];
}

function trying(p: Params, s: Trying, input: Input, now: Millis): Step {
  switch (input.kind) {
    case "Worked":
      return [inUse(p, s.server, 0, input.random, now)];
    case "Failed":
      return next(p, s.server, now);
    case "Tick": {
      if (now < s.timerPatience) return [s];
      const [after, ...outputs] = next(p, s.server, now);
      return [after, { kind: "Leave", server: s.server }, ...outputs];
    }
    default:
      return [s];
  }
}

const next = (p: Params, server: number, now: Millis): Step =>
  server + 1 < p.count ? attempt(p, server + 1, now) : [IDLE, EXHAUSTED];

function using(p: Params, s: Using, input: Input, now: Millis): Step {
  if (input.kind === "Lost") return [IDLE];
  if (input.kind !== "Tick" || now < s.timerReturn) return [s];
  return better(p, s, 0, now);
}

function better(p: Params, s: Using | Returning, server: number, now: Millis): Step {
  const { failures } = s;
  const timerPatience = now + p.patienceMs;
  return [
    { name: "Returning", server: s.server, better: server, timerPatience, failures },
    { kind: "Try", server },
  ];
}

function returning(p: Params, s: Returning, input: Input, now: Millis): Step {
  switch (input.kind) {
    case "Worked": {
      const moved: Output = { kind: "Moved", server: s.better };
      return [inUse(p, s.better, 0, input.random, now), moved];
    }
    case "Failed":
      return notBetter(p, s, input.random, now);
    // What is tried beside it is as good as any other now.
    case "Lost":
      return [{ name: "Trying", server: s.better, timerPatience: s.timerPatience }];
    case "Tick": {
      if (now < s.timerPatience) return [s];
      const [after, ...outputs] = notBetter(p, s, input.random ?? 0, now);
      return [after, { kind: "Leave", server: s.better }, ...outputs];
    }
    default:
      return [s];
  }
}

function notBetter(p: Params, s: Returning, random: number, now: Millis): Step {
  if (s.better + 1 < s.server) return better(p, s, s.better + 1, now);
  return [inUse(p, s.server, s.failures + 1, random, now)];
}

function inUse(p: Params, server: number, failures: number, random: number, now: Millis): Using {
  const timerReturn = server === 0 ? NEVER : now + backOffMs(p.comeBack, failures, random);
  return { name: "Using", server, timerReturn, failures };
}

function leave(s: State): Step {
  if (s.name === "Trying") return [IDLE, { kind: "Leave", server: s.server }];
  if (s.name === "Returning") return [IDLE, { kind: "Leave", server: s.better }];
  return [IDLE];
}

const IDLE: Idle = Object.freeze({ name: "Idle" });
const EXHAUSTED: Output = Object.freeze({ kind: "Exhausted" });
