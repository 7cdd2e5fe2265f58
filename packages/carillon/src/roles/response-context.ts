/**
 * Response context of a forking proxy. RFC 3261 §16.7, §16.8.
 *
 * A pure machine like the transactions: (state, input, now) -> [state, outputs]. It sees only
 * which branch said which status; texts stay with whoever runs it.
 *
 * Targets come in groups. Those of one group are tried at once; the next group is opened when all
 * of this one have failed, or have rung for long enough.
 */
import { type Millis, NEVER } from "../transaction/timers.ts";

/**
 * No response but provisional ones has been sent upstream. Times are in ms of the caller's clock.
 */
export interface Collecting {
  /** Our word: RFC 3261 §16.7 names no states. */
  readonly name: "Collecting";
  /** Of each branch; NEVER where it has ended or nothing is to be waited for. */
  readonly timerC: readonly Millis[];
  /** Once somebody declined for all: when the others have had time enough to stop. */
  readonly timerDecline: Millis;
  /** Of each branch whether its final response has come. */
  readonly ended: readonly boolean[];
  /** The best final response so far that was not forwarded. */
  readonly best: Final | undefined;
  /** Groups that are still to be tried. */
  readonly groupsLeft: number;
  /** When this group has rung for long enough; once it has, when its last ones are left alone. */
  readonly timerGroup: Millis;
  /** This group has rung for long enough and is being cancelled; another one waits. */
  readonly movingOn: boolean;
  /** Nobody wants another branch: it was cancelled, or somebody declined for all. */
  readonly isClosing: boolean;
}
/** The final response went upstream; a 2xx of another branch still goes the same way. */
export interface Answered {
  /** Our word: RFC 3261 §16.7 names no states. */
  readonly name: "Answered";
}
/** Everything the machine remembers, told apart by `name`. */
export type State = Collecting | Answered;

/** A final response, as far as it matters here. */
export interface Final {
  /** 0 for the first branch that was opened, 1 for the second, … */
  readonly branch: number;
  /** 200 to 699. */
  readonly status: number;
}

/**
 * What happens to the branches, which are counted from 0. `Cancelled`: the client took its INVITE
 * back. `Tick`: `deadline` is reached, or may be.
 */
export type Input =
  | { readonly kind: "Response"; readonly branch: number; readonly status: number }
  /** No final response came: 408 for silence, 503 for a broken transport, or what says it best. */
  | { readonly kind: "Failed"; readonly branch: number; readonly status: number }
  /** So many branches of the group that was to be opened. */
  | { readonly kind: "Added"; readonly count: number }
  /** So many branches more, beside one that says nothing: what that has to say still counts. */
  | { readonly kind: "Beside"; readonly branch: number; readonly count: number }
  /** A branch said where else to look, and so many branches go there now. At least one. */
  | { readonly kind: "Redirected"; readonly branch: number; readonly count: number }
  | { readonly kind: "Cancelled" }
  | { readonly kind: "Tick" };

/** What is to be done, in this order. */
export type Output =
  /** Send the response just received upstream. */
  | { readonly kind: "Forward"; readonly branch: number }
  /** Send the best of all upstream. */
  | { readonly kind: "ForwardBest"; readonly branch: number; readonly status: number }
  /** Cancel every branch that is still open; `cause` is the status that decided it. */
  | { readonly kind: "CancelOpen"; readonly cause: number | undefined }
  /** Timer C: cancel it if it has rung, else treat it as 408. */
  | { readonly kind: "GiveUp"; readonly branch: number }
  /** It was cancelled and does not say so: nothing of it is wanted any more. */
  | { readonly kind: "Abandon"; readonly branch: number }
  /** Try the next group, and say how many branches it has: `Added`, at once. */
  | { readonly kind: "OpenNext" };

/** The state after an input, and what is to be done. */
export type Step = readonly [State, ...Output[]];

/** What stays the same as long as the context lives. Give every step the same. */
export interface Params {
  /** Only an INVITE has timers, groups that ring, and branches to cancel. */
  readonly method: string;
  /** Of the first group: at least one. */
  readonly branches: number;
  /** Groups after it. */
  readonly groups: number;
  /** How long a group rings while another one waits. */
  readonly ringMs: Millis;
}

//= RFC 3261 §16.6
//# Timer C MUST be set for each client transaction when an INVITE request is proxied. The timer
//# MUST be larger than 3 minutes.
/**
 * How long a branch of an INVITE may be silent or ring, in ms: three minutes and a second. RFC 3261
 * §16.6 step 11.
 */
export const TIMER_C: Millis = 181_000;

/**
 * How long after a decline the other devices may take to confirm that they stopped. One that is
 * switched off would say nothing for 32 s, and the caller would hear it ring all the while.
 */
export const TIMER_DECLINE: Millis = 2000;

/** Begins, with a first group whose requests the caller sends itself. `now` is in ms. */
export function start(p: Params, now: Millis): Step {
  const none = { timerC: [], ended: [], best: undefined, timerDecline: NEVER };
  const still = { movingOn: false, isClosing: false };
  const empty = {
    ...none,
    ...still,
    name: "Collecting",
    groupsLeft: p.groups,
    timerGroup: NEVER,
  } as const;
  return [group(p, empty, p.branches, now)];
}

