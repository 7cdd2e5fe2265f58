/**
 * A subscription, the side that wants to know. RFC 6665 §4.1.
 *
 * One machine per subscription, in the states of the RFC's figure. A SUBSCRIBE that forks makes
 * several: the machine that sent it takes the first NOTIFY, and `forked` makes one for each further
 * dialog whose NOTIFY comes in time.
 */
import { type Millis, NEVER } from "../transaction/timers.ts";
import { isLonger, LONGEST_WAIT_SECONDS, refreshAfterMs } from "./refresh-time.ts";
import { endsSubscription, resubscribeAfterSeconds } from "./subscription-end.ts";

/** Waits until it may subscribe again. */
export interface Init {
  /** RFC 6665 §4.1.2 calls it so. */
  readonly name: "Init";
  /** When it subscribes again. */
  readonly timerRetry: Millis;
}
/** The first SUBSCRIBE is out; whatever its response, only a NOTIFY makes a subscription. */
export interface NotifyWait {
  /** `notify_wait` in RFC 6665 §4.1.2. */
  readonly name: "NotifyWait";
  /** When it is given up: 64*T1 after the SUBSCRIBE. RFC 6665 §4.1.2.4. */
  readonly timerN: Millis;
  /** When the SUBSCRIBE that began it went out. */
  readonly since: Millis;
  /** The Expires that is asked for: the user's, or what a 423 wants. */
  readonly askedSeconds: number;
  /** What the 2xx says, until a NOTIFY does. */
  readonly grantedSeconds: number;
  /** The 2xx has come. */
  readonly answered: boolean;
  /** A 423 has been obeyed. */
  readonly raised: boolean;
}
interface Subscribed {
  readonly timerExpires: Millis;
  /** NEVER while a refresh is out. */
  readonly timerRefresh: Millis;
  /** Of a refresh, until a NOTIFY comes. */
  readonly timerN: Millis;
  readonly since: Millis;
  /** Until then a NOTIFY in another dialog is a fork of the same SUBSCRIBE. */
  readonly forksUntil: Millis;
  /** Made by such a NOTIFY: another subscription is there to begin anew. */
  readonly isFork: boolean;
  readonly askedSeconds: number;
  readonly raised: boolean;
  /** Which SUBSCRIBE has no final response. */
  readonly awaiting: "Initial" | "Refresh" | undefined;
  /** A NOTIFY since then has said when it expires. */
  readonly toldExpires: boolean;
}
/** There is a subscription, and the notifier has not decided whether it may tell. */
export interface Pending extends Subscribed {
  /** RFC 6665 §4.1.2 calls it so. */
  readonly name: "Pending";
}
/** There is a subscription, and it is told of changes. */
export interface Active extends Subscribed {
  /** RFC 6665 §4.1.2 calls it so. */
  readonly name: "Active";
}
/** The user has had enough; the last NOTIFY is still to come. */
export interface Leaving {
  /** Our word: RFC 6665 has none. */
  readonly name: "Leaving";
  /** When no NOTIFY is waited for any more. */
  readonly timerN: Millis;
  /** The SUBSCRIBE that says so is out: before the first NOTIFY there is no dialog for it. */
  readonly told: boolean;
}
/** The end, which no input leaves. */
export interface Terminated {
  /** RFC 6665 §4.1.2 calls it so. */
  readonly name: "Terminated";
}
/**
 * Everything the machine remembers, told apart by `name`. Times are in ms of the caller's clock.
 */
export type State = Init | NotifyWait | Pending | Active | Leaving | Terminated;

/**
 * What happens to the subscription. `Notify`: a NOTIFY in its dialog. `Tick`: `deadline` is
 * reached, or may be. `Abandon`: it ends without a word.
 */
export type Input =
  | {
      /** The final response to a SUBSCRIBE; 408 for silence. Not a 401 that is tried again. */
      readonly kind: "Response";
      readonly status: number;
      readonly expiresSeconds: number | undefined;
      readonly minExpiresSeconds: number | undefined;
      readonly retryAfterSeconds: number | undefined;
    }
  | {
      readonly kind: "Notify";
      readonly state: "active" | "pending" | "terminated";
      readonly expiresSeconds: number | undefined;
      readonly reason: string | undefined;
      readonly retryAfterSeconds: number | undefined;
    }
  /** Ask for the state now. */
  | { readonly kind: "Refresh" }
  | { readonly kind: "Unsubscribe" }
  | { readonly kind: "Tick" }
  | { readonly kind: "Abandon" };

