/**
 * One request and several servers: the next is tried when one refuses, or has said nothing for
 * two seconds (an INVITE; others have five). RFC 3263 §4.3, RFC 3261 §16.6 step 7 and §8.1.2, and
 * quicker than they ask for: timer B alone would leave a person with 32 s of silence.
 *
 * A pure machine above client transactions, which the caller keeps: `Try` starts one, with a branch
 * of its own; what it comes to is told here. Whoever answers first, with anything but 503, has the
 * request; the others are given up. A silent server's transaction keeps its timers, so it can
 * still be the first; if it accepts an INVITE when another has it already, that is a `Late2xx`.
 */
import { type Millis, NEVER } from "../grammar/millis.ts";
import { MAX_TARGETS, type Target } from "./target.ts";

/** How long a server may say nothing to an INVITE before the next is tried as well. */
export const SILENCE_MS: Millis = 2_000;
//= RFC 4320 §4.1
//# An SIP element MUST NOT respond to a non-INVITE request with a Status-Code of 100 over any
//# unreliable transport, such as UDP, before the amount of time it takes a client transaction's
//# Timer E to be reset to T2.
/** To other requests 100 comes after 3.5 s at the soonest: silence until then says nothing. */
export const NON_INVITE_SILENCE_MS: Millis = 5_000;
/** How long a 2xx of a given-up INVITE may still come: timer B, and 64*T1 after its CANCEL. */
export const LATE_MS: Millis = 64_000;
//= RFC 3261 §13.2.2.4
//# The UAC core considers the INVITE transaction completed 64*T1 seconds after the reception of the
//# first 2xx response.
/** How long an accepted INVITE may bring the 2xx of other forks, and its own again. */
export const FORKS_MS: Millis = 32_000;

/** The request, as far as it matters which server gets it. */
export interface Params {
  /** At least one, in the order of trying. */
  readonly targets: readonly Target[];
  /** Whether it is an INVITE, which can be accepted after it was given up. */
  readonly invite: boolean;
}

interface Attempt {
  /** 0 for the first try, 1 for the second, …: how inputs and outputs name it. */
  readonly id: number;
  readonly target: Target;
  readonly phase: "Fresh" | "Silent" | "Chosen" | "GivenUp";
  /** Of a fresh one; NEVER in any other phase. */
  readonly timerSilence: Millis;
}
interface Race {
  readonly attempts: readonly Attempt[];
  readonly queue: readonly Target[];
  readonly tried: number;
  readonly reason: Reason;
}
/** Nobody has answered. */
export interface Trying extends Race {
  /** Our own name: RFC 3263 draws no states. */
  readonly name: "Trying";
}
/** One has answered, and others are no longer tried, unless it fails after all. */
export interface Answering extends Race {
  /** Our own name: RFC 3263 draws no states. */
  readonly name: "Answering";
}
/** All is said; only late acceptances of an INVITE are still to be dealt with. */
export interface Finished {
  /** Our own name: RFC 3263 draws no states. */
  readonly name: "Finished";
  /** Transactions that may still bring a 2xx. */
  readonly attempts: readonly Attempt[];
  /** When no more 2xx of who accepted are waited for: `FORKS_MS` after the outcome. */
  readonly timerForks: Millis;
  /** When no 2xx of who was given up is waited for any more: `LATE_MS` after the outcome. */
  readonly timerLate: Millis;
}
/** The end, which no input leaves. */
export interface Ended {
  /** Our own name: RFC 3263 draws no states. */
  readonly name: "Ended";
}
/**
 * Everything the machine remembers, told apart by `name`. Times are in ms of the caller's clock.
 */
export type State = Trying | Answering | Finished | Ended;

/**
 * What became of an attempt, by the number that its `Try` gave it. `Tick`: `deadline` is reached,
 * or may be. `Abandon`: the sender has lost interest; every attempt is given up.
 */
export type Input =
  | {
      readonly kind: "Response";
      readonly attempt: number;
      readonly status: number;
      /** Of a 503. */
      readonly retryAfterSeconds?: number;
    }
  /** ICMP, a reset or refused connection, a TLS handshake or certificate that will not do. */
  | { readonly kind: "Refused"; readonly attempt: number }
  /** Timer B, F or C of its transaction. */
  | { readonly kind: "TimedOut"; readonly attempt: number }
  | { readonly kind: "Tick" }
  | { readonly kind: "Abandon" };

/** What is to be done, in this order. */
export type Output =
  | { readonly kind: "Try"; readonly attempt: number; readonly target: Target }
  /** The response that came in is this request's: hand it on. */
  | { readonly kind: "Deliver"; readonly attempt: number }
  /** CANCEL it as soon as RFC 3261 §9.1 lets you; its responses mean nothing any more. */
  | { readonly kind: "GiveUp"; readonly attempt: number }
  /** The 2xx that came in set up a call that nobody wants: ACK it, then BYE. */
  | { readonly kind: "Late2xx"; readonly attempt: number }
  /** For `suspects`. */
  | { readonly kind: "Silent"; readonly target: Target }
  | { readonly kind: "Answers"; readonly target: Target }
  | { readonly kind: "Unavailable"; readonly target: Target; readonly retryAfterSeconds: number }
  /** None is left to try, and none will answer. */
  | { readonly kind: "Exhausted"; readonly reason: Reason };

