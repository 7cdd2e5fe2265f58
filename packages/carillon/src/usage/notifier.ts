/**
 * A subscription, the side that knows. RFC 6665 §4.2.
 *
 * One machine per subscription, begun by a SUBSCRIBE that `judgeSubscribe` has let in. What the
 * state of the resource is, and how it reads, is for whoever sends the NOTIFY. One NOTIFY at a time
 * tells of changes: those that happen meanwhile are told by the next.
 */
import { type Millis, NEVER } from "../transaction/timers.ts";
import { endsSubscription } from "./subscription-end.ts";
import type { EndReason, NotifiedState } from "./subscription-headers.ts";

interface Subscribed {
  readonly timerExpires: Millis;
  /** When the next NOTIFY may go out that tells of a change; NEVER while there is none to tell. */
  readonly timerNotify: Millis;
  readonly lastNotify: Millis;
  /** How many NOTIFYs have no final response. */
  readonly open: number;
  /** Something has changed since the last NOTIFY. */
  readonly changed: boolean;
}
/** Somebody still has to say whether it is allowed. */
export interface Pending extends Subscribed {
  /** RFC 6665 §4.2.2 calls it so. */
  readonly name: "Pending";
}
/** It is told of changes. */
export interface Active extends Subscribed {
  /** RFC 6665 §4.2.2 calls it so. */
  readonly name: "Active";
}
/** The end, which no input leaves. */
export interface Terminated {
  /** RFC 6665 §4.2.2 calls it so. */
  readonly name: "Terminated";
}
/**
 * Everything the machine remembers, told apart by `name`. Times are in ms of the caller's clock.
 */
export type State = Pending | Active | Terminated;

/**
 * What happens to the subscription. `Granted`: what was pending is allowed. `Tick`: `deadline` is
 * reached, or may be. `Abandon`: it ends without a word.
 */
export type Input =
  /** A SUBSCRIBE in the dialog, from somebody who may still. */
  | { readonly kind: "Subscribe"; readonly expiresSeconds: number | undefined }
  /** The final response to a NOTIFY; 408 for silence. Not a 401 that is tried again. */
  | { readonly kind: "Response"; readonly status: number }
  /** The resource has changed. */
  | { readonly kind: "Changed" }
  | { readonly kind: "Granted" }
  /** Policy ends it. */
  | {
      readonly kind: "End";
      readonly reason: EndReason;
      readonly retryAfterSeconds: number | undefined;
    }
  | { readonly kind: "Tick" }
  | { readonly kind: "Abandon" };

/**
 * What is to be done, in this order. `Refuse`: answer the SUBSCRIBE with 423 and this Min-Expires.
 */
export type Output =
  //= RFC 6665 §8.3.1
  //# Implementations compliant with the present document MUST NOT send a 202 response to a
  //# SUBSCRIBE request and will send an alternate success response (such as 200) in its stead.
  /** Answer the SUBSCRIBE, with this Expires. */
  | { readonly kind: "Accept"; readonly status: 200; readonly expiresSeconds: number }
  | { readonly kind: "Refuse"; readonly status: 423; readonly minExpiresSeconds: number }
  /** With the state of the resource as it is now, unless `state` is pending. */
  | { readonly kind: "Notify"; readonly state: NotifiedState }
  /** It is over; the dialog too, once its last NOTIFY has its answer. */
  | { readonly kind: "Removed"; readonly reason: EndReason | "unreachable" };

/** The state after an input, and what is to be done. */
export type Step = readonly [State, ...Output[]];

/** What stays the same as long as the subscription lives. */
export interface Params {
  /** What the SUBSCRIBE that began it asked for. */
  readonly askedSeconds: number | undefined;
  /** Whether it is allowed; if not yet, "Granted" or "End" comes later. */
  readonly granted: boolean;
  /** The same that `judgeSubscribe` was given. */
  readonly policy: NotifierPolicy;
}

/** What a notifier grants in one event package. */
export interface NotifierPolicy {
  /** What a SUBSCRIBE without Expires asks for, by its package. */
  readonly defaultSeconds: number;
  /** Less is refused with 423, where it is less than an hour. RFC 6665 §4.2.1.1. */
  readonly minSeconds: number;
  /** More is cut to this. */
  readonly maxSeconds: number;
  /** Between two NOTIFYs that tell of changes, by the package. */
  readonly minGapMs: Millis;
}

