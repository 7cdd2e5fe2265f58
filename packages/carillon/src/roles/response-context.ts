/**
 * Response context of a forking proxy. RFC 3261 §16.7, §16.8.
 *
 * A pure machine like the transactions: (state, input, now) -> [state, outputs]. It sees only
 * which branch said which status; texts stay with whoever runs it.
 */
import { type Millis, NEVER } from "../transaction/timers.ts";

export interface Collecting {
  readonly name: "Collecting";
  /** Of each branch; NEVER where it has ended or nothing is to be waited for. */
  readonly timerC: readonly Millis[];
  /** Once somebody declined for all: when the others have had time enough to stop. */
  readonly timerDecline: Millis;
  /** Of each branch whether its final response has come. */
  readonly ended: readonly boolean[];
  /** The best final response so far that was not forwarded. */
  readonly best: Final | undefined;
}
export interface Answered {
  readonly name: "Answered";
}
export type State = Collecting | Answered;

export interface Final {
  readonly branch: number;
  readonly status: number;
}

export type Input =
  | { readonly kind: "Response"; readonly branch: number; readonly status: number }
  /** No final response came: 408 for silence, 503 for a broken transport. */
  | { readonly kind: "Failed"; readonly branch: number; readonly status: 408 | 503 }
  | { readonly kind: "Cancelled" }
  | { readonly kind: "Tick" };

export type Output =
  /** Send the response just received upstream. */
  | { readonly kind: "Forward"; readonly branch: number }
  /** Send the best of all upstream. */
  | { readonly kind: "ForwardBest"; readonly branch: number; readonly status: number }
  /** Cancel every branch that is still open; `cause` is the status that decided it. */
  | { readonly kind: "CancelOpen"; readonly cause: number | undefined }
  /** Timer C: cancel it if it has rung, else treat it as 408. */
  | { readonly kind: "GiveUp"; readonly branch: number };

export type Step = readonly [State, ...Output[]];

export interface Params {
  readonly method: string;
  /** At least one. */
  readonly branches: number;
}

//= RFC 3261 §16.6
//# Timer C MUST be set for each client transaction when an INVITE request is proxied. The timer
//# MUST be larger than 3 minutes.
export const TIMER_C: Millis = 181_000;

/**
 * How long after a decline the other devices may take to confirm that they stopped. One that is
 * switched off would say nothing for 32 s, and the caller would hear it ring all the while.
 */
export const TIMER_DECLINE: Millis = 2000;

export function start({ method, branches }: Params, now: Millis): Step {
  const timerC = new Array<Millis>(branches).fill(method === "INVITE" ? now + TIMER_C : NEVER);
  const ended = new Array<boolean>(branches).fill(false);
  return [{ name: "Collecting", timerC, timerDecline: NEVER, ended, best: undefined }];
}

export function step(p: Params, s: State, input: Input, now: Millis): Step {
  if (s.name === "Answered") return answered(p, s, input);
  switch (input.kind) {
    case "Response":
      return input.status < 200 ? provisional(p, s, input, now) : final(p, s, input, now);
    case "Failed":
      return s.ended[input.branch] === false ? collected(s, input) : [s];
    case "Cancelled":
      //= RFC 3261 §16.10
      //# A proxy MUST cancel any pending client transactions associated with a response context
      //# when it receives a matching CANCEL request.
      return p.method === "INVITE" ? [s, { kind: "CancelOpen", cause: undefined }] : [s];
    case "Tick":
      return tick(s, now);
  }
}

export const deadline = (s: State): Millis =>
  s.name === "Collecting" ? Math.min(s.timerDecline, ...s.timerC) : NEVER;

/** A final response went upstream: of what still comes, only the 2xx of an INVITE count. */
function answered(p: Params, s: Answered, input: Input): Step {
  if (input.kind !== "Response") return [s];
  const { branch, status } = input;
  //= RFC 3261 §16.7
  //# After a final response has been sent on the server transaction, the following responses MUST
  //# be forwarded immediately: - Any 2xx response to an INVITE request
  if (p.method === "INVITE" && is2xx(status)) return [s, { kind: "Forward", branch }];
  //= RFC 3261 §16.7
  //# A stateful proxy MUST NOT immediately forward any other responses.
  return [s];
}

