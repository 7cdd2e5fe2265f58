/**
 * Response context of a forking proxy. RFC 3261 §16.7, §16.8.
 *
 * A pure machine like the transactions: (state, input, now) -> [state, outputs]. It sees only
 * which branch said which status; texts stay with whoever runs it.
 */
import { type Millis, NEVER } from "../transaction/timers.ts";

export interface Collecting {
  readonly name: "Collecting";
  /** Timer C of each branch that has no final response yet; NEVER for one that has. */
  readonly timerC: readonly Millis[];
  readonly open: number;
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
  readonly branches: number;
}

//= RFC 3261 §16.6
//# The timer MUST be larger than 3 minutes.
export const TIMER_C: Millis = 181_000;

export function start({ method, branches }: Params, now: Millis): Step {
  const at = method === "INVITE" ? now + TIMER_C : NEVER;
  const timerC = new Array<Millis>(branches).fill(at);
  return [{ name: "Collecting", timerC, open: branches, best: undefined }];
}

export function step(p: Params, s: State, input: Input, now: Millis): Step {
  if (s.name === "Answered") return answered(p, s, input);
  switch (input.kind) {
    case "Response":
      return input.status < 200 ? provisional(s, input, now) : final(p, s, input);
    case "Failed":
      return lost(s, input);
    case "Cancelled":
      return [s, { kind: "CancelOpen", cause: undefined }];
    case "Tick":
      return tick(s, now);
  }
}

export const deadline = (s: State): Millis =>
  s.name === "Collecting" ? Math.min(NEVER, ...s.timerC) : NEVER;

/** A final response went upstream: of what still comes, only the 2xx of an INVITE count. */
function answered(p: Params, s: Answered, input: Input): Step {
  if (input.kind !== "Response") return [s];
  const { branch, status } = input;
  //= RFC 3261 §16.7
  //# After a final response has been sent on the server transaction, the following responses MUST
  //# be forwarded immediately: - Any 2xx response to an INVITE request
  if (p.method === "INVITE" && is2xx(status)) return [s, { kind: "Forward", branch }];
  return [s];
}

function provisional(s: Collecting, { branch, status }: Final, now: Millis): Step {
  //= RFC 3261 §16.7
  //# For an INVITE transaction, if the response is a provisional response with status codes 101 to
  //# 199 inclusive (i.e., anything but 100), the proxy MUST reset timer C for that client
  //# transaction.
  //= RFC 3261 §16.7
  //# Until a final response has been sent on the server transaction, the following responses MUST
  //# be forwarded immediately: - Any provisional response other than 100 (Trying)
  if (status === 100) return [s];
  if (s.timerC[branch] === NEVER) return [s, { kind: "Forward", branch }];
  return [
    { ...s, timerC: s.timerC.with(branch, now + TIMER_C) },
    { kind: "Forward", branch },
  ];
}

function final(p: Params, s: Collecting, { branch, status }: Final): Step {
  //= RFC 3261 §16.7
  //# Until a final response has been sent on the server transaction, the following responses MUST
  //# be forwarded immediately: - Any provisional response other than 100 (Trying) - Any 2xx
  //# response
  if (is2xx(status)) {
    const others = p.method === "INVITE" && s.open > 1;
    const forward: Output = { kind: "Forward", branch };
    return others
      ? [ANSWERED, forward, { kind: "CancelOpen", cause: status }]
      : [ANSWERED, forward];
  }
  const [next, ...outputs] = collected(s, { branch, status });
  //= RFC 3261 §16.7
  //# If a 6xx response is received, it is not immediately forwarded, but the stateful proxy SHOULD
  //# cancel all client pending transactions as described in Section 10, and it MUST NOT create any
  //# new branches in this context.
  if (status >= 600 && next.name === "Collecting") {
    return [next, ...outputs, { kind: "CancelOpen", cause: status }];
  }
  return [next, ...outputs];
}

const lost = (s: Collecting, { branch, status }: Final): Step => collected(s, { branch, status });

/** One branch has ended without a 2xx; the last to end sends the best of all. */
function collected(s: Collecting, final: Final): Step {
  const best = s.best && !isBetter(final.status, s.best.status) ? s.best : final;
  const open = s.open - 1;
  //= RFC 3261 §16.7
  //# A stateful proxy MUST send a final response to a response context's server transaction if no
  //# final responses have been immediately forwarded by the above rules and all client transactions
  //# in this response context have been terminated.
  if (open === 0) return [ANSWERED, { kind: "ForwardBest", ...best }];
  return [{ ...s, open, best, timerC: s.timerC.with(final.branch, NEVER) }];
}

function tick(s: Collecting, now: Millis): Step {
  const late = [...s.timerC.keys()].filter((branch) => (s.timerC[branch] ?? NEVER) <= now);
  if (late.length === 0) return [s];
  const timerC = s.timerC.map((at) => (at <= now ? NEVER : at));
  return [{ ...s, timerC }, ...late.map((branch): Output => ({ kind: "GiveUp", branch }))];
}

//= RFC 3261 §16.7
//# It MUST choose from the 6xx class responses if any exist in the context. If no 6xx class
//# responses are present, the proxy SHOULD choose from the lowest response class stored in the
//# response context.
function isBetter(status: number, than: number): boolean {
  return rank(status) < rank(than);
}

/** Lower is better: 6xx first, then by class; within 4xx those that help to try again. */
function rank(status: number): number {
  if (status >= 600) return 0;
  //= RFC 3261 §16.7
  //# give preference to responses that provide information affecting resubmission of this request,
  //# such as 401, 407, 415, 420, and 484
  if ([401, 407, 415, 420, 484].includes(status)) return 400;
  // What a phone or its person said tells more than that another was silent or gone.
  if (status === 408 || status === 480 || status === 487) return 402;
  return Math.floor(status / 100) * 100 + 1;
}

const ANSWERED: Answered = { name: "Answered" };
const is2xx = (status: number) => status >= 200 && status < 300;