/**
 * What the first SUBSCRIBE of a subscription is to be answered with; undefined: it is accepted, and
 * begins a machine. RFC 6665 §4.2.1.1, §4.2.1.3.
 */
export function judgeSubscribe(
  asked: {
    /** The package is one that we know. */
    readonly known: boolean;
    readonly expiresSeconds: number | undefined;
    /** Undefined: somebody has to be asked. */
    readonly allowed: boolean | undefined;
  },
  policy: NotifierPolicy,
): { readonly status: 403 | 423 | 489; readonly minExpiresSeconds?: number } | undefined {
  //= RFC 6665 §4.2.1.1
  //# The notifier SHOULD check that the event package specified in the "Event" header field is
  //# understood. If not, the notifier SHOULD return a 489 (Bad Event) response to indicate that the
  //# specified event/event class is not understood.
  if (!asked.known) return { status: 489 };
  //= RFC 6665 §4.2.1.3
  //# the notifier SHOULD reply to the request with a 403 (Forbidden) or 603 (Decline) response,
  //# unless doing so might reveal information that should stay private
  if (asked.allowed === false) return { status: 403 };
  if (!isTooShort(asked.expiresSeconds, policy)) return undefined;
  return { status: 423, minExpiresSeconds: policy.minSeconds };
}

//= RFC 6665 §4.2.1.1
//# If and only if the expiration interval is greater than zero AND smaller than one hour AND less
//# than a notifier-configured minimum, the notifier MAY return a 423 (Interval Too Brief) error
//# that contains a "Min-Expires" header field.
const isTooShort = (seconds: number | undefined, { minSeconds }: NotifierPolicy): boolean =>
  seconds !== undefined && seconds > 0 && seconds < 3600 && seconds < minSeconds;

//= RFC 6665 §4.2.1.1
//# In particular, notifiers MUST NOT wait for a user response before returning a final response to
//# a SUBSCRIBE request.
//= RFC 6665 §4.2.1
//# Notifiers MUST NOT create subscriptions except upon receipt of a SUBSCRIBE request.
/** Begins: answers the SUBSCRIBE, and sends the first NOTIFY. `now` is in ms, as in every step. */
export function start(p: Params, now: Millis): Step {
  const nothing = { timerNotify: NEVER, lastNotify: now, open: 0, changed: false };
  const name = p.granted ? "Active" : "Pending";
  return accepted(p, { name, timerExpires: now, ...nothing }, p.askedSeconds, now);
}

/** One input, handled at once. Never throws for what a peer sent. */
export function step(p: Params, s: State, input: Input, now: Millis): Step {
  if (s.name === "Terminated") return [s];
  switch (input.kind) {
    case "Abandon":
      return [TERMINATED];
    case "Subscribe":
      return refreshed(p, s, input.expiresSeconds, now);
    case "Response":
      return answered(p, s, input.status, now);
    case "Changed":
      return s.name === "Pending" ? [s] : tick(waitingToTell(p, { ...s, changed: true }), now);
    case "Granted":
      return s.name === "Pending" ? notify({ ...s, name: "Active" }, now) : [s];
    case "End":
      return end(input.reason, input.retryAfterSeconds);
    case "Tick":
      return tick(s, now);
  }
}

/** When the machine wants its next "Tick"; NEVER if it does not. */
export const deadline = (s: State): Millis =>
  s.name === "Terminated" ? NEVER : Math.min(s.timerExpires, s.timerNotify);

type Live = Pending | Active;

function refreshed(p: Params, s: Live, asked: number | undefined, now: Millis): Step {
  //= RFC 6665 §4.2.1.4
  //# If the duration specified in a SUBSCRIBE request is unacceptably short, the notifier SHOULD
  //# respond with a 423 (Interval Too Brief) response.
  if (isTooShort(asked, p.policy)) {
    return [s, { kind: "Refuse", status: 423, minExpiresSeconds: p.policy.minSeconds }];
  }
  return accepted(p, s, asked, now);
}

