/** How two user agents agree on a session interval. RFC 4028 §4 to §7 and §9. */
import { NO_PARAMS } from "../grammar/params.ts";
import type { HeaderField } from "../message/compose.ts";
import { formatMinSe } from "../message/header/min-se.ts";
import {
  formatSessionExpires,
  type SessionExpires as SessionExpiresHeader,
} from "../message/header/session-expires.ts";

/** What counts of a Session-Expires header. */
export type SessionExpires = Pick<SessionExpiresHeader, "seconds" | "refresher">;

/** What was agreed on, as one of the two sees it. */
export interface Session {
  /** The session interval: it expires so long after the last refresh. */
  readonly intervalSeconds: number;
  /** Who has to refresh it. */
  readonly refresher: "Local" | "Remote";
}

/** What an INVITE or UPDATE says about it. */
export interface TimerAsked {
  /** Its Supported lists `timer`. */
  readonly supported: boolean;
  /** Its Session-Expires; undefined without one. */
  readonly sessionExpires: SessionExpires | undefined;
  /** Its Min-SE; undefined without one, which means 90. */
  readonly minSeSeconds: number | undefined;
}

/** What a user agent wants. */
export interface TimerPolicy {
  /** Undefined: no session timer unless another asks for it. */
  readonly wantedSeconds: number | undefined;
  /** Shorter intervals are refused; at least 90. */
  readonly minSeconds: number;
  /** Who should refresh, where that is ours to say. */
  readonly refresher: "Local" | "Remote";
}

//= RFC 4028 §4
//# The absolute minimum for the Session-Expires header field is 90 seconds.
/** The shortest session interval there is. RFC 4028 §4. */
export const ABSOLUTE_MIN_SECONDS = 90;

//= RFC 4028 §4
//# However, 1800 seconds (30 minutes) is RECOMMENDED as the value for the Session-Expires header
//# field.
/** What to ask for, if nobody says otherwise: half an hour. RFC 4028 §4. */
export const RECOMMENDED_SECONDS = 1800;

/**
 * What a request of ours has to say: the first of a dialog, or one in it. `minSeSeconds` is the
 * largest Min-SE heard of, undefined before any. RFC 4028 §7.1, §7.4.
 */
export function askTimer(
  policy: TimerPolicy,
  minSeSeconds: number | undefined,
  session: Session | undefined,
): TimerAsked {
  const floor = minSeSeconds ?? ABSOLUTE_MIN_SECONDS;
  //= RFC 4028 §7.1
  //# A UAC that supports the session timer extension defined here MUST include a Supported header
  //# field in each request (except ACK), listing the option tag 'timer' [2]. It MUST do so even if
  //# the UAC is not requesting usage of the session timer for this session.
  //= RFC 4028 §7.1
  //# The Supported header field containing 'timer' MUST still be included, even if the Require or
  //# Proxy-Require header fields are present containing 'timer'.
  //= RFC 4028 §7.4
  //# The values of Supported, Require, and Proxy-Require used in the initial Session refresh
  //# request MUST be used.
  //= RFC 4028 §7.4
  //# Similarly, if no dialog has been established yet, a UAC MUST insert the Min-SE header field
  //# into an INVITE request if it has ever received a 422 response to a previous INVITE request
  //# with the same Call-ID.
  const asked = { supported: true, minSeSeconds };
  if (session !== undefined) {
    //= RFC 4028 §7.4
    //# In a session refresh request sent within a dialog with an active session timer, the
    //# Session-Expires header field SHOULD be present. When present, it SHOULD be equal to the
    //# maximum of the Min-SE header field (recall that its default value when not present is 90
    //# seconds) and the current session interval.
    const seconds = Math.max(floor, session.intervalSeconds);
    //= RFC 4028 §7.4
    //# If the session refresh request is not the initial one, it is RECOMMENDED that the refresher
    //# parameter be set to 'uac' if the element sending the request is currently performing
    //# refreshes, and to 'uas' if its peer is performing the refreshes.
    const refresher = session.refresher === "Local" ? "uac" : "uas";
    return { ...asked, sessionExpires: { seconds, refresher } };
  }
  if (policy.wantedSeconds === undefined) return { ...asked, sessionExpires: undefined };
  //= RFC 4028 §7.1
  //# If a Min-SE header is included in the initial session refresh request, the value of the
  //# Session-Expires MUST be greater than or equal to the value in Min-SE.
  const seconds = Math.max(floor, policy.wantedSeconds);
  //= RFC 4028 §7.1
  //# However, it is RECOMMENDED that the parameter be omitted so that it can be selected by the
  //# negotiation mechanisms described below.
  return { ...asked, sessionExpires: { seconds, refresher: undefined } };
}

