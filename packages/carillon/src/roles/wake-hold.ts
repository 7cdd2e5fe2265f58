/**
 * A request that waits for its phone to wake: in the words of RFC 8599 §5.2, one that is in the SIP
 * Request Push Bucket.
 */
import { type Millis, NEVER } from "../transaction/timers.ts";

/** The push service is being asked. */
export interface Requesting {
  /** Our word: RFC 8599 names no states. */
  readonly name: "Requesting";
  /** The Bucket Timer: how long it is held at most. */
  readonly timerBucket: Millis;
}
/** The push service has taken it: the phone is to register. */
export interface Waiting {
  /** Our word: RFC 8599 names no states. */
  readonly name: "Waiting";
  /** The Bucket Timer: how long it is held at most. */
  readonly timerBucket: Millis;
}
/** It has been forwarded, or refused, or taken back. */
export interface Terminated {
  /** Our word: RFC 8599 names no states. */
  readonly name: "Terminated";
}
/** Times are in ms of the caller's clock. */
export type State = Requesting | Waiting | Terminated;

/** What happens to it. */
export type Input =
  /** The push service has taken the push. */
  | { readonly kind: "Pushed" }
  /** It has not, for this reason in words. */
  | { readonly kind: "NotPushed"; readonly why: string }
  /** The phone has registered, and that was answered with a 2xx. */
  | { readonly kind: "Registered" }
  /** Its owner says no, without opening it. */
  | { readonly kind: "Declined" }
  /** The caller took it back, or somebody answered elsewhere. */
  | { readonly kind: "Cancelled" }
  /** The deadline is there, or may be. */
  | { readonly kind: "Tick" };

/** What is to be done. */
export type Output =
  /** Ask the push service: `Pushed` or `NotPushed` follows. */
  | { readonly kind: "Push" }
  /** Send it to where the phone is now. */
  | { readonly kind: "Forward" }
  /** Answer it so. */
  | { readonly kind: "Refuse"; readonly status: number; readonly why: string };

/** The state after an input, and what is to be done. */
export type Step = readonly [State, ...Output[]];

/** What stays the same. */
export interface Params {
  /** How long it is held at most, in ms. */
  readonly holdMs: Millis;
}

const TERMINATED: State = { name: "Terminated" };

//= RFC 8599 §5.6.2
//# if the Request-URI of the request contains a 'pn-provider', a 'pn-prid', and a 'pn-param' (if
//# required for the specific PNS provider) SIP URI parameter, the proxy requests that a push
//# notification be sent to the UA using the information in the 'pn-*' SIP URI parameters. The proxy
//# then places the SIP request in the SIP Request Push Bucket.
/** Begins. */
export function start({ holdMs }: Params, now: Millis): Step {
  return [{ name: "Requesting", timerBucket: now + holdMs }, { kind: "Push" }];
}

/** What an input makes of a state. */
export function step(_: Params, state: State, input: Input, now: Millis): Step {
  if (state.name === "Terminated") return [state];
  switch (input.kind) {
    case "Pushed":
      return [{ name: "Waiting", timerBucket: state.timerBucket }];
    //= RFC 8599 §5.6.2
    //# If the push notification request fails (see PNS-specific documentation for details), the
    //# proxy MUST remove the SIP request from the bucket and send an error response to the SIP
    //# request.
    case "NotPushed":
      return refused(480, input.why);
    //= RFC 8599 §5.6.2
    //# If there is a match, the proxy MUST remove the SIP request from the bucket and forward it
    //# towards the UA.
    case "Registered":
      return [TERMINATED, { kind: "Forward" }];
    case "Declined":
      return refused(603, "declined without being opened");
    case "Cancelled":
      return refused(487, "taken back while it was being woken");
    case "Tick":
      return now >= state.timerBucket ? refused(480, "it did not wake in time") : [state];
  }
}

//= RFC 8599 §5.6.2
//# After the proxy has requested that a push notification be sent to a UA, if the proxy does not
//# receive a REGISTER response with a Contact URI that matches the Request-URI of the SIP request
//# before the Bucket Timer (Section 5.2) associated with the SIP request times out, the proxy MUST
//# remove the SIP request from the SIP Request Push Bucket (Section 5.2) and send a 480
//# (Temporarily Unavailable) response.
const refused = (status: number, why: string): Step => [
  TERMINATED,
  { kind: "Refuse", status, why },
];

/** When the next Tick is due. */
export const deadline = (state: State): Millis =>
  state.name === "Terminated" ? NEVER : state.timerBucket;
