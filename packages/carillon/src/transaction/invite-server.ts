/**
 * INVITE server transaction. RFC 3261 §17.2.1, corrected by RFC 6026 §7.1 and §8.5 to §8.8.
 *
 * A pure machine in the shape of `invite-client.ts`. Whoever starts it hands the INVITE to the
 * user; the machine only sees responses go by. Below, one function per box of the RFC's figure.
 */
import type { Octets } from "../grammar/octets.ts";
import { type Millis, NEVER, type TimerBase } from "./timers.ts";

/** No final response yet. RFC 3261 §17.2.1. */
export interface Proceeding {
  /** The state in Figure 7. */
  readonly name: "Proceeding";
  /** When a 100 is due; NEVER once any provisional response went out. */
  readonly timerTrying: Millis;
  /** The last provisional response. */
  readonly provisional: Octets | undefined;
}
/** A 300-699 is sent, again and again until its ACK comes. RFC 3261 §17.2.1. */
export interface Completed {
  /** The state in Figure 7. */
  readonly name: "Completed";
  /**
   * When the response is sent again, in ms of the caller's clock; NEVER over reliable transports.
   */
  readonly timerG: Millis;
  /** What timer G was last set to: T1, doubled each time, T2 at most. */
  readonly intervalG: Millis;
  /** When no ACK is waited for any more: 64*T1 after the response. */
  readonly timerH: Millis;
  /** The response as it was sent. */
  readonly final: Octets;
}
/** The ACK came; more of them are absorbed. RFC 3261 §17.2.1. */
export interface Confirmed {
  /** The state in Figure 7. */
  readonly name: "Confirmed";
  /** When it ends: T4 after the ACK, at once over reliable transports. */
  readonly timerI: Millis;
}
/** A 2xx is sent, which the user sends again itself until its ACK comes. RFC 6026 §7.1. */
export interface Accepted {
  /** The state in RFC 6026, Figure 7. */
  readonly name: "Accepted";
  /** When it ends: 64*T1 after the first 2xx. */
  readonly timerL: Millis;
}
/** The end, which no input leaves: forget the transaction. */
export interface Terminated {
  /** The state in Figure 7. */
  readonly name: "Terminated";
}
/**
 * Everything the machine remembers, told apart by `name`. Times are in ms of the caller's clock.
 */
export type State = Proceeding | Completed | Confirmed | Accepted | Terminated;

/**
 * What happens to the transaction. `Respond`: the user's response, `text` as it goes on the wire;
 * out of place, such as a second final one, it is dropped. `Tick`: `deadline` is reached, or may
 * be. `TransportError`: a response could not be sent; `cause` is the world's own error.
 */
export type Input =
  /** The same INVITE again. */
  | { readonly kind: "Retransmission" }
  /** An ACK that matches this transaction by §17.2.3. */
  | { readonly kind: "Ack" }
  | { readonly kind: "Respond"; readonly status: number; readonly text: Octets }
  | { readonly kind: "Tick" }
  /** The user goes away without another word. */
  | { readonly kind: "Abandon" }
  | { readonly kind: "TransportError"; readonly cause: unknown };

/**
 * What is to be done, in this order. `Send`: to where the responses go (RFC 3261 §18.2.2). `Failed`
 * for `timeout` is the end; for `transport` the state stays as it is (RFC 6026 §8.8).
 */
export type Output =
  | { readonly kind: "Send"; readonly text: Octets }
  /** The response, a 3xx-6xx, has been acknowledged. */
  | { readonly kind: "Acknowledged" }
  | { readonly kind: "Failed"; readonly reason: Reason; readonly cause?: unknown };

/** What failed: no ACK before timer H, or a response that could not be sent. */
export type Reason = "timeout" | "transport";

/** The state after an input, and what is to be done. */
export type Step = readonly [State, ...Output[]];

/** What stays the same as long as the transaction lives. Give every step the same. */
export interface Params {
  /** Whether the transport retransmits by itself: all but UDP. */
  readonly reliable: boolean;
  /** T1, T2 and T4, in ms: `DEFAULT_TIMERS` unless the network is a special one. */
  readonly timers: TimerBase;
  /** Makes the text of the 100 (Trying), which is mostly not needed. */
  readonly trying: () => Octets;
}

const TRYING_AFTER_MS = 200;

/**
 * Begins, and sends nothing: a 100 (Trying) is due 200 ms later. `now` is in ms, as in every step.
 */
export function start(_: Params, now: Millis): Step {
  //= RFC 3261 §17.2.1
  //# When a server transaction is constructed for a request, it enters the "Proceeding" state. The
  //# server transaction MUST generate a 100 (Trying) response unless it knows that the TU will
  //# generate a provisional or final response within 200 ms, in which case it MAY generate a 100
  //# (Trying) response.
  return [{ name: "Proceeding", timerTrying: now + TRYING_AFTER_MS, provisional: undefined }];
}

