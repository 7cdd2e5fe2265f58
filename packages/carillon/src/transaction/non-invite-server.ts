/**
 * Non-INVITE server transaction. RFC 3261 §17.2.2, with the transport errors of RFC 6026 §8.8 and
 * the one provisional response that RFC 4320 §4.1 leaves.
 *
 * A pure machine in the shape of `invite-client.ts`. Whoever starts it hands the request to the
 * user, who has to answer or to abandon: nothing ends it before the final response. Below, one
 * function per box of Figure 8.
 */
import type { Octets } from "../grammar/octets.ts";
import { type Millis, NEVER, type TimerBase, timerEReachesT2 } from "./timers.ts";

/** The request is with the user, who has said nothing. RFC 3261 §17.2.2. */
export interface Trying {
  /** The state in Figure 8. */
  readonly name: "Trying";
  /** When a 100 is due, which before would only be one message more. */
  readonly timerTrying: Millis;
}
/** A 100 is sent, and again whenever the request comes again. RFC 3261 §17.2.2. */
export interface Proceeding {
  /** The state in Figure 8. */
  readonly name: "Proceeding";
  /** The last provisional response. */
  readonly provisional: Octets;
}
/** The final response is sent, and again whenever the request comes again. RFC 3261 §17.2.2. */
export interface Completed {
  /** The state in Figure 8. */
  readonly name: "Completed";
  /** When it ends: 64*T1 after the response, at once over reliable transports. */
  readonly timerJ: Millis;
  /** The response as it was sent. */
  readonly final: Octets;
}
/** The end, which no input leaves: forget the transaction. */
export interface Terminated {
  /** The state in Figure 8. */
  readonly name: "Terminated";
}
/**
 * Everything the machine remembers, told apart by `name`. Times are in ms of the caller's clock.
 */
export type State = Trying | Proceeding | Completed | Terminated;

/**
 * What happens to the transaction. `Respond`: the user's response, `text` as it goes on the wire; a
 * provisional one other than 100, a 100 that is too early (RFC 4320 §4.1) and a second final one
 * are dropped. `Tick`: `deadline` is reached, or may be. `TransportError`: a response could not be
 * sent; `cause` is the world's own error.
 */
export type Input =
  /** The same request again. */
  | { readonly kind: "Retransmission" }
  | { readonly kind: "Respond"; readonly status: number; readonly text: Octets }
  | { readonly kind: "Tick" }
  /** The user goes away without an answer, as RFC 4320 §4.2 wants it where 408 would be next. */
  | { readonly kind: "Abandon" }
  | { readonly kind: "TransportError"; readonly cause: unknown };

/**
 * What is to be done, in this order. `Send`: to where the responses go (RFC 3261 §18.2.2).
 * `Failed`: a response could not be sent, and the state stays as it is (RFC 6026 §8.8).
 */
export type Output =
  | { readonly kind: "Send"; readonly text: Octets }
  | { readonly kind: "Failed"; readonly reason: Reason; readonly cause?: unknown };

/** What failed: always the transport, as no silence ends this machine. */
export type Reason = "transport";

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

//= RFC 3261 §17.2.2
//# The state machine is initialized in the "Trying" state and is passed a request other than INVITE
//# or ACK when initialized.
/** Begins, and sends nothing. `now` is in ms, as in every step. */
export function start({ timers }: Params, now: Millis): Step {
  return [{ name: "Trying", timerTrying: now + timerEReachesT2(timers) }];
}

/** One input, handled at once. Never throws for what a peer sent; `Terminated` stays as it is. */
export function step(p: Params, s: State, input: Input, now: Millis): Step {
  if (input.kind === "Abandon") return [TERMINATED];
  switch (s.name) {
    case "Trying":
      return trying(p, s, input, now);
    case "Proceeding":
      return proceeding(p, s, input, now);
    case "Completed":
      return completed(s, input, now);
    case "Terminated":
      //= RFC 3261 §17.2.2
      //# The server transaction MUST be destroyed the instant it enters the "Terminated" state.
      return [s];
  }
}

/** When the machine wants its next "Tick"; NEVER if it does not. */
export function deadline(s: State): Millis {
  if (s.name === "Trying") return s.timerTrying;
  return s.name === "Completed" ? s.timerJ : NEVER;
}