/** What is to be done, in this order. `Changed`: whether it is pending or active now. */
export type Output =
  /** Initial: outside any dialog, with a new Call-ID and From tag; else in the subscription's. */
  | { readonly kind: "Subscribe"; readonly initial: boolean; readonly expiresSeconds: number }
  /** Answer the NOTIFY that was fed, at once. */
  | { readonly kind: "AnswerNotify"; readonly status: 200 | 481 }
  | { readonly kind: "Changed"; readonly to: "Pending" | "Active" }
  /** This subscription is over; another may follow by itself (`again`). */
  | {
      readonly kind: "Ended";
      /** The NOTIFY's word, or ours. */
      readonly reason: string;
      readonly status: number | undefined;
      readonly again: boolean;
    };

/** The state after an input, and what is to be done. */
export type Step = readonly [State, ...Output[]];

/** How a subscription is kept. Give every step the same. */
export interface Params {
  /** 0 to learn the state once. */
  readonly expiresSeconds: number;
  /** T1, in ms: 500. Timer N is 64 of it. RFC 6665 §4.1.2. */
  readonly t1: Millis;
  /** Whether the package lets one SUBSCRIBE make several subscriptions. */
  readonly forks: boolean;
  /** Where the RFC leaves open when to try again; undefined: never try again at all. */
  readonly retrySeconds: number | undefined;
}

const MIN_REFRESH_MS = 5000;

/** Begins: a `Subscribe` is the output. `now` is in ms, as in every step. */
export const start = (p: Params, now: Millis): Step => subscribe(p, now);

/**
 * The subscription that a NOTIFY in another dialog makes, when the SUBSCRIBE of `s` has forked;
 * undefined: answer it with 481.
 */
//= RFC 6665 §4.1.4
//# The subscriber MUST therefore be prepared to receive NOTIFY requests with "From:" tags that
//# differ from the "To:" tag received in the SUBSCRIBE 200-class response.
export function forked(p: Params, s: State, input: Notify, now: Millis): Step | undefined {
  //= RFC 6665 §4.1.2.4
  //# After the expiration of Timer N, the subscriber SHOULD reject any such NOTIFY requests that
  //# would otherwise establish a new dialog usage with a 481 (Subscription does not exist) response
  //# code.
  if (!p.forks || (s.name !== "Pending" && s.name !== "Active") || now >= s.forksUntil) {
    return undefined;
  }
  if (input.state === "terminated") return [TERMINATED, OK, endedBy(input, false)];
  const fork = { ...s, isFork: true, timerN: NEVER, awaiting: undefined, toldExpires: false };
  return settled({ ...fork, ...timers(s.askedSeconds, now) }, undefined, input, now);
}

/** One input, handled at once. Never throws for what a peer sent. */
export function step(p: Params, s: State, input: Input, now: Millis): Step {
  if (input.kind === "Abandon") return [TERMINATED];
  switch (s.name) {
    case "Init":
      return init(p, s, input, now);
    case "NotifyWait":
      return notifyWait(p, s, input, now);
    case "Pending":
    case "Active":
      return subscribed(p, s, input, now);
    case "Leaving":
      return leaving(p, s, input, now);
    case "Terminated":
      return [s];
  }
}

/** When the machine wants its next "Tick"; NEVER if it does not. */
export function deadline(s: State): Millis {
  switch (s.name) {
    case "Init":
      return s.timerRetry;
    case "NotifyWait":
    case "Leaving":
      return s.timerN;
    case "Pending":
    case "Active":
      return Math.min(s.timerN, s.timerRefresh, s.timerExpires);
    case "Terminated":
      return NEVER;
  }
}

//= RFC 6665 §4.1.2.4
//# To ensure that subscribers do not wait indefinitely for a subscription to be established, a
//# subscriber starts a Timer N, set to 64*T1, when it sends a SUBSCRIBE request.
function subscribe(p: Params, now: Millis): Step {
  const { expiresSeconds } = p;
  const asked = { askedSeconds: expiresSeconds, grantedSeconds: expiresSeconds };
  return [
    {
      name: "NotifyWait",
      timerN: now + 64 * p.t1,
      since: now,
      ...asked,
      answered: false,
      raised: false,
    },
    //= RFC 6665 §4.5.2
    //# Subscribers MUST NOT attempt to reuse dialogs whose remote target is a GRUU.
    // Nor any other: a dialog with two usages ends in two ways.
    { kind: "Subscribe", initial: true, expiresSeconds },
  ];
}