/** One input, handled at once. Never throws for what a peer sent; `Terminated` stays as it is. */
export function step(p: Params, s: State, input: Input, now: Millis): Step {
  if (input.kind === "Abandon") return [TERMINATED];
  switch (s.name) {
    case "Proceeding":
      return proceeding(p, s, input, now);
    case "Completed":
      return completed(p, s, input, now);
    case "Confirmed":
      return confirmed(s, input, now);
    case "Accepted":
      return accepted(s, input, now);
    case "Terminated":
      //= RFC 3261 §17.2.1
      //# Once the transaction is in the "Terminated" state, it MUST be destroyed immediately.
      //= RFC 6026 §7.1
      //# Once the transaction is in the "Terminated" state, it MUST be destroyed immediately.
      return [s];
  }
}

/** When the machine wants its next "Tick"; NEVER if it does not. */
export function deadline(s: State): Millis {
  switch (s.name) {
    case "Proceeding":
      return s.timerTrying;
    case "Completed":
      return Math.min(s.timerG, s.timerH);
    case "Confirmed":
      return s.timerI;
    case "Accepted":
      return s.timerL;
    case "Terminated":
      return NEVER;
  }
}

function proceeding(p: Params, s: Proceeding, input: Input, now: Millis): Step {
  switch (input.kind) {
    case "Respond":
      return responded(p, input.status, input.text, now);
    case "Retransmission":
      //= RFC 3261 §17.2.1
      //# If a request retransmission is received while in the "Proceeding" state, the most recent
      //# provisional response that was received from the TU MUST be passed to the transport layer
      //# for retransmission.
      return s.provisional === undefined ? [s] : [s, send(s.provisional)];
    case "Tick":
      return now < s.timerTrying ? [s] : provisional(p.trying());
    case "TransportError":
      return unsent(s, input.cause);
    default:
      return [s];
  }
}

function responded(p: Params, status: number, text: Octets, now: Millis): Step {
  if (status < 200) return provisional(text);
  const after64T1 = now + 64 * p.timers.t1;
  if (status < 300) {
    //= RFC 3261 §17.2.1
    //# If, while in the "Proceeding" state, the TU passes a 2xx response to the server transaction,
    //# the server transaction MUST pass this response to the transport layer for transmission.
    //= RFC 6026 §8.5
    //# If, while in the "Proceeding" state, the TU passes a 2xx response to the server
    //# transaction, the server transaction MUST pass this response to the transport layer for
    //# transmission.
    //= RFC 6026 §8.5
    //# The server transaction MUST then transition to the "Accepted" state.
    //= RFC 6026 §7.1
    //# If the SIP element's TU (Transaction User) issues a 2xx response for this transaction while
    //# the state machine is in the "Proceeding" state, the state machine MUST transition to the
    //# "Accepted" state and set Timer L to 64*T1
    //= RFC 6026 §8.7
    //# When the INVITE server transaction enters the "Accepted" state, Timer L MUST be set to fire
    //# in 64*T1 for all transports.
    return [{ name: "Accepted", timerL: after64T1 }, send(text)];
  }
  //= RFC 3261 §17.2.1
  //# While in the "Proceeding" state, if the TU passes a response with status code from 300 to 699
  //# to the server transaction, the response MUST be passed to the transport layer for
  //# transmission, and the state machine MUST enter the "Completed" state. For unreliable
  //# transports, timer G is set to fire in T1 seconds, and is not set to fire for reliable
  //# transports.
  const timerG = p.reliable ? NEVER : now + p.timers.t1;
  //= RFC 3261 §17.2.1
  //# When the "Completed" state is entered, timer H MUST be set to fire in 64*T1 seconds for all
  //# transports.
  return [
    { name: "Completed", timerG, intervalG: p.timers.t1, timerH: after64T1, final: text },
    send(text),
  ];
}

//= RFC 3261 §17.2.1
//# So long as the server transaction is in the "Proceeding" state, each of these MUST be passed to
//# the transport layer for transmission. They are not sent reliably by the transaction layer (they
//# are not retransmitted by it) and do not cause a change in the state of the server transaction.
const provisional = (text: Octets): Step => [
  { name: "Proceeding", timerTrying: NEVER, provisional: text },
  send(text),
];