function accepted({ policy }: Params, s: Live, asked: number | undefined, now: Millis): Step {
  //= RFC 6665 §3.1.1
  //# If no "Expires" header field is present in a SUBSCRIBE request, the implied default MUST be
  //# defined by the event package being used.
  //= RFC 6665 §3.1.1
  //# 200-class responses to SUBSCRIBE requests also MUST contain an "Expires" header field. The
  //# period of time in the response MAY be shorter but MUST NOT be longer than specified in the
  //# request.
  //= RFC 6665 §4.2.1.1
  //# the server MAY shorten the interval but MUST NOT lengthen it.
  //= RFC 6665 §4.2.1.4
  //# As with the initial subscription, the server MAY shorten the amount of time until expiration
  //# but MUST NOT increase it.
  const expiresSeconds = Math.min(asked ?? policy.defaultSeconds, policy.maxSeconds);
  const accept: Output = { kind: "Accept", status: 200, expiresSeconds };
  //= RFC 6665 §4.2.1.4
  //# Notifiers largely treat this the same way as any other subscription expiration: they send a
  //# NOTIFY request containing a "Subscription-State" of "terminated", with a reason code of
  //# "timeout."
  if (expiresSeconds === 0) {
    const [next, ...outputs] = end("timeout", undefined);
    return [next, accept, ...outputs];
  }
  //= RFC 6665 §4.2.1.2
  //# Upon successfully accepting or refreshing a subscription, notifiers MUST send a NOTIFY request
  //# immediately to communicate the current resource state to the subscriber.
  //= RFC 6665 §4.2.2
  //# When a SUBSCRIBE request is answered with a 200-class response, the notifier MUST immediately
  //# construct and send a NOTIFY request to the subscriber.
  const [next, ...outputs] = notify({ ...s, timerExpires: now + 1000 * expiresSeconds }, now);
  return [next, accept, ...outputs];
}

function notify(s: Live, now: Millis): Step {
  //= RFC 6665 §4.2.2
  //# The notifier MAY use this mechanism to shorten a subscription; however, this mechanism MUST
  //# NOT be used to lengthen a subscription.
  const expiresSeconds = Math.max(0, Math.floor((s.timerExpires - now) / 1000));
  const state = s.name === "Active" ? "active" : "pending";
  const told = { lastNotify: now, timerNotify: NEVER, changed: false, open: s.open + 1 };
  return [
    { ...s, ...told },
    { kind: "Notify", state: { state, expiresSeconds } },
  ];
}

/** A change is told at once, unless a NOTIFY is out or went out just now. */
function waitingToTell({ policy }: Params, s: Live): Live {
  if (!s.changed || s.open > 0) return s;
  return { ...s, timerNotify: s.lastNotify + policy.minGapMs };
}

function answered(p: Params, s: Live, status: number, now: Millis): Step {
  //= RFC 6665 §4.2.2
  //# If the NOTIFY request fails due to expiration of SIP Timer F (transaction timeout), the
  //# notifier SHOULD remove the subscription.
  if (status === 408 || endsSubscription(status)) {
    return [TERMINATED, { kind: "Removed", reason: "unreachable" }];
  }
  const next = waitingToTell(p, { ...s, open: Math.max(0, s.open - 1) });
  return tick(next, now);
}

function tick(s: Live, now: Millis): Step {
  //= RFC 6665 §4.2.1.4
  //# If no refresh for a notification address is received before its expiration time, the
  //# subscription is removed. When removing a subscription, the notifier SHOULD send a NOTIFY
  //# request with a "Subscription-State" value of "terminated" to inform it that the subscription
  //# is being removed. If such a request is sent, the "Subscription-State" header field SHOULD
  //# contain a "reason=timeout" parameter.
  if (now >= s.timerExpires) return end("timeout", undefined);
  return now < s.timerNotify ? [s] : notify(s, now);
}

function end(reason: EndReason, retryAfterSeconds: number | undefined): Step {
  return [
    TERMINATED,
    { kind: "Notify", state: { state: "terminated", reason, retryAfterSeconds } },
    { kind: "Removed", reason },
  ];
}

const TERMINATED: Terminated = Object.freeze({ name: "Terminated" });