/** Supported, Session-Expires and Min-SE of a request that says so. RFC 4028 §4, §5. */
export function timerHeaders(asked: TimerAsked): readonly HeaderField[] {
  const { supported, sessionExpires, minSeSeconds } = asked;
  const headers: HeaderField[] = supported ? [["Supported", "timer"]] : [];
  if (sessionExpires) {
    const value = formatSessionExpires({ ...sessionExpires, params: NO_PARAMS });
    headers.push(["Session-Expires", value]);
  }
  if (minSeSeconds !== undefined) {
    headers.push(["Min-SE", formatMinSe({ seconds: minSeSeconds, params: NO_PARAMS })]);
  }
  return headers;
}

/**
 * The Min-SE to send from now on in a dialog (before there is one: under a Call-ID), in seconds:
 * the larger of what was known and what was said. RFC 4028 §7.4.
 */
export function raiseMinSe(
  known: number | undefined,
  said: number | undefined,
): number | undefined {
  //= RFC 4028 §7.4
  //# The value of the Min-SE header field present in a session refresh request MUST be the largest
  //# value among all Min-SE header field values returned in all 422 responses or received in
  //# session refresh requests, on the same dialog, if a dialog has been established.
  if (said === undefined) return known;
  //= RFC 4028 §5
  //# When present in a request or response, its value MUST NOT be less than 90 seconds.
  return Math.max(known ?? ABSOLUTE_MIN_SECONDS, said);
}

/** What a 2xx to a request of ours means; undefined: the session does not expire. RFC 4028 §7.2. */
export function readAgreed(
  asked: TimerAsked,
  answered: SessionExpires | undefined,
  /** Refresh for our own sake, where the other side knows nothing of it. */
  alone: boolean,
): Session | undefined {
  //= RFC 4028 §7.2
  //# UACs MUST be prepared to receive a Session-Expires header field in a response, even if none
  //# were present in the request.
  //= RFC 4028 §7.2
  //# The UAC MUST set the identity of the refresher to the value of this parameter.
  //= RFC 4028 §7.2
  //# If it does, the UAC MUST look for the Session-Expires header field to process the response.
  if (answered !== undefined) {
    const refresher = answered.refresher === "uas" ? "Remote" : "Local";
    return { intervalSeconds: answered.seconds, refresher };
  }
  //= RFC 4028 §7.2
  //# In this case, if the UAC still wishes to use the session timer (which is purely for its
  //# benefit alone), it has to perform them. To do this, the UAC follows the procedures defined in
  //# this specification as if the Session-Expires header field were in the 2xx response, and its
  //# value was the same as that in the request, but with a refresher parameter of 'uac'.
  if (!alone || asked.sessionExpires === undefined) return undefined;
  return { intervalSeconds: asked.sessionExpires.seconds, refresher: "Local" };
}

/** How a request is answered: 422 with this Min-SE, or a 2xx with Session-Expires. */
export type TimerAnswer =
  | { readonly kind: "Refuse"; readonly status: 422; readonly minSeSeconds: number }
  | {
      readonly kind: "Accept";
      //= RFC 4028 §5
      //# The Min-SE header field MUST NOT be used in responses except for those with a 422 response
      //# code.
      /** For the 2xx. */
      readonly sessionExpires: SessionExpires | undefined;
      /** The 2xx has to say `Require: timer`. */
      readonly requires: boolean;
      readonly session: Session | undefined;
    };

