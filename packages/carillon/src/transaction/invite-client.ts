/**
 * INVITE client transaction. RFC 3261 §17.1.1, corrected by RFC 6026 §8.4.
 *
 * A pure machine: (state, input, now) -> [state, ...outputs]. It owns no clock, socket or random
 * source. A state carries the deadlines that exist in that state and no others, so leaving a
 * state is what stops its timers. Below, one function per box of the RFC's figure.
 */
import type { Octets } from "../grammar/octets.ts";
import type { Request, Response } from "../message/message.ts";
import { composeAck } from "./ack.ts";
import { type Millis, NEVER, type TimerBase } from "./timers.ts";

/** The INVITE is sent and nothing has come back. RFC 3261 §17.1.1.2. */
export interface Calling {
  /** The state in Figure 5. */
  readonly name: "Calling";
  /** When the INVITE is sent again, in ms of the caller's clock; NEVER over reliable transports. */
  readonly timerA: Millis;
  /** What timer A was last set to: T1, and doubled at every retransmission. */
  readonly intervalA: Millis;
  /** When the transaction is given up: 64*T1 after its start. */
  readonly timerB: Millis;
}
/**
 * A provisional response came. No timer runs: timer C is the proxy's (§16.8). RFC 3261 §17.1.1.2.
 */
export interface Proceeding {
  /** The state in Figure 5. */
  readonly name: "Proceeding";
}
/** A 300-699 came and is acknowledged, whenever it comes again. RFC 3261 §17.1.1.2. */
export interface Completed {
  /** The state in Figure 5. */
  readonly name: "Completed";
  /** When it ends: at least 32 s after the response, at once over reliable transports. */
  readonly timerD: Millis;
  /** The ACK as it was sent. RFC 3261 §17.1.1.3. */
  readonly ack: Octets;
}
/** A 2xx came; more of them, from other forks too, go to the user. RFC 6026 §7.2. */
export interface Accepted {
  /** The state in RFC 6026, Figure 5. */
  readonly name: "Accepted";
  /** When it ends: 64*T1 after the first 2xx. */
  readonly timerM: Millis;
}
/** The end, which no input leaves: forget the transaction. */
export interface Terminated {
  /** The state in Figure 5. */
  readonly name: "Terminated";
}
/**
 * Everything the machine remembers, told apart by `name`. Times are in ms of the caller's clock.
 */
export type State = Calling | Proceeding | Completed | Accepted | Terminated;

/**
 * What happens to the transaction. `Response`: one that matched it by RFC 3261 §17.1.3. `Tick`:
 * `deadline` is reached, or may be: too early a tick changes nothing. `TransportError`: the request
 * or the ACK could not be sent; `cause` is the world's own error.
 */
export type Input =
  | { readonly kind: "Response"; readonly response: Response }
  | { readonly kind: "Tick" }
  /** The user gives up: timer C, or 64*T1 after a CANCEL that nobody answered (§9.1, §16.8). */
  | { readonly kind: "Abandon" }
  | { readonly kind: "TransportError"; readonly cause: unknown };

/**
 * What is to be done, in this order. `Send`: to the place where the INVITE went. `ToUser`: news for
 * the transaction's user, who sends the ACK for a 2xx itself. `Failed`: the end, without a final
 * response or with an ACK for it that could not be sent.
 */
export type Output =
  | { readonly kind: "Send"; readonly text: Octets }
  | { readonly kind: "ToUser"; readonly response: Response }
  | { readonly kind: "Failed"; readonly reason: Reason; readonly cause?: unknown };

/**
 * Why it failed: timer B, the transport (RFC 3261 §17.1.4), or the user's own word.
 */
export type Reason = "timeout" | "transport" | "abandoned";

/** The state after an input, and what is to be done. */
export type Step = readonly [State, ...Output[]];

/** What stays the same as long as the transaction lives. Give every step the same. */
export interface Params {
  /** The INVITE as it is sent, its top Via in it. */
  readonly request: Request;
  /** Whether the transport retransmits by itself: all but UDP. */
  readonly reliable: boolean;
  /** T1, T2 and T4, in ms: `DEFAULT_TIMERS` unless the network is a special one. */
  readonly timers: TimerBase;
}