function trying(p: Params, s: Trying, input: Input, now: Millis): Step {
  if (input.kind === "Respond") {
    //= RFC 4320 §4.1
    //# An SIP element MUST NOT respond to a non-INVITE request with a Status-Code of 100 over any
    //# unreliable transport, such as UDP, before the amount of time it takes a client
    //# transaction's Timer E to be reset to T2.
    const isEarly = input.status === 100 && !p.reliable && now < s.timerTrying;
    return isEarly ? [s] : responded(p, s, input.status, input.text, now);
  }
  if (input.kind === "TransportError") return unsent(s, input.cause);
  //= RFC 4320 §4.1
  //# Without regard to transport, an SIP element MUST respond to a non-INVITE request with a
  //# Status-Code of 100 if it has not otherwise responded after the amount of time it takes a
  //# client transaction's Timer E to be reset to T2.
  if (input.kind === "Tick" && now >= s.timerTrying) return provisional(p.trying());
  //= RFC 3261 §17.2.2
  //# Once in the "Trying" state, any further request retransmissions are discarded.
  return [s];
}

function proceeding(p: Params, s: Proceeding, input: Input, now: Millis): Step {
  if (input.kind === "Respond") return responded(p, s, input.status, input.text, now);
  if (input.kind === "TransportError") return unsent(s, input.cause);
  //= RFC 3261 §17.2.2
  //# If a retransmission of the request is received while in the "Proceeding" state, the most
  //# recently sent provisional response MUST be passed to the transport layer for retransmission.
  return input.kind === "Retransmission" ? [s, send(s.provisional)] : [s];
}

/** The arrows that leave both "Trying" and "Proceeding". */
function responded(
  p: Params,
  s: Trying | Proceeding,
  status: number,
  text: Octets,
  now: Millis,
): Step {
  //= RFC 4320 §4.1
  //# An SIP element MUST NOT send any provisional response with a Status-Code other than 100 to a
  //# non-INVITE request.
  if (status < 200) return status === 100 ? provisional(text) : [s];
  //= RFC 3261 §17.2.2
  //# When the server transaction enters the "Completed" state, it MUST set Timer J to fire in 64*T1
  //# seconds for unreliable transports, and zero seconds for reliable transports.
  const timerJ = now + (p.reliable ? 0 : 64 * p.timers.t1);
  //= RFC 3261 §17.2.2
  //# If the TU passes a final response (status codes 200-699) to the server while in the
  //# "Proceeding" state, the transaction MUST enter the "Completed" state, and the response MUST be
  //# passed to the transport layer for transmission.
  return [{ name: "Completed", timerJ, final: text }, send(text)];
}

//= RFC 3261 §17.2.2
//# While in the "Trying" state, if the TU passes a provisional response to the server transaction,
//# the server transaction MUST enter the "Proceeding" state. The response MUST be passed to the
//# transport layer for transmission. Any further provisional responses that are received from the
//# TU while in the "Proceeding" state MUST be passed to the transport layer for transmission.
const provisional = (text: Octets): Step => [{ name: "Proceeding", provisional: text }, send(text)];

function completed(s: Completed, input: Input, now: Millis): Step {
  switch (input.kind) {
    case "Retransmission":
      //= RFC 3261 §17.2.2
      //# While in the "Completed" state, the server transaction MUST pass the final response to the
      //# transport layer for retransmission whenever a retransmission of the request is received.
      return [s, send(s.final)];
    case "Tick":
      //= RFC 3261 §17.2.2
      //# The server transaction remains in this state until Timer J fires, at which point it MUST
      //# transition to the "Terminated" state.
      return now < s.timerJ ? [s] : [TERMINATED];
    case "TransportError":
      return unsent(s, input.cause);
    default:
      //= RFC 3261 §17.2.2
      //# Any other final responses passed by the TU to the server transaction MUST be discarded
      //# while in the "Completed" state.
      return [s];
  }
}

//= RFC 6026 §8.8
//# the server transaction SHOULD inform the TU that a failure has occurred, and MUST remain in the
//# current state.
const unsent = (s: State, cause: unknown): Step => [
  s,
  { kind: "Failed", reason: "transport", cause },
];

const TERMINATED: Terminated = Object.freeze({ name: "Terminated" });
const send = (text: Octets): Output => ({ kind: "Send", text });