function provisional(p: Params, s: Collecting, { branch, status }: Final, now: Millis): Step {
  //= RFC 4320 §4.1
  //# An SIP element MUST NOT send any provisional response with a Status-Code other than 100 to a
  //# non-INVITE request.
  if (p.method !== "INVITE") return [s];
  //= RFC 3261 §16.7
  //# In particular, a stateful proxy MUST NOT forward any 100 (Trying) response.
  if (status === 100 || s.ended[branch] !== false) return [s];
  //= RFC 3261 §16.7
  //# For an INVITE transaction, if the response is a provisional response with status codes 101 to
  //# 199 inclusive (i.e., anything but 100), the proxy MUST reset timer C for that client
  //# transaction. The timer MAY be reset to a different value, but this value MUST be greater than
  //# 3 minutes.
  const isRunning = s.timerC[branch] !== NEVER;
  const next = isRunning ? { ...s, timerC: s.timerC.with(branch, now + TIMER_C) } : s;
  //= RFC 3261 §16.7
  //# Until a final response has been sent on the server transaction, the following responses MUST
  //# be forwarded immediately: - Any provisional response other than 100 (Trying)
  return [next, { kind: "Forward", branch }];
}

function final(p: Params, s: Collecting, { branch, status }: Final, now: Millis): Step {
  if (s.ended[branch] !== false) return [s];
  //= RFC 3261 §16.7
  //# Until a final response has been sent on the server transaction, the following responses MUST
  //# be forwarded immediately: - Any provisional response other than 100 (Trying) - Any 2xx
  //# response
  if (is2xx(status)) {
    const forward: Output = { kind: "Forward", branch };
    //= RFC 3261 §16.7
    //# If the forwarded response was a final response, the proxy MUST generate a CANCEL request for
    //# all pending client transactions associated with this response context.
    return p.method === "INVITE" && openOf(s) > 1
      ? [ANSWERED, forward, { kind: "CancelOpen", cause: status }]
      : [ANSWERED, forward];
  }
  const collecting = collected(s, { branch, status });
  const [next] = collecting;
  if (status < 600 || next.name === "Answered") return collecting;
  //= RFC 3261 §16.7
  //# If a 6xx response is received, it is not immediately forwarded, but the stateful proxy SHOULD
  //# cancel all client pending transactions as described in Section 10, and it MUST NOT create any
  //# new branches in this context.
  const timerDecline = Math.min(s.timerDecline, now + TIMER_DECLINE);
  const waiting = { ...next, timerDecline };
  // Nothing but an INVITE can be taken back: RFC 3261 §9.1.
  return p.method === "INVITE" ? [waiting, { kind: "CancelOpen", cause: status }] : [waiting];
}

/** One branch has ended without a 2xx; the last to end sends the best of all. */
function collected(s: Collecting, { branch, status }: Final): Step {
  const best = s.best && rank(s.best.status) <= rank(status) ? s.best : { branch, status };
  const ended = s.ended.with(branch, true);
  //= RFC 3261 §16.7
  //# A stateful proxy MUST send a final response to a response context's server transaction if no
  //# final responses have been immediately forwarded by the above rules and all client transactions
  //# in this response context have been terminated.
  if (!ended.includes(false)) return [ANSWERED, { kind: "ForwardBest", ...best }];
  return [{ ...s, ended, best, timerC: s.timerC.with(branch, NEVER) }];
}

function tick(s: Collecting, now: Millis): Step {
  if (s.timerDecline <= now && s.best) return [ANSWERED, { kind: "ForwardBest", ...s.best }];
  //= RFC 3261 §16.8
  //# If timer C should fire, the proxy MUST either reset the timer with any value it chooses, or
  //# terminate the client transaction.
  const late = [...s.timerC.keys()].filter((branch) => (s.timerC[branch] ?? NEVER) <= now);
  if (late.length === 0) return [s];
  const timerC = s.timerC.map((at) => (at <= now ? NEVER : at));
  return [{ ...s, timerC }, ...late.map((branch): Output => ({ kind: "GiveUp", branch }))];
}

//= RFC 3261 §16.7
//# The stateful proxy MUST choose the "best" final response among those received and stored in the
//# response context.
/** Lower is better: 6xx first, then by class; within 4xx those that help to try again. */
function rank(status: number): number {
  //= RFC 3261 §16.7
  //# It MUST choose from the 6xx class responses if any exist in the context. If no 6xx class
  //# responses are present, the proxy SHOULD choose from the lowest response class stored in the
  //# response context.
  if (status >= 600) return 0;
  //= RFC 3261 §16.7
  //# give preference to responses that provide information affecting resubmission of this request,
  //# such as 401, 407, 415, 420, and 484
  if ([401, 407, 415, 420, 484].includes(status)) return 400;
  // What a phone or its person said tells more than that another was silent or gone.
  if (status === 408 || status === 480 || status === 487) return 402;
  return Math.floor(status / 100) * 100 + 1;
}

const openOf = ({ ended }: Collecting) => ended.filter((one) => !one).length;
const ANSWERED: Answered = { name: "Answered" };
const is2xx = (status: number) => status >= 200 && status < 300;