/** In rising order of what it says: 503 as of RFC 3261 §8.1.3.1, 408, and a 503 that was sent. */
export type Reason = "refused" | "timeout" | "unavailable" | "abandoned";

/** The state after an input, and what is to be done. */
export type Step = readonly [State, ...Output[]];

/**
 * Begins: the first output is a `Try`. Throws a RangeError without targets; takes `MAX_TARGETS` of
 * them. `now` is in ms, as in every step.
 */
export function start(p: Params, now: Millis): Step {
  if (p.targets.length === 0) throw new RangeError("failover needs a target to start with");
  const queue = p.targets.slice(0, MAX_TARGETS);
  return goOn(p, { attempts: [], queue, tried: 0, reason: "refused" }, [], now);
}

/** One input, handled at once. What comes of an attempt that is over changes nothing. */
export function step(p: Params, s: State, input: Input, now: Millis): Step {
  if (s.name === "Ended") return [s];
  if (input.kind === "Tick") return ticked(p, s, now);
  if (input.kind === "Abandon") return s.name === "Finished" ? [ENDED] : abandoned(p, s, now);
  const attempt = s.attempts.find(({ id }) => id === input.attempt);
  if (attempt === undefined) return [s];
  if (s.name === "Finished") return finished(s, attempt, input);
  if (attempt.phase === "GivenUp") return givenUp(p, s, attempt, input);
  if (input.kind !== "Response") return failed(p, s, attempt, input.kind, now);
  return responded(p, s, attempt, input, now);
}

/** When the machine wants its next "Tick"; NEVER if it does not. */
export function deadline(s: State): Millis {
  switch (s.name) {
    case "Trying":
      return s.attempts.reduce((at, { timerSilence }) => Math.min(at, timerSilence), NEVER);
    case "Finished":
      return s.attempts.reduce((at, each) => Math.min(at, overAt(s, each)), NEVER);
    default:
      return NEVER;
  }
}

function ticked(p: Params, s: Exclude<State, Ended>, now: Millis): Step {
  if (now < deadline(s)) return [s];
  if (s.name === "Finished") return waiting(s, (each) => now < overAt(s, each));
  const silent = s.attempts.filter(({ phase }) => phase === "Fresh");
  const attempts = s.attempts.map((each) => (silent.includes(each) ? as("Silent", each) : each));
  const outputs = silent.map(({ target }): Output => ({ kind: "Silent", target }));
  return goOn(p, { ...s, attempts }, outputs, now);
}

function responded(
  p: Params,
  s: Trying | Answering,
  attempt: Attempt,
  { status, retryAfterSeconds }: Extract<Input, { kind: "Response" }>,
  now: Millis,
): Step {
  const { id, target } = attempt;
  const answers: Output[] = attempt.phase === "Silent" ? [{ kind: "Answers", target }] : [];
  // Two copies met again behind the servers, and who gets the second answers 482 (RFC 3261
  // §8.2.2.2): the other copy has arrived, so it is that one which is waited for.
  if (status === 482 && s.attempts.some((each) => each !== attempt && each.phase !== "GivenUp")) {
    return goOn(p, { ...without(s, id), queue: [] }, answers, now);
  }
  //= RFC 3261 §21.5.4
  //# A client (proxy or UAC) receiving a 503 (Service Unavailable) SHOULD attempt to forward the
  //# request to an alternate server. It SHOULD NOT forward any other requests to that server for
  //# the duration specified in the Retry-After header field, if present.
  if (status === 503) {
    const outputs: Output[] =
      retryAfterSeconds === undefined
        ? answers
        : [{ kind: "Unavailable", target, retryAfterSeconds }];
    return goOn(p, { ...without(s, id), reason: "unavailable" }, outputs, now);
  }
  const outputs: Output[] = [...answers, { kind: "Deliver", attempt: id }];
  const [attempts, gaveUp] = choose(s.attempts, attempt);
  if (status >= 300) return finish(p, without({ attempts }, id), [...outputs, ...gaveUp], now);
  if (status >= 200) return finish(p, { attempts }, [...outputs, ...gaveUp], now);
  const { queue, tried, reason } = s;
  return [{ name: "Answering", attempts, queue, tried, reason }, ...outputs, ...gaveUp];
}

