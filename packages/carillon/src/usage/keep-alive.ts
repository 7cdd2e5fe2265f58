/**
 * Keeps one flow alive, and notices when it no longer is. RFC 5626 §3.5, §4.4.
 *
 * It says when to send a ping and when too long nothing came back; what a ping is (two CRLFs over
 * a connection, a STUN request over UDP) is others' business.
 */
import { type Millis, NEVER } from "../transaction/timers.ts";

/** Nothing is on its way. */
export interface Resting {
  /** Our word: RFC 5626 names no states. */
  readonly name: "Resting";
  /** When the next ping goes out. */
  readonly timerPing: Millis;
  /** The other side has answered before, so that silence means something. */
  readonly answers: boolean;
}
/** A ping is out. */
export interface Waiting {
  /** Our word: RFC 5626 names no states. */
  readonly name: "Waiting";
  /** When it is sent again, or given up. */
  readonly timerPong: Millis;
  /** How often it has been sent. */
  readonly sent: number;
  /** The other side has answered before, or promised to: silence now means that it is gone. */
  readonly answers: boolean;
}
/** The end: the flow is dead, or nobody cares. */
export interface Terminated {
  /** Our word: RFC 5626 names no states. */
  readonly name: "Terminated";
}
/**
 * Everything the machine remembers, told apart by `name`. Times are in ms of the caller's clock.
 */
export type State = Resting | Waiting | Terminated;

/**
 * What happens on the flow. `Tick`: `deadline` is reached, or may be. `Abandon`: nobody cares any
 * more.
 */
export type Input =
  /** What a ping is answered with. `random` is in [0, 1). */
  | { readonly kind: "Pong"; readonly random: number }
  /** From now on it matters more: as soon as these params have it. `random` is in [0, 1). */
  | { readonly kind: "Hurry"; readonly random: number }
  /** `random` is in [0, 1). */
  | { readonly kind: "Tick"; readonly random: number }
  | { readonly kind: "Abandon" };

/** `Ping`: send one, two CRLFs or a STUN request. `Lost`: the flow has failed. */
export type Output =
  | { readonly kind: "Ping" }
  /** It is dead. */
  | { readonly kind: "Lost" };

/** The state after an input, and what is to be done. */
export type Step = readonly [State, ...Output[]];

/**
 * How often, and how patiently. `pingTimes` makes the times; a step may get other params than the
 * last.
 */
export interface Params {
  /** Between one ping and the next: at least, and at most. */
  readonly lowMs: Millis;
  /** The longest between two pings. */
  readonly highMs: Millis;
  /** How long each sending is waited for, the last one included. */
  readonly patienceMs: readonly Millis[];
  /** The other side has said that it answers. */
  readonly isPromised: boolean;
}

//= RFC 5626 §4.4.1
//# If a pong is not received within 10 seconds after sending a ping (or immediately after
//# processing any incoming message being received when that 10 seconds expires), then the client
//# MUST treat the flow as failed.
/** Patience over a connection: one ping, and ten seconds. RFC 5626 §4.4.1. */
export const PONG_MS: readonly Millis[] = [10_000];
//= RFC 5626 §4.4.2
//# If a STUN Binding Error Response is received, or if no Binding Response is received after 7
//# retransmissions (16 times the STUN "RTO" timer -- where RTO is an estimate of round-trip
//# time), the UA considers the flow failed.
/**
 * Patience over UDP, in ms for each sending. RFC 5389 §7.2.1: RTO is half a second, doubled at each
 * sending; the last is waited for 16.
 */
export const STUN_MS: readonly Millis[] = [500, 1000, 2000, 4000, 8000, 16_000, 8000];

/**
 * In a call, over a connection: who does not get through is missed within seven seconds, or nobody
 * would know that the network has gone from under it.
 */
export const IN_CALL: Pick<Params, "lowMs" | "highMs" | "patienceMs"> = {
  ...{ lowMs: 2400, highMs: 3000, patienceMs: [4000] },
};

/**
 * When pings go out, by what the server said (Flow-Timer) and the transport: 80 to 100% of that
 * time, else every 24 to 29 s, over connections 30. RFC 5626 §4.4.
 */
