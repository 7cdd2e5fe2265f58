/** What makes a request a SUBSCRIBE or a NOTIFY of a subscription. RFC 6665 §3, §4. */
import { NO_PARAMS, type Params } from "../grammar/params.ts";
import type { HeaderField } from "../message/compose.ts";
import { type EventType, formatEvent } from "../message/header/event.ts";
import { formatSubscriptionState } from "../message/header/subscription-state.ts";

//= RFC 6665 §3.1.2
//# Subscribers MUST include exactly one "Event" header field in SUBSCRIBE requests, indicating to
//# which event or class of events they are subscribing.
//= RFC 6665 §8.2.1
//# There MUST be exactly one event type listed per "Event" header field.
//= RFC 6665 §4.5.2
//# When a subscriber refreshes the subscription timer, the SUBSCRIBE request MUST contain the same
//# "Event" header field "id" parameter as was present in the SUBSCRIBE request that created the
//# subscription.
/** Event, Expires (0 ends the subscription) and Accept of a SUBSCRIBE. RFC 6665 §3.1. */
export function subscribeHeaders(
  event: EventType,
  expiresSeconds: number,
  accept: readonly string[],
): readonly HeaderField[] {
  const headers: HeaderField[] = [
    ["Event", formatEvent(event)],
    //= RFC 6665 §3.1.1
    //# SUBSCRIBE requests SHOULD contain an "Expires" header field (defined in [RFC3261]).
    ["Expires", String(expiresSeconds)],
  ];
  return accept.length === 0 ? headers : [...headers, ["Accept", accept.join(", ")]];
}

/** What a NOTIFY says about its subscription. */
export type NotifiedState =
  | { readonly state: "active" | "pending"; readonly expiresSeconds: number }
  | {
      readonly state: "terminated";
      readonly reason: EndReason;
      readonly retryAfterSeconds: number | undefined;
    };

/** Why a notifier ends a subscription, and by that whether to subscribe again. RFC 6665 §4.1.3. */
export type EndReason =
  | "deactivated"
  | "probation"
  | "rejected"
  | "timeout"
  | "giveup"
  | "noresource"
  | "invariant";

/**
 * Event and Subscription-State of a NOTIFY; `event` is that of the SUBSCRIBE, `more` are further
 * parameters of the state. RFC 6665 §3.2.
 */
export function notifyHeaders(
  event: EventType,
  state: NotifiedState,
  more: Params = NO_PARAMS,
): readonly HeaderField[] {
  return [
    //= RFC 6665 §3.2.1
    //# As in SUBSCRIBE requests, NOTIFY request "Event" header fields MUST contain a single event
    //# package name for which a notification is being generated. The package name in the "Event"
    //# header field MUST match the "Event" header field in the corresponding SUBSCRIBE request.
    //= RFC 6665 §4.5.2
    //# If an "id" parameter is present in the SUBSCRIBE request used to establish a subscription,
    //# that "id" parameter MUST also be present in all corresponding NOTIFY requests.
    ["Event", formatEvent(event)],
    //= RFC 6665 §4.2.2
    //# NOTIFY requests MUST contain a "Subscription-State" header field with a value of "active",
    //# "pending", or "terminated".
    //= RFC 6665 §4.1.3
    //# NOTIFY requests MUST contain "Subscription-State" header fields that indicate the status of
    //# the subscription.
    ["Subscription-State", formatState(state, more)],
  ];
}

function formatState(state: NotifiedState, params: Params): string {
  const nothing = { reason: undefined, expiresSeconds: undefined, retryAfterSeconds: undefined };
  //= RFC 6665 §4.2.2
  //# If the value of the "Subscription-State" header field is "active" or "pending", the notifier
  //# MUST also include in the "Subscription-State" header field an "expires" parameter that
  //# indicates the time remaining on the subscription.
  //= RFC 6665 §4.2.2
  //# If the value of the "Subscription-State" header field is "terminated", the notifier SHOULD
  //# also include a "reason" parameter.
  return formatSubscriptionState({ ...nothing, ...state, params });
}