function init(p: Params, s: Init, input: Input, now: Millis): Step {
  switch (input.kind) {
    case "Notify":
      return [s, NO_SUBSCRIPTION];
    case "Unsubscribe":
      return [TERMINATED];
    case "Refresh":
      return subscribe(p, now);
    default:
      return input.kind === "Tick" && now >= s.timerRetry ? subscribe(p, now) : [s];
  }
}

function notifyWait(p: Params, s: NotifyWait, input: Input, now: Millis): Step {
  switch (input.kind) {
    //= RFC 6665 §4.1.2.4
    //# Due to the potential for out-of-order messages, packet loss, and forking, the subscriber
    //# MUST be prepared to receive NOTIFY requests before the SUBSCRIBE transaction has completed.
    case "Notify":
      return notified(p, s, input, now);
    case "Response":
      return firstResponse(p, s, input, now);
    case "Unsubscribe":
      return [{ name: "Leaving", timerN: s.timerN, told: false }];
    default:
      //= RFC 6665 §4.1.2.4
      //# If this Timer N expires prior to the receipt of a NOTIFY request, the subscriber considers
      //# the subscription failed, and cleans up any state associated with the subscription attempt.
      if (now < s.timerN) return [s];
      return ended(p, s, failedBy("no NOTIFY came"), p.retrySeconds ?? NEVER, now);
  }
}

/** What a NOTIFY says, as an input. */
export type Notify = Extract<Input, { kind: "Notify" }>;
type Response = Extract<Input, { kind: "Response" }>;
type Alive = NotifyWait | Pending | Active;

function firstResponse(p: Params, s: NotifyWait, input: Response, now: Millis): Step {
  const { status, minExpiresSeconds, retryAfterSeconds } = input;
  //= RFC 6665 §4.1.2.1
  //# The "Expires" header field in a 200-class response to SUBSCRIBE request indicates the actual
  //# duration for which the subscription will remain active (unless refreshed).
  //= RFC 6665 §8.3.1
  //# Implementations conformant with the current specification MUST treat an incoming 202 response
  //# as identical to a 200 response
  if (status < 300) {
    return [{ ...s, answered: true, grantedSeconds: granted(s, input.expiresSeconds) }];
  }
  if (status === 423 && !s.raised && isLonger(minExpiresSeconds, s.askedSeconds)) {
    const raised = { askedSeconds: minExpiresSeconds, grantedSeconds: minExpiresSeconds };
    return [
      { ...s, ...raised, raised: true, timerN: now + 64 * p.t1 },
      { kind: "Subscribe", initial: true, expiresSeconds: minExpiresSeconds },
    ];
  }
  //= RFC 6665 §4.1.2.1
  //# Non-200-class final responses indicate that no subscription or new dialog usage has been
  //# created, and no subsequent NOTIFY request will be sent.
  const again = retryAfterSeconds ?? (isFault(status) ? p.retrySeconds : undefined);
  return ended(p, s, failedBy("refused", status), again ?? NEVER, now);
}

/** Silence, or the server's own fault: nothing that the request was wrong about. */
const isFault = (status: number) => status === 408 || (status >= 500 && status < 600);

/** What was granted, never more than was asked for. */
const granted = ({ askedSeconds }: Alive, seconds: number | undefined): number =>
  Math.min(askedSeconds, seconds ?? askedSeconds);

function notified(p: Params, s: Alive, input: Notify, now: Millis): Step {
  if (input.state === "terminated") return terminated(p, s, input, now);
  if (s.name !== "NotifyWait") return settled(s, s.name, input, now);
  const { since, askedSeconds, grantedSeconds, timerN: forksUntil, raised } = s;
  const rest = { since, forksUntil, isFork: false, askedSeconds, raised, toldExpires: false };
  const awaiting = s.answered ? undefined : "Initial";
  const base = { ...timers(grantedSeconds, now), timerN: NEVER, awaiting, ...rest } as const;
  return settled(base, undefined, input, now);
}