export function pingTimes(
  flowTimerSeconds: number | undefined,
  isReliable: boolean,
): Pick<Params, "lowMs" | "highMs"> {
  //= RFC 5626 §4.4
  //# The UA MUST send keep-alives at least as often as this number of seconds. If the UA uses the
  //# server-recommended keep-alive frequency it SHOULD send its keep-alives so that the interval
  //# between each keep-alive is randomly distributed between 80% and 100% of the server-provided
  //# time.
  if (flowTimerSeconds !== undefined && flowTimerSeconds > 0) {
    return { lowMs: 800 * flowTimerSeconds, highMs: 1000 * flowTimerSeconds };
  }
  //= RFC 5626 §4.4.2
  //# When a Flow-Timer header field is not included in a successful registration response, the
  //# time between each keep-alive request SHOULD be a random number between 24 and 29 seconds.
  if (!isReliable) return { lowMs: 24_000, highMs: 29_000 };
  //= RFC 5626 §4.4.1
  //# The UA MUST select a random number between a fixed or configurable upper bound and a lower
  //# bound, where the lower bound is 20% less then the upper bound.
  // Somebody looks at this phone and wants to be found: half a minute, not two.
  return { lowMs: 24_000, highMs: 30_000 };
}

/** Begins as `Resting`; `now` is in ms, `random` in [0, 1). */
export const start = (p: Params, now: Millis, random = 0.5): Step => [
  { name: "Resting", timerPing: pingAt(p, now, random), answers: p.isPromised },
];

/** One input, handled at once. `now` is in ms. */
export function step(p: Params, s: State, input: Input, now: Millis): Step {
  if (input.kind === "Abandon") return [TERMINATED];
  switch (s.name) {
    case "Resting":
      return resting(p, s, input, now);
    case "Waiting":
      return waiting(p, s, input, now);
    case "Terminated":
      return [s];
  }
}

/** When the machine wants its next "Tick"; NEVER if it does not. */
export function deadline(s: State): Millis {
  switch (s.name) {
    case "Resting":
      return s.timerPing;
    case "Waiting":
      return s.timerPong;
    case "Terminated":
      return NEVER;
  }
}

function resting(p: Params, s: Resting, input: Input, now: Millis): Step {
  if (input.kind === "Hurry") {
    return [{ ...s, timerPing: Math.min(s.timerPing, pingAt(p, now, input.random)) }];
  }
  if (input.kind !== "Tick") return [s.answers ? s : { ...s, answers: input.kind === "Pong" }];
  return now < s.timerPing ? [s] : ping(p, 0, s.answers, now);
}

function ping(p: Params, sent: number, answers: boolean, now: Millis): Step {
  const timerPong = now + (p.patienceMs[sent] ?? 0);
  return [{ name: "Waiting", timerPong, sent: sent + 1, answers }, { kind: "Ping" }];
}

function waiting(p: Params, s: Waiting, input: Input, now: Millis): Step {
  if (input.kind === "Abandon") return [TERMINATED];
  if (input.kind === "Hurry") return [s];
  if (input.kind === "Pong") return rest(p, true, input.random, now);
  if (now < s.timerPong) return [s];
  if (s.sent < p.patienceMs.length && s.answers) return ping(p, s.sent, s.answers, now);
  //= RFC 5626 §4.4
  //# However a UA that did not register using outbound registration cannot expect a CRLF in
  //# response (a "pong") unless the UA has an explicit indication that CRLF keep-alives are
  //# supported as described in this section.
  return s.answers ? [TERMINATED, { kind: "Lost" }] : rest(p, false, input.random, now);
}

const rest = (p: Params, answers: boolean, random: number, now: Millis): Step => [
  { name: "Resting", timerPing: pingAt(p, now, random), answers },
];

//= RFC 5626 §4.4.1
//# The random number will be different for each keep-alive "ping".
const pingAt = ({ lowMs, highMs }: Params, now: Millis, random: number): Millis =>
  now + lowMs + random * (highMs - lowMs);

const TERMINATED: Terminated = Object.freeze({ name: "Terminated" });
