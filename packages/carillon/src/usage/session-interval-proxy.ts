/**
 * A proxy that wants to know when a call is over asks its ends to refresh. RFC 4028 §8.
 *
 * Of the requests it forwards it remembers what these functions say, until the final response.
 */
import { ABSOLUTE_MIN_SECONDS, type SessionExpires, type TimerAsked } from "./session-interval.ts";

/** What a proxy wants. */
export interface ProxyTimerPolicy {
  /** Undefined: no session timer of the proxy's own. */
  readonly wantedSeconds: number | undefined;
  /** At least 90. */
  readonly minSeconds: number;
}

/** What to remember until the response comes. */
export interface ProxyTimerMemory {
  /** Whether the request's Supported lists `timer`. */
  readonly supported: boolean;
  /** The Session-Expires of the request as it was forwarded. */
  readonly seconds: number | undefined;
}

/** What becomes of the request: 422 with this Min-SE, or both headers as they go on. */
export type ProxyTimerRequest =
  | { readonly kind: "Refuse"; readonly status: 422; readonly minSeSeconds: number }
  | {
      readonly kind: "Forward";
      readonly sessionExpires: SessionExpires | undefined;
      readonly minSeSeconds: number | undefined;
      readonly memory: ProxyTimerMemory;
    };

/**
 * What to do with an INVITE or UPDATE: the two headers as they go on, or a refusal. RFC 4028 §8.1.
 */
export function proxyTimerRequest(asked: TimerAsked, policy: ProxyTimerPolicy): ProxyTimerRequest {
  const minSeconds = Math.max(ABSOLUTE_MIN_SECONDS, policy.minSeconds);
  const tooSmall = asked.sessionExpires !== undefined && asked.sessionExpires.seconds < minSeconds;
  //= RFC 4028 §8.1
  //# If the request contains a Supported header field with a value 'timer', the proxy MAY reject
  //# the INVITE request with a 422 (Session Interval Too Small) response if the session interval in
  //# the Session-Expires header field is smaller than the minimum interval defined by the proxy's
  //# local policy. When sending the 422 response, the proxy MUST include a Min-SE header field with
  //# the value of its minimum interval. That minimum MUST NOT be lower than 90 seconds.
  if (tooSmall && asked.supported) {
    return { kind: "Refuse", status: 422, minSeSeconds: minSeconds };
  }
  const minSeSeconds = tooSmall ? raisedMinSe(asked, minSeconds) : asked.minSeSeconds;
  const sessionExpires = forwarded(asked, policy, minSeSeconds ?? ABSOLUTE_MIN_SECONDS);
  //= RFC 4028 §8.1
  //# Assuming that the proxy has requested a session timer (and thus has possibly inserted the
  //# Session-Expires header field or reduced it), the proxy MUST remember that it is using a
  //# session timer, and also remember the value of the Session-Expires header field from the
  //# proxied request. This MUST be remembered for the duration of the transaction.
  //= RFC 4028 §8.1
  //# The proxy MUST remember, for the duration of the transaction, whether the request contained
  //# the Supported header field with the value 'timer'.
  const memory = { supported: asked.supported, seconds: sessionExpires?.seconds };
  return { kind: "Forward", sessionExpires, minSeSeconds, memory };
}

//= RFC 4028 §8.1
//# Rather, the proxy SHOULD insert a Min-SE header field containing its minimum interval. If a
//# Min-SE header field is already present, the proxy SHOULD increase (but MUST NOT decrease) the
//# value to its minimum interval.
//= RFC 4028 §8.1
//# A proxy MUST NOT insert a Min-SE header field or modify the value of an existing header field in
//# a proxied request if that request contains a Supported header field with the value 'timer'.
const raisedMinSe = ({ minSeSeconds }: TimerAsked, minSeconds: number): number =>
  Math.max(minSeSeconds ?? 0, minSeconds);