/** Begins: the INVITE is the first output. `now` is in ms, as in every step. */
export function start({ request, reliable, timers: { t1 } }: Params, now: Millis): Step {
  //= RFC 3261 §17.1.1.2
  //# If an unreliable transport is being used, the client transaction MUST start timer A with a
  //# value of T1. If a reliable transport is being used, the client transaction SHOULD NOT start
  //# timer A (Timer A controls request retransmissions).
  const timerA = reliable ? NEVER : now + t1;
  //= RFC 3261 §17.1.1.2
  //# For any transport, the client transaction MUST start timer B with a value of 64*T1 seconds
  //# (Timer B controls transaction timeouts).
  const timerB = now + 64 * t1;
  //= RFC 3261 §17.1.1.2
  //# The initial state, "calling", MUST be entered when the TU initiates a new client transaction
  //# with an INVITE request. The client transaction MUST pass the request to the transport layer
  //# for transmission
  return [{ name: "Calling", timerA, intervalA: t1, timerB }, send(request.text)];
}

/** One input, handled at once. Never throws for what a peer sent; `Terminated` stays as it is. */
export function step(p: Params, s: State, input: Input, now: Millis): Step {
  if (input.kind === "Abandon") return abandoned(s);
  switch (s.name) {
    case "Calling":
      return calling(p, s, input, now);
    case "Proceeding":
      return proceeding(p, s, input, now);
    case "Completed":
      return completed(s, input, now);
    case "Accepted":
      return accepted(s, input, now);
    case "Terminated":
      //= RFC 6026 §7.2
      //# Once the transaction is in the "Terminated" state, it MUST be destroyed immediately.
      //= RFC 3261 §17.1.1.2
      //# The client transaction MUST be destroyed the instant it enters the "Terminated" state.
      return [s];
  }
}

/** When the machine wants its next "Tick"; NEVER if it does not. */
export function deadline(s: State): Millis {
  switch (s.name) {
    case "Calling":
      return Math.min(s.timerA, s.timerB);
    case "Completed":
      return s.timerD;
    case "Accepted":
      return s.timerM;
    default:
      return NEVER;
  }
}

function calling(p: Params, s: Calling, input: Input, now: Millis): Step {
  if (input.kind === "Response") return answered(p, input.response, now);
  //= RFC 3261 §17.1.4
  //# The client transaction SHOULD inform the TU that a transport failure has occurred, and the
  //# client transaction SHOULD transition directly to the "Terminated" state.
  if (input.kind === "TransportError") return failed("transport", input.cause);
  //= RFC 3261 §17.1.1.2
  //# If the client transaction is still in the "Calling" state when timer B fires, the client
  //# transaction SHOULD inform the TU that a timeout has occurred. The client transaction MUST NOT
  //# generate an ACK.
  if (now >= s.timerB) return failed("timeout");
  if (now < s.timerA) return [s];
  //= RFC 3261 §17.1.1.2
  //# When timer A fires, the client transaction MUST retransmit the request by passing it to the
  //# transport layer, and MUST reset the timer with a value of 2*T1.
  //= RFC 3261 §17.1.1.2
  //# This process MUST continue so that the request is retransmitted with intervals that double
  //# after each transmission.
  //= RFC 3261 §17.1.1.2
  //# When timer A fires 2*T1 seconds later, the request MUST be retransmitted again (assuming the
  //# client transaction is still in this state).
  //= RFC 3261 §17.1.1.2
  //# Whatever the value of T1, the exponential backoffs on retransmissions described in this
  //# section MUST be used.
  const intervalA = 2 * s.intervalA;
  return [{ ...s, intervalA, timerA: now + intervalA }, send(p.request.text)];
}

/** No timer runs here: a phone may ring for as long as its caller waits. */
function proceeding(p: Params, s: Proceeding, input: Input, now: Millis): Step {
  if (input.kind === "Response") return answered(p, input.response, now);
  return input.kind === "TransportError" ? failed("transport", input.cause) : [s];
}

/** The arrows that leave both "Calling" and "Proceeding". */
function answered(p: Params, response: Response, now: Millis): Step {
  if (response.status < 200) {
    //= RFC 3261 §17.1.1.2
    //# If the client transaction receives a provisional response while in the "Calling" state, it
    //# transitions to the "Proceeding" state. In the "Proceeding" state, the client transaction
    //# SHOULD NOT retransmit the request any longer. Furthermore, the provisional response MUST be
    //# passed to the TU. Any further provisional responses MUST be passed up to the TU while in
    //# the "Proceeding" state.
    return [PROCEEDING, toUser(response)];
  }
  if (response.status < 300) {
    //= RFC 6026 §7.2
    //# If a 2xx response is received while the client INVITE state machine is in the "Calling" or
    //# "Proceeding" states, it MUST transition to the "Accepted" state, pass the 2xx response to
    //# the TU, and set Timer M to 64*T1.
    //= RFC 6026 §8.4
    //# When a 2xx response is received while in either the "Calling" or "Proceeding" states, the
    //# client transaction MUST transition to the "Accepted" state, and Timer M MUST be started
    //# with a value of 64*T1. The 2xx response MUST be passed up to the TU. The client transaction
    //# MUST NOT generate an ACK to the 2xx response -- its handling is delegated to the TU.
    return [{ name: "Accepted", timerM: now + 64 * p.timers.t1 }, toUser(response)];
  }
  return refused(p, response, now);
}

