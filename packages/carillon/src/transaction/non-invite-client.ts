/**
 * Non-INVITE client transaction. RFC 3261 §17.1.2.
 *
 * A pure machine in the shape of `invite-client.ts`. Below, one function per box of Figure 6.
 */
import type { Octets } from "../grammar/octets.ts";
import type { Request, Response } from "../message/message.ts";
import { type Millis, NEVER, type TimerBase } from "./timers.ts";

/** The request is sent and nothing has come back. RFC 3261 §17.1.2.2. */
export interface Trying {
  /** The state in Figure 6. */
  readonly name: "Trying";
  /**
   * When the request is sent again, in ms of the caller's clock; NEVER over reliable transports.
   */
  readonly timerE: Millis;
  /** What timer E was last set to: T1, doubled each time, T2 at most. */
  readonly intervalE: Millis;
  /** When the transaction is given up: 64*T1 after its start. */
  readonly timerF: Millis;
}
/** A provisional response came; the request is still sent again, every T2. RFC 3261 §17.1.2.2. */
export interface Proceeding {
  /** The state in Figure 6. */
  readonly name: "Proceeding";
  /** When the request is sent again; NEVER over reliable transports. */
  readonly timerE: Millis;
  /** When the transaction is given up: 64*T1 after its start, whatever came since. */
  readonly timerF: Millis;
}
/** The final response came; when it comes again it is absorbed. RFC 3261 §17.1.2.2. */
export interface Completed {
  /** The state in Figure 6. */
  readonly name: "Completed";
  /** When it ends: T4 after the response, at once over reliable transports. */
  readonly timerK: Millis;
}
/** The end, which no input leaves: forget the transaction. */
export interface Terminated {
  /** The state in Figure 6. */
  readonly name: "Terminated";
}
/**
 * Everything the machine remembers, told apart by `name`. Times are in ms of the caller's clock.
 */
export type State = Trying | Proceeding | Completed | Terminated;

/**
 * What happens to the transaction. `Response`: one that matched it by RFC 3261 §17.1.3. `Tick`:
 * `deadline` is reached, or may be: too early a tick changes nothing. `TransportError`: the request
 * could not be sent; `cause` is the world's own error.
 */
export type Input =
  | { readonly kind: "Response"; readonly response: Response }
  | { readonly kind: "Tick" }
  /** The user no longer wants the answer. */
  | { readonly kind: "Abandon" }
  | { readonly kind: "TransportError"; readonly cause: unknown };

/**
 * What is to be done, in this order. `Send`: to the place where the request went. `ToUser`: news
 * for the transaction's user. `Failed`: the end without a final response.
 */
export type Output =
  | { readonly kind: "Send"; readonly text: Octets }
  | { readonly kind: "ToUser"; readonly response: Response }
  | { readonly kind: "Failed"; readonly reason: Reason; readonly cause?: unknown };

/**
 * Why it ended without a final response: timer F, the transport (RFC 3261 §17.1.4), or the user's
 * own word.
 */
export type Reason = "timeout" | "transport" | "abandoned";

/** The state after an input, and what is to be done. */
export type Step = readonly [State, ...Output[]];

/** What stays the same as long as the transaction lives. Give every step the same. */
export interface Params {
  /** The request as it is sent, its top Via in it. */
  readonly request: Request;
  /** Whether the transport retransmits by itself: all but UDP. */
  readonly reliable: boolean;
  /** T1, T2 and T4, in ms: `DEFAULT_TIMERS` unless the network is a special one. */
  readonly timers: TimerBase;
}

/** Begins: the request is the first output. `now` is in ms, as in every step. */
export function start({ request, reliable, timers: { t1 } }: Params, now: Millis): Step {
  //= RFC 3261 §17.1.2.2
  //# If an unreliable transport is in use, the client transaction MUST set timer E to fire in T1
  //# seconds.
  const timerE = reliable ? NEVER : now + t1;
  //= RFC 3261 §17.1.2.2
  //# When entering this state, the client transaction SHOULD set timer F to fire in 64*T1 seconds.
  //# The request MUST be passed to the transport layer for transmission.
  return [{ name: "Trying", timerE, intervalE: t1, timerF: now + 64 * t1 }, send(request.text)];
}

/** One input, handled at once. Never throws for what a peer sent; `Terminated` stays as it is. */
export function step(p: Params, s: State, input: Input, now: Millis): Step {
  if (input.kind === "Abandon") return abandoned(s);
  switch (s.name) {
    case "Trying":
      return trying(p, s, input, now);
    case "Proceeding":
      return proceeding(p, s, input, now);
    case "Completed":
      return completed(s, input, now);
    case "Terminated":
      //= RFC 3261 §17.1.2.2
      //# Once the transaction is in the terminated state, it MUST be destroyed immediately.
      return [s];
  }
}