/** Where a NOTIFY that ends nothing leads. */
function settled(
  s: Subscribed,
  before: "Pending" | "Active" | undefined,
  { state, expiresSeconds }: Notify,
  now: Millis,
): Step {
  const name = state === "active" ? "Active" : "Pending";
  //= RFC 6665 §4.1.3
  //# If the header field also contains an "expires" parameter, the subscriber SHOULD take it as the
  //# authoritative subscription duration and adjust accordingly.
  const told =
    expiresSeconds === undefined
      ? undefined
      : { ...timers(Math.min(s.askedSeconds, expiresSeconds), now), toldExpires: true };
  const next: Pending | Active = { ...s, timerN: NEVER, ...told, name };
  return before === name ? [next, OK] : [next, OK, { kind: "Changed", to: name }];
}

/** A notifier that grants next to nothing is not asked again and again: that just expires. */
function timers(seconds: number, now: Millis) {
  const timerRefresh = now + Math.max(MIN_REFRESH_MS, refreshAfterMs(seconds));
  return { timerExpires: now + 1000 * seconds, timerRefresh };
}

//= RFC 6665 §4.1.3
//# If the "Subscription-State" value is "terminated", the subscriber MUST consider the subscription
//# terminated. The "expires" parameter has no semantics for "terminated" -- notifiers SHOULD NOT
//# include an "expires" parameter on a "Subscription-State" header field with a value of
//# "terminated", and subscribers MUST ignore any such parameter, if present.
function terminated(p: Params, s: Alive, input: Notify, now: Millis): Step {
  const { reason, retryAfterSeconds } = input;
  const after = resubscribeAfterSeconds(reason, retryAfterSeconds, p.retrySeconds ?? NEVER);
  const [next, ...outputs] = ended(p, s, (again) => endedBy(input, again), after, now);
  return [next, OK, ...outputs];
}

const endedBy = ({ reason = "terminated" }: Notify, again: boolean): Output => ({
  kind: "Ended",
  reason,
  status: undefined,
  again,
});

/** The end of one subscription, and when another may follow, the wait for it. */
function ended(
  p: Params,
  s: Alive,
  output: (again: boolean) => Output,
  afterSeconds: number,
  now: Millis,
): Step {
  // What was asked for once, is not asked for again; and a fork leaves it to the first.
  const isOne = s.name === "NotifyWait" || !s.isFork;
  const wanted = p.retrySeconds !== undefined && s.askedSeconds > 0 && isOne;
  if (!wanted || afterSeconds === NEVER) return [TERMINATED, output(false)];
  // "Immediately" holds for what has lived; what ends as soon as it begins would go on for ever.
  const seconds = Math.min(afterSeconds, Math.max(LONGEST_WAIT_SECONDS, p.retrySeconds ?? 0));
  const timerRetry = Math.max(now + 1000 * seconds, s.since + 64 * p.t1);
  if (now < timerRetry) return [{ name: "Init", timerRetry }, output(true)];
  const [next, ...outputs] = subscribe(p, now);
  return [next, output(true), ...outputs];
}

const failedBy =
  (reason: string, status?: number) =>
  (again: boolean): Output => ({ kind: "Ended", reason, status, again });

function subscribed(p: Params, s: Pending | Active, input: Input, now: Millis): Step {
  switch (input.kind) {
    case "Notify":
      return notified(p, s, input, now);
    case "Response":
      return s.awaiting === undefined ? [s] : refreshed(p, s, input, now);
    case "Refresh":
      return s.awaiting === undefined ? refresh(p, s, now) : [s];
    case "Unsubscribe":
      return leave(p, now);
    default:
      return subscribedTick(p, s, now);
  }
}

function subscribedTick(p: Params, s: Pending | Active, now: Millis): Step {
  const again = p.retrySeconds ?? NEVER;
  //= RFC 6665 §4.1.2.2
  //# If this Timer N expires prior to the receipt of a NOTIFY request, the subscriber considers the
  //# subscription terminated.
  if (now >= s.timerN) return ended(p, s, failedBy("no NOTIFY came"), again, now);
  if (now >= s.timerExpires) return ended(p, s, failedBy("expired"), again, now);
  return now < s.timerRefresh ? [s] : refresh(p, s, now);
}