/** One input, handled at once. What comes of a branch that has ended changes nothing. */
export function step(p: Params, s: State, input: Input, now: Millis): Step {
  if (s.name === "Answered") return answered(p, s, input);
  switch (input.kind) {
    case "Response":
      return input.status < 200 ? provisional(p, s, input, now) : final(p, s, input, now);
    case "Failed":
      return s.ended[input.branch] === false ? collected(s, input) : [s];
    case "Added":
      return input.count === 0 ? concluded(s) : [group(p, s, input.count, now)];
    case "Redirected":
      return mayFollow(s, input.branch) ? redirected(p, s, input, now) : [s];
    case "Beside":
      return [mayFollow(s, input.branch) ? opened(p, s, input.count, now) : s];
    case "Cancelled":
      //= RFC 3261 §16.10
      //# A proxy MUST cancel any pending client transactions associated with a response context
      //# when it receives a matching CANCEL request.
      return p.method === "INVITE" ? [last(s), { kind: "CancelOpen", cause: undefined }] : [s];
    case "Tick":
      return tick(s, now);
  }
}

/**
 * Whether this branch may still be `Redirected`, or get one `Beside` it: nothing of a context that
 * ends is followed.
 */
export const mayFollow = (s: State, branch: number): boolean =>
  s.name === "Collecting" && !s.isClosing && !s.movingOn && s.ended[branch] === false;

/** When the machine wants its next "Tick"; NEVER if it does not. */
export const deadline = (s: State): Millis =>
  s.name === "Collecting" ? Math.min(s.timerDecline, s.timerGroup, ...s.timerC) : NEVER;

/** With the branches of another group. */
function group(p: Params, s: Collecting, count: number, now: Millis): Collecting {
  const added = opened(p, s, count, now);
  const isTimed = p.method === "INVITE" && s.groupsLeft > 0;
  return { ...added, movingOn: false, timerGroup: isTimed ? now + p.ringMs : NEVER };
}

function opened({ method }: Params, s: Collecting, count: number, now: Millis): Collecting {
  const timer = method === "INVITE" ? now + TIMER_C : NEVER;
  return {
    ...s,
    timerC: [...s.timerC, ...new Array<Millis>(count).fill(timer)],
    ended: [...s.ended, ...new Array<boolean>(count).fill(false)],
  };
}

//= RFC 3261 §16.7
//# If the proxy chooses to recurse on any contacts in a 3xx response by adding them to the target
//# set, it MUST remove them from the response before adding the response to the response context.
/** All contacts are followed, so that nothing of such a response is left to be chosen. */
function redirected(
  p: Params,
  s: Collecting,
  { branch, count }: { readonly branch: number; readonly count: number },
  now: Millis,
): Step {
  return [closed(opened(p, s, count, now), branch)];
}

/** There will be no other group. */
const last = (s: Collecting): Collecting => ({
  ...s,
  groupsLeft: 0,
  timerGroup: NEVER,
  isClosing: true,
});

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
  const collecting = collected(status < 600 ? s : last(s), { branch, status });
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

/** One branch has ended without a 2xx. */
function collected(s: Collecting, { branch, status }: Final): Step {
  const best = s.best && rank(s.best.status) <= rank(status) ? s.best : { branch, status };
  return concluded({ ...closed(s, branch), best });
}

const closed = (s: Collecting, branch: number): Collecting => ({
  ...s,
  ended: s.ended.with(branch, true),
  timerC: s.timerC.with(branch, NEVER),
});

/** The next group, once all have ended; after the last one, the best of all responses. */
function concluded(s: Collecting): Step {
  if (s.ended.includes(false)) return [s];
  if (s.groupsLeft > 0) {
    return [{ ...s, groupsLeft: s.groupsLeft - 1, timerGroup: NEVER }, { kind: "OpenNext" }];
  }
  //= RFC 3261 §16.7
  //# A stateful proxy MUST send a final response to a response context's server transaction if no
  //# final responses have been immediately forwarded by the above rules and all client transactions
  //# in this response context have been terminated.
  return [ANSWERED, { kind: "ForwardBest", ...(s.best ?? NOBODY) }];
}

function tick(s: Collecting, now: Millis): Step {
  if (s.timerDecline <= now && s.best) return [ANSWERED, { kind: "ForwardBest", ...s.best }];
  const [next, ...outputs] = givenUp(s, now);
  if (s.timerGroup > now) return [next, ...outputs];
  const [moved, ...more] = s.movingOn ? abandoned(next) : movedOn(next, now);
  return [moved, ...outputs, ...more];
}

function givenUp(s: Collecting, now: Millis): readonly [Collecting, ...Output[]] {
  //= RFC 3261 §16.8
  //# If timer C should fire, the proxy MUST either reset the timer with any value it chooses, or
  //# terminate the client transaction.
  const late = [...s.timerC.keys()].filter((branch) => (s.timerC[branch] ?? NEVER) <= now);
  if (late.length === 0) return [s];
  const timerC = s.timerC.map((at) => (at <= now ? NEVER : at));
  return [{ ...s, timerC }, ...late.map((branch): Output => ({ kind: "GiveUp", branch }))];
}

/** This group has rung for long enough: it is taken back, and the next one waits until it is. */
function movedOn(s: Collecting, now: Millis): Step {
  const moving = { ...s, movingOn: true, timerGroup: now + TIMER_DECLINE };
  return [moving, { kind: "CancelOpen", cause: 408 }];
}

/** Those who did not say that they stopped are taken for silent. */
function abandoned(s: Collecting): Step {
  const open = [...s.ended.keys()].filter((branch) => s.ended[branch] === false);
  const outputs = open.map((branch): Output => ({ kind: "Abandon", branch }));
  let next = s;
  let then: readonly Output[] = [];
  for (const branch of open) {
    const [state, ...more] = collected(next, { branch, status: 408 });
    if (state.name === "Answered") return [state, ...outputs, ...more];
    [next, then] = [state, more];
  }
  return [next, ...outputs, ...then];
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
/** Where no branch could be opened at all: nobody answers. */
const NOBODY: Final = { branch: -1, status: 408 };
const ANSWERED: Answered = { name: "Answered" };
const is2xx = (status: number) => status >= 200 && status < 300;