//= RFC 3261 §17.1.1.2
//# When in either the "Calling" or "Proceeding" states, reception of a response with status code
//# from 300-699 MUST cause the client transaction to transition to "Completed". The client
//# transaction MUST pass the received response up to the TU, and the client transaction MUST
//# generate an ACK request, even if the transport is reliable
//= RFC 6026 §8.4
//# When in either the "Calling" or "Proceeding" states, reception of a response with status code
//# from 300-699 MUST cause the client transaction to transition to "Completed". The client
//# transaction MUST pass the received response up to the TU, and the client transaction MUST
//# generate an ACK request, even if the transport is reliable
function refused(p: Params, response: Response, now: Millis): Step {
  const ack = composeAck(p.request, response);
  //= RFC 6026 §8.4
  //# The client transaction MUST start Timer D when it enters the "Completed" state for any
  //# reason, with a value of at least 32 seconds for unreliable transports, and a value of zero
  //# seconds for reliable transports.
  const timerD = now + (p.reliable ? 0 : Math.max(32_000, 64 * p.timers.t1));
  // The ACK first: what the user makes of the response may be another INVITE to the same place.
  return [{ name: "Completed", timerD, ack }, send(ack), toUser(response)];
}

/** A 2xx after a final failure is another fork's, and its own dialog's business: dropped here. */
function completed(s: Completed, input: Input, now: Millis): Step {
  if (input.kind === "Response") {
    //= RFC 3261 §17.1.1.2
    //# Any retransmissions of the final response that are received while in the "Completed" state
    //# MUST cause the ACK to be re-passed to the transport layer for retransmission, but the newly
    //# received response MUST NOT be passed up to the TU.
    //= RFC 6026 §8.4
    //# Any retransmissions of a response with status code 300-699 that are received while in the
    //# "Completed" state MUST cause the ACK to be re-passed to the transport layer for
    //# retransmission, but the newly received response MUST NOT be passed up to the TU.
    return input.response.status < 300 ? [s] : [s, send(s.ack)];
  }
  if (input.kind === "TransportError") return failed("transport", input.cause);
  //= RFC 3261 §17.1.1.2
  //# If timer D fires while the client transaction is in the "Completed" state, the client
  //# transaction MUST move to the terminated state.
  //= RFC 6026 §8.4
  //# If Timer D fires while the client transaction is in the "Completed" state, the client
  //# transaction MUST move to the "Terminated" state.
  return now < s.timerD ? [s] : [TERMINATED];
}

function accepted(s: Accepted, input: Input, now: Millis): Step {
  //= RFC 6026 §7.2
  //# A 2xx response received while in the "Accepted" state MUST be passed to the TU and the machine
  //# remains in the "Accepted" state. The client transaction MUST NOT generate an ACK to any 2xx
  //# response on its own.
  //= RFC 6026 §8.4
  //# Any 2xx responses that match this client transaction and that are received while in the
  //# "Accepted" state MUST be passed up to the TU. The client transaction MUST NOT generate an ACK
  //# to the 2xx response. The client transaction takes no further action.
  if (input.kind === "Response") return is2xx(input.response) ? [s, toUser(input.response)] : [s];
  //= RFC 6026 §7.2
  //# When Timer M fires and the state machine is in the "Accepted" state, the machine MUST
  //# transition to the "Terminated" state.
  //= RFC 6026 §8.4
  //# If Timer M fires while the client transaction is in the "Accepted" state, the client
  //# transaction MUST move to the "Terminated" state.
  return input.kind === "Tick" && now >= s.timerM ? [TERMINATED] : [s];
}

/** Before a final response the user must hear of it; after one it already knows. */
function abandoned(s: State): Step {
  return s.name === "Calling" || s.name === "Proceeding" ? failed("abandoned") : [TERMINATED];
}

const PROCEEDING: Proceeding = Object.freeze({ name: "Proceeding" });
const TERMINATED: Terminated = Object.freeze({ name: "Terminated" });
const is2xx = ({ status }: Response) => status >= 200 && status < 300;
const send = (text: Octets): Output => ({ kind: "Send", text });
const toUser = (response: Response): Output => ({ kind: "ToUser", response });
const failed = (reason: Reason, cause?: unknown): Step => [
  TERMINATED,
  cause === undefined ? { kind: "Failed", reason } : { kind: "Failed", reason, cause },
];