//= RFC 6665 §4.1.2.2
//# When refreshing a subscription, a subscriber starts Timer N, set to 64*T1, when it sends the
//# SUBSCRIBE request.
function refresh(p: Params, s: Pending | Active, now: Millis): Step {
  return [
    {
      ...{ ...s, timerN: now + 64 * p.t1, timerRefresh: NEVER },
      ...{ awaiting: "Refresh", toldExpires: false },
    },
    { kind: "Subscribe", initial: false, expiresSeconds: s.askedSeconds },
  ];
}

function refreshed(p: Params, s: Pending | Active, input: Response, now: Millis): Step {
  const { status, minExpiresSeconds, retryAfterSeconds } = input;
  if (status < 300) return [refreshGranted(s, input, now)];
  // The NOTIFY of another fork has made the subscription all the same.
  if (s.awaiting === "Initial") return [{ ...s, awaiting: undefined }];
  if (endsSubscription(status)) {
    const again = retryAfterSeconds ?? p.retrySeconds ?? NEVER;
    return ended(p, s, failedBy("refused", status), again, now);
  }
  if (status === 423 && !s.raised && isLonger(minExpiresSeconds, s.askedSeconds)) {
    return refresh(p, { ...s, raised: true, askedSeconds: minExpiresSeconds }, now);
  }
  //= RFC 6665 §4.1.2.2
  //# If a SUBSCRIBE request to refresh a subscription fails with any error code other than those
  //# listed above, the original subscription is still considered valid for the duration of the most
  //# recently known "Expires" value
  const left = s.timerExpires - now;
  const timerRefresh = now + Math.max(1000 * (retryAfterSeconds ?? 0), left / 2, 1000);
  // After silence Timer N is about to say that no NOTIFY came either.
  const timerN = status === 408 ? s.timerN : NEVER;
  return [{ ...s, timerN, timerRefresh, awaiting: undefined }];
}

function refreshGranted(s: Pending | Active, input: Response, now: Millis): Pending | Active {
  const times = s.toldExpires ? {} : timers(granted(s, input.expiresSeconds), now);
  //= RFC 6665 §4.1.2.2
  //# If the subscriber receives a success response to the SUBSCRIBE request that indicates that no
  //# NOTIFY request will be generated -- such as the 204 response defined for use with the optional
  //# extension described in [RFC5839] -- then it MUST cancel Timer N.
  const timerN = input.status === 204 ? NEVER : s.timerN;
  return { ...s, ...times, timerN, awaiting: undefined, raised: false };
}

//= RFC 6665 §4.1.2.3
//# Unsubscribing is handled in the same way as refreshing of a subscription, with the "Expires"
//# header field set to "0". Note that a successful unsubscription will also trigger a final NOTIFY
//# request.
function leave({ t1 }: Params, now: Millis): Step {
  return [
    { name: "Leaving", timerN: now + 64 * t1, told: true },
    { kind: "Subscribe", initial: false, expiresSeconds: 0 },
  ];
}

function leaving(p: Params, s: Leaving, input: Input, now: Millis): Step {
  switch (input.kind) {
    case "Notify": {
      if (input.state === "terminated") return [TERMINATED, OK, LEFT];
      if (s.told) return [s, OK];
      const [next, ...outputs] = leave(p, now);
      return [next, OK, ...outputs];
    }
    case "Response":
      return input.status < 300 ? [s] : [TERMINATED, LEFT];
    case "Tick":
      return now < s.timerN ? [s] : [TERMINATED, LEFT];
    default:
      return [s];
  }
}

const TERMINATED: Terminated = Object.freeze({ name: "Terminated" });
//= RFC 6665 §4.1.3
//# Once the notification is deemed acceptable to the subscriber, the subscriber SHOULD return a 200
//# response.
//= RFC 6665 §4.1.3
//# In particular, subscribers MUST NOT wait for a user response before returning a final response
//# to a NOTIFY request.
const OK: Output = Object.freeze({ kind: "AnswerNotify", status: 200 });
//= RFC 6665 §4.1.3
//# Upon receiving a NOTIFY request, the subscriber should check that it matches at least one of its
//# outstanding subscriptions; if not, it MUST return a 481 (Subscription does not exist) response
//# unless another 400-or 500-class response is more appropriate.
const NO_SUBSCRIPTION: Output = Object.freeze({ kind: "AnswerNotify", status: 481 });
const LEFT: Output = Object.freeze({
  kind: "Ended",
  reason: "unsubscribed",
  status: undefined,
  again: false,
});