function forwarded(
  { sessionExpires }: TimerAsked,
  { wantedSeconds }: ProxyTimerPolicy,
  minSeSeconds: number,
): SessionExpires | undefined {
  if (sessionExpires === undefined) {
    if (wantedSeconds === undefined) return undefined;
    //= RFC 4028 §8.1
    //# This Session-Expires header field may contain any desired expiration time the proxy would
    //# like, but not with a duration lower than the value in the Min-SE header field in the
    //# request, if it is present. The proxy MUST NOT include a refresher parameter in the header
    //# field value.
    return { seconds: Math.max(wantedSeconds, minSeSeconds), refresher: undefined };
  }
  const { seconds, refresher } = sessionExpires;
  //= RFC 4028 §8.1
  //# If the value of the Session-Expires header field is lower than the value of the Min-SE header
  //# field (possibly because the proxy increased the value of the Min-SE header field, as described
  //# below), the proxy MUST increase the value of the Session-Expires header field to make it equal
  //# to Min-SE header field value. The proxy MUST NOT insert or modify the value of the 'refresher'
  //# parameter in the Session-Expires header field.
  //= RFC 4028 §8.1
  //# The proxy MUST then increase the Session-Expires header field value to be equal to the value
  //# in the Min-SE header field, as described above.
  if (seconds < minSeSeconds) return { seconds: minSeSeconds, refresher };
  //= RFC 4028 §8.1
  //# If the request already had a Session-Expires header field, the proxy MAY reduce its value but
  //# MUST NOT set it to a duration lower than the value in the Min-SE header field in the request,
  //# if it is present. If the value of the Session-Expires header field is greater than or equal to
  //# the value in the Min-SE header field (recall that the default is 90 seconds when the Min-SE
  //# header field is not present), the proxy MUST NOT increase the value of the Session-Expires
  //# header field.
  const wanted = Math.max(wantedSeconds ?? seconds, minSeSeconds);
  return { seconds: Math.min(seconds, wanted), refresher };
}

/** What becomes of a 2xx. RFC 4028 §8.2. */
export interface ProxyTimerResponse {
  /** Put it into the response; undefined: leave the response as it is. */
  readonly insert: SessionExpires | undefined;
  /** Add `timer` to the response's Require. */
  readonly require: boolean;
  //= RFC 4028 §8.3
  //# When the current time equals or passes the session expiration for a session, the proxy MAY
  //# remove associated call state, and MAY free any resources associated with the call. Unlike the
  //# UA, it MUST NOT send a BYE.
  /** How long the session lives from now on; undefined: it does not expire. */
  readonly intervalSeconds: number | undefined;
}

/** What to do with the 2xx to a request that was forwarded. RFC 4028 §8.2. */
export function proxyTimerResponse(
  memory: ProxyTimerMemory,
  answered: SessionExpires | undefined,
): ProxyTimerResponse {
  //= RFC 4028 §8.2
  //# The proxy MUST NOT modify the value of the Session-Expires header field received in the
  //# response (assuming one was present) before forwarding it upstream.
  //= RFC 4028 §8.2
  //# This session expiration MUST update any existing session expiration for the session.
  if (answered !== undefined) {
    return { insert: undefined, require: false, intervalSeconds: answered.seconds };
  }
  if (memory.seconds === undefined || !memory.supported) {
    return { insert: undefined, require: false, intervalSeconds: undefined };
  }
  //= RFC 4028 §8.2
  //# This proxy MUST insert a Session-Expires header field into the response with the value it
  //# remembered from the forwarded request. It MUST set the value of the 'refresher' parameter to
  //# 'uac'. The proxy MUST add the 'timer' option tag to any Require header field in the response,
  //# and if none was present, add the Require header field with that value before forwarding it
  //# upstream.
  const insert = { seconds: memory.seconds, refresher: "uac" } as const;
  return { insert, require: true, intervalSeconds: memory.seconds };
}