/** What else the user says here is not said on the wire: the INVITE has had its final response. */
function completed(p: Params, s: Completed, input: Input, now: Millis): Step {
  switch (input.kind) {
    case "Ack":
      return acknowledged(p, now);
    case "Retransmission":
      //= RFC 3261 §17.2.1
      //# while in the "Completed" state, if a request retransmission is received, the server SHOULD
      //# pass the response to the transport for retransmission.
      return [s, send(s.final)];
    case "TransportError":
      return unsent(s, input.cause);
    case "Tick":
      return completedTick(p, s, now);
    default:
      return [s];
  }
}

function completedTick(p: Params, s: Completed, now: Millis): Step {
  //= RFC 3261 §17.2.1
  //# If timer H fires while in the "Completed" state, it implies that the ACK was never received.
  //# In this case, the server transaction MUST transition to the "Terminated" state, and MUST
  //# indicate to the TU that a transaction failure has occurred.
  if (now >= s.timerH) return [TERMINATED, { kind: "Failed", reason: "timeout" }];
  if (now < s.timerG) return [s];
  //= RFC 3261 §17.2.1
  //# If timer G fires, the response is passed to the transport layer once more for retransmission,
  //# and timer G is set to fire in MIN(2*T1, T2) seconds. From then on, when timer G fires, the
  //# response is passed to the transport again for transmission, and timer G is reset with a value
  //# that doubles, unless that value exceeds T2, in which case it is reset with the value of T2.
  const intervalG = Math.min(2 * s.intervalG, p.timers.t2);
  return [{ ...s, intervalG, timerG: now + intervalG }, send(s.final)];
}

//= RFC 3261 §17.2.1
//# If an ACK is received while the server transaction is in the "Completed" state, the server
//# transaction MUST transition to the "Confirmed" state. As Timer G is ignored in this state, any
//# retransmissions of the response will cease.
function acknowledged(p: Params, now: Millis): Step {
  //= RFC 3261 §17.2.1
  //# When this state is entered, timer I is set to fire in T4 seconds for unreliable transports,
  //# and zero seconds for reliable transports.
  const timerI = now + (p.reliable ? 0 : p.timers.t4);
  return [{ name: "Confirmed", timerI }, ACKNOWLEDGED];
}

//= RFC 3261 §17.2.1
//# The purpose of the "Confirmed" state is to absorb any additional ACK messages that arrive,
//# triggered from retransmissions of the final response.
function confirmed(s: Confirmed, input: Input, now: Millis): Step {
  //= RFC 3261 §17.2.1
  //# Once timer I fires, the server MUST transition to the "Terminated" state.
  return input.kind === "Tick" && now >= s.timerI ? [TERMINATED] : [s];
}

/**
 * An ACK leaves the machine as it is. Whoever fed it holds the message, and by RFC 6026 §8.7 owes
 * it to the user.
 */
function accepted(s: Accepted, input: Input, now: Millis): Step {
  switch (input.kind) {
    case "Respond":
      //= RFC 6026 §8.7
      //# While in the "Accepted" state, if the TU passes a 2xx response, the server transaction
      //# MUST pass the response to the transport layer for transmission.
      //= RFC 6026 §7.1
      //# Any retransmission of the 2xx response passed from the TU to the transaction while in the
      //# "Accepted" state MUST be passed to the transport layer for transmission.
      return is2xx(input.status) ? [s, send(input.text)] : [s];
    case "TransportError":
      return unsent(s, input.cause);
    case "Tick":
      //= RFC 6026 §8.7
      //# If Timer L fires while the INVITE server transaction is in the "Accepted" state, the
      //# transaction MUST transition to the "Terminated" state.
      //= RFC 6026 §7.1
      //# When Timer L fires and the state machine is in the "Accepted" state, the machine MUST
      //# transition to the "Terminated" state.
      return now < s.timerL ? [s] : [TERMINATED];
    default:
      //= RFC 6026 §7.1
      //# The server transaction MUST NOT generate 2xx retransmissions on its own.
      //= RFC 6026 §8.7
      //# Any such retransmissions are absorbed entirely within the server transaction.
      return [s];
  }
}

//= RFC 6026 §7.1
//# A server transaction MUST NOT discard transaction state based only on encountering a
//# non-recoverable transport error when sending a response. Instead, the associated INVITE server
//# transaction state machine MUST remain in its current state.
//= RFC 6026 §8.8
//# the server transaction SHOULD inform the TU that a failure has occurred, and MUST remain in the
//# current state.
const unsent = (s: State, cause: unknown): Step => [
  s,
  { kind: "Failed", reason: "transport", cause },
];

const TERMINATED: Terminated = Object.freeze({ name: "Terminated" });
const ACKNOWLEDGED: Output = Object.freeze({ kind: "Acknowledged" });
const is2xx = (status: number) => status >= 200 && status < 300;
const send = (text: Octets): Output => ({ kind: "Send", text });