/** How to answer a request of the other side. RFC 4028 §9. */
export function answerTimer(asked: TimerAsked, policy: TimerPolicy): TimerAnswer {
  const { supported, sessionExpires } = asked;
  const minSeconds = Math.max(ABSOLUTE_MIN_SECONDS, policy.minSeconds);
  if (sessionExpires === undefined) return answerUnasked(asked, policy);
  //= RFC 4028 §9
  //# If an incoming request contains a Supported header field with a value 'timer' and a Session
  //# Expires header field, the UAS MAY reject the INVITE request with a 422 (Session Interval Too
  //# Small) response if the session interval in the Session-Expires header field is smaller than
  //# the minimum interval defined by the UAS' local policy. When sending the 422 response, the UAS
  //# MUST include a Min-SE header field with the value of its minimum interval. This minimum
  //# interval MUST NOT be lower than 90 seconds.
  //= RFC 4028 §6
  //# The 422 response MUST contain a Min-SE header field with the minimum timer for that server.
  if (supported && sessionExpires.seconds < minSeconds) {
    return { kind: "Refuse", status: 422, minSeSeconds: minSeconds };
  }
  // No proxy lets less than 90 seconds pass: what asks for them is broken, and gets no timer.
  if (sessionExpires.seconds < ABSOLUTE_MIN_SECONDS) return NO_TIMER;
  //= RFC 4028 §9
  //# The UAS response MAY reduce its value but MUST NOT set it to a duration lower than the value
  //# in the Min-SE header field in the request, if it is present; otherwise the UAS MAY reduce its
  //# value but MUST NOT set it to a duration lower than 90 seconds. The UAS MUST NOT increase the
  //# value of the Session-Expires header field.
  const floor = asked.minSeSeconds ?? ABSOLUTE_MIN_SECONDS;
  const wanted = Math.max(floor, policy.wantedSeconds ?? sessionExpires.seconds);
  const seconds = Math.min(sessionExpires.seconds, wanted);
  return accept(seconds, refresherFor(supported, sessionExpires.refresher, policy), supported);
}

function answerUnasked(asked: TimerAsked, { wantedSeconds, refresher }: TimerPolicy): TimerAnswer {
  if (!asked.supported || wantedSeconds === undefined) return NO_TIMER;
  //= RFC 4028 §9
  //# The UAS may request a session timer in the 2XX response by including a Session-Expires header
  //# field. The value MUST NOT be set to a duration lower than the value in the Min-SE header field
  //# in the request, if it is present.
  const seconds = Math.max(wantedSeconds, asked.minSeSeconds ?? ABSOLUTE_MIN_SECONDS);
  return accept(seconds, refresher === "Local" ? "uas" : "uac", true);
}

/** Table 2. */
function refresherFor(
  supported: boolean,
  asked: "uac" | "uas" | undefined,
  { refresher }: TimerPolicy,
): "uac" | "uas" {
  //= RFC 4028 §9
  //# The UAS MUST set the value of the refresher parameter in the Session-Expires header field in
  //# the 2xx response.
  if (!supported) return "uas";
  return asked ?? (refresher === "Local" ? "uas" : "uac");
}

function accept(seconds: number, refresher: "uac" | "uas", supported: boolean): TimerAnswer {
  return {
    kind: "Accept",
    sessionExpires: { seconds, refresher },
    //= RFC 4028 §9
    //# If the refresher parameter in the Session-Expires header field in the 2xx response has a
    //# value of 'uac', the UAS MUST place a Require header field into the response with the value
    //# 'timer'.
    //= RFC 4028 §9
    //# If the refresher parameter in the 2xx response has a value of 'uas' and the Supported header
    //# field in the request contained the value 'timer', the UAS SHOULD place a Require header
    //# field into the response with the value 'timer'.
    requires: supported,
    session: { intervalSeconds: seconds, refresher: refresher === "uas" ? "Local" : "Remote" },
  };
}

const NO_TIMER: TimerAnswer = Object.freeze({
  kind: "Accept",
  sessionExpires: undefined,
  requires: false,
  session: undefined,
});