//= RFC 3263 §4.3
//# For SIP requests, failure occurs if the transaction layer reports a 503 error response or a
//# transport failure of some sort (generally, due to fatal ICMP errors in UDP or connection
//# failures in TCP).
//= RFC 3263 §4.3
//# If a failure occurs, the client SHOULD create a new request, which is identical to the previous,
//# but has a different value of the Via branch ID than the previous (and therefore constitutes a
//# new SIP transaction). That request is sent to the next element in the list as specified by RFC
//# 2782.
function failed(
  p: Params,
  s: Trying | Answering,
  { id, target, phase }: Attempt,
  how: "Refused" | "TimedOut",
  now: Millis,
): Step {
  if (how === "Refused") {
    const { ifRefused } = target;
    const queue = ifRefused === undefined ? s.queue : [withoutMore(ifRefused), ...s.queue];
    return goOn(p, { ...without(s, id), queue }, [], now);
  }
  //= RFC 3263 §4.3
  //# Failure also occurs if the transaction layer times out without ever having received any
  //# response, provisional or final (i.e., timer B or timer F in RFC 3261 [1] fires).
  if (phase === "Chosen") {
    return finish(p, without(s, id), [{ kind: "Exhausted", reason: "timeout" }], now);
  }
  const reason = s.reason === "refused" ? "timeout" : s.reason;
  const outputs: Output[] = phase === "Fresh" ? [{ kind: "Silent", target }] : [];
  return goOn(p, { ...without(s, id), reason }, outputs, now);
}

/** A given-up INVITE may be accepted all the same; whatever else it comes to is of no interest. */
function givenUp(
  p: Params,
  s: Trying | Answering,
  { id }: Attempt,
  input: Extract<Input, { attempt: number }>,
): Step {
  if (p.invite && is2xx(input)) return [s, { kind: "Late2xx", attempt: id }];
  return isOver(input) ? [{ ...s, attempts: without(s, id).attempts }] : [s];
}

function finished(
  s: Finished,
  { id, phase }: Attempt,
  input: Extract<Input, { attempt: number }>,
): Step {
  // One that was chosen is only still here after a 2xx: forks of it may bring more.
  if (is2xx(input)) return [s, { kind: phase === "Chosen" ? "Deliver" : "Late2xx", attempt: id }];
  return isOver(input) ? waiting(s, (each) => each.id !== id) : [s];
}

/** For those alone that may still say something. */
function waiting(s: Finished, mayCome: (attempt: Attempt) => boolean): Step {
  const attempts = s.attempts.filter(mayCome);
  return attempts.length === 0 ? [ENDED] : [{ ...s, attempts }];
}

const overAt = ({ timerForks, timerLate }: Finished, { phase }: Attempt): Millis =>
  phase === "Chosen" ? timerForks : timerLate;

function abandoned(p: Params, s: Trying | Answering, now: Millis): Step {
  const [attempts, gaveUp] = choose(s.attempts, undefined);
  return finish(p, { attempts }, [...gaveUp, { kind: "Exhausted", reason: "abandoned" }], now);
}

/** Tries the next if nobody is in its first seconds, or sees that there is none. */
function goOn(p: Params, race: Race, outputs: readonly Output[], now: Millis): Step {
  const { attempts, queue, tried, reason } = race;
  const [target, ...rest] = queue;
  const isFresh = attempts.some(({ phase }) => phase === "Fresh");
  if (target !== undefined && !isFresh) {
    const timerSilence = now + (p.invite ? SILENCE_MS : NON_INVITE_SILENCE_MS);
    const all = [...attempts, { id: tried, target, phase: "Fresh", timerSilence } as const];
    const output: Output = { kind: "Try", attempt: tried, target };
    const next = { attempts: all, queue: rest, tried: tried + 1, reason };
    return [{ name: "Trying", ...next }, ...outputs, output];
  }
  if (attempts.some(({ phase }) => phase !== "GivenUp")) {
    return [{ name: "Trying", attempts, queue, tried, reason }, ...outputs];
  }
  return finish(p, race, [...outputs, { kind: "Exhausted", reason }], now);
}

/** The request has its outcome. What was accepted, or may still be, is waited for a while. */
function finish(
  { invite }: Params,
  { attempts }: Pick<Race, "attempts">,
  outputs: readonly Output[],
  now: Millis,
): Step {
  if (!invite || attempts.length === 0) return [ENDED, ...outputs];
  const timers = { timerForks: now + FORKS_MS, timerLate: now + LATE_MS };
  return [{ name: "Finished", attempts, ...timers }, ...outputs];
}

/** One is chosen (or none), and the others are given up. */
function choose(
  attempts: readonly Attempt[],
  chosen: Attempt | undefined,
): readonly [attempts: readonly Attempt[], gaveUp: readonly Output[]] {
  const others = attempts.filter((each) => each !== chosen && each.phase !== "GivenUp");
  return [
    attempts.map((each) => as(each === chosen ? "Chosen" : "GivenUp", each)),
    others.map(({ id }) => ({ kind: "GiveUp", attempt: id })),
  ];
}

const as = (phase: "Silent" | "Chosen" | "GivenUp", attempt: Attempt): Attempt => ({
  ...attempt,
  phase,
  timerSilence: NEVER,
});

function without<R extends Pick<Race, "attempts">>(race: R, id: number): R {
  return { ...race, attempts: race.attempts.filter((each) => each.id !== id) };
}

/** The second way is the last. */
const withoutMore = ({ transport, address, name }: Target): Target => ({
  transport,
  address,
  name,
});

const is2xx = (input: Input): boolean =>
  input.kind === "Response" && input.status >= 200 && input.status < 300;

/** Whether its transaction says nothing more after this. */
const isOver = (input: Input): boolean => input.kind !== "Response" || input.status >= 300;

const ENDED: Ended = Object.freeze({ name: "Ended" });