/** When the machine wants its next "Tick"; NEVER if it does not. */
export function deadline(s: State): Millis {
  switch (s.name) {
    case "Trying":
    case "Proceeding":
      return Math.min(s.timerE, s.timerF);
    case "Completed":
      return s.timerK;
    case "Terminated":
      return NEVER;
  }
}

function trying(p: Params, s: Trying, input: Input, now: Millis): Step {
  if (input.kind === "Response") {
    const { response } = input;
    if (response.status >= 200) return answered(p, response, now);
    //= RFC 3261 §17.1.2.2
    //# If a provisional response is received while in the "Trying" state, the response MUST be
    //# passed to the TU, and then the client transaction SHOULD move to the "Proceeding" state.
    return [{ name: "Proceeding", timerE: s.timerE, timerF: s.timerF }, toUser(response)];
  }
  if (input.kind === "TransportError") return failed("transport", input.cause);
  //= RFC 3261 §17.1.2.2
  //# If Timer F fires while the client transaction is still in the "Trying" state, the client
  //# transaction SHOULD inform the TU about the timeout, and then it SHOULD enter the "Terminated"
  //# state.
  if (now >= s.timerF) return failed("timeout");
  if (now < s.timerE) return [s];
  //= RFC 3261 §17.1.2.2
  //# If timer E fires while still in this state, the timer is reset, but this time with a value of
  //# MIN(2*T1, T2). When the timer fires again, it is reset to a MIN(4*T1, T2). This process
  //# continues so that retransmissions occur with an exponentially increasing interval that caps
  //# at T2.
  const intervalE = Math.min(2 * s.intervalE, p.timers.t2);
  return [{ ...s, intervalE, timerE: now + intervalE }, send(p.request.text)];
}

/** The answer is on its way, but over UDP it is only sent again when the request is. */
function proceeding(p: Params, s: Proceeding, input: Input, now: Millis): Step {
  if (input.kind === "Response") {
    const { response } = input;
    return response.status < 200 ? [s, toUser(response)] : answered(p, response, now);
  }
  //= RFC 3261 §17.1.4
  //# The client transaction SHOULD inform the TU that a transport failure has occurred, and the
  //# client transaction SHOULD transition directly to the "Terminated" state.
  if (input.kind === "TransportError") return failed("transport", input.cause);
  //= RFC 3261 §17.1.2.2
  //# If timer F fires while in the "Proceeding" state, the TU MUST be informed of a timeout, and
  //# the client transaction MUST transition to the terminated state.
  if (now >= s.timerF) return failed("timeout");
  if (now < s.timerE) return [s];
  //= RFC 3261 §17.1.2.2
  //# If Timer E fires while in the "Proceeding" state, the request MUST be passed to the transport
  //# layer for retransmission, and Timer E MUST be reset with a value of T2 seconds.
  return [{ ...s, timerE: now + p.timers.t2 }, send(p.request.text)];
}

//= RFC 3261 §17.1.2.2
//# If a final response (status codes 200-699) is received while in the "Trying" state, the
//# response MUST be passed to the TU, and the client transaction MUST transition to the "Completed"
//# state.
//= RFC 3261 §17.1.2.2
//# If a final response (status codes 200-699) is received while in the "Proceeding" state, the
//# response MUST be passed to the TU, and the client transaction MUST transition to the "Completed"
//# state.
function answered(p: Params, response: Response, now: Millis): Step {
  //= RFC 3261 §17.1.2.2
  //# Once the client transaction enters the "Completed" state, it MUST set Timer K to fire in T4
  //# seconds for unreliable transports, and zero seconds for reliable transports.
  const timerK = now + (p.reliable ? 0 : p.timers.t4);
  return [{ name: "Completed", timerK }, toUser(response)];
}

/** Buffers retransmitted responses: nothing that comes here is news to the user. */
function completed(s: Completed, input: Input, now: Millis): Step {
  //= RFC 3261 §17.1.2.2
  //# If Timer K fires while in this state, the client transaction MUST transition to the
  //# "Terminated" state.
  return input.kind === "Tick" && now >= s.timerK ? [TERMINATED] : [s];
}

/** Before a final response the user must hear of it; after one it already knows. */
function abandoned(s: State): Step {
  return s.name === "Trying" || s.name === "Proceeding" ? failed("abandoned") : [TERMINATED];
}

const TERMINATED: Terminated = Object.freeze({ name: "Terminated" });
const send = (text: Octets): Output => ({ kind: "Send", text });
const toUser = (response: Response): Output => ({ kind: "ToUser", response });
const failed = (reason: Reason, cause?: unknown): Step => [
  TERMINATED,
  cause === undefined ? { kind: "Failed", reason } : { kind: "Failed", reason, cause },
];
