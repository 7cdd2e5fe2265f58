import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  answerTimer,
  askTimer,
  raiseMinSe,
  readAgreed,
  type SessionExpires,
  type TimerAsked,
  type TimerPolicy,
  timerHeaders,
} from "./session-interval.ts";

const policy: TimerPolicy = { wantedSeconds: 1800, minSeconds: 90, refresher: "Remote" };

const asks = (
  seconds?: number,
  more: { refresher?: "uac" | "uas"; minSe?: number; supported?: boolean } = {},
): TimerAsked => ({
  supported: more.supported ?? true,
  sessionExpires: seconds === undefined ? undefined : { seconds, refresher: more.refresher },
  minSeSeconds: more.minSe,
});

describe("asking", () => {
  //= RFC 4028 §7.1
  //# The Supported header field containing 'timer' MUST still be included, even if the Require or
  //# Proxy-Require header fields are present containing 'timer'.
  //= RFC 4028 §7.4
  //# The values of Supported, Require, and Proxy-Require used in the initial Session refresh
  //# request MUST be used.
  //= RFC 4028 §7.1
  //# A UAC that supports the session timer extension defined here MUST include a Supported header
  //# field in each request (except ACK), listing the option tag 'timer' [2]. It MUST do so even if
  //# the UAC is not requesting usage of the session timer for this session.
  //= RFC 4028 §7.1
  //# However, it is RECOMMENDED that the parameter be omitted so that it can be selected by the
  //# negotiation mechanisms described below.
  test("RFC 4028 §7.1: every request says so; the first leaves open who refreshes", () => {
    expect(askTimer(policy, undefined, undefined)).toEqual(asks(1800));
    expect(askTimer({ ...policy, wantedSeconds: undefined }, undefined, undefined)).toEqual(asks());
  });

  //= RFC 4028 §7.1
  //# If a Min-SE header is included in the initial session refresh request, the value of the
  //# Session-Expires MUST be greater than or equal to the value in Min-SE.
  test("RFC 4028 §7.1: never shorter than the Min-SE that goes with it", () => {
    expect(askTimer(policy, 3600, undefined)).toEqual(asks(3600, { minSe: 3600 }));
    expect(askTimer(policy, 600, undefined)).toEqual(asks(1800, { minSe: 600 }));
  });

  //= RFC 4028 §7.4
  //# In a session refresh request sent within a dialog with an active session timer, the
  //# Session-Expires header field SHOULD be present. When present, it SHOULD be equal to the
  //# maximum of the Min-SE header field (recall that its default value when not present is 90
  //# seconds) and the current session interval.
  //= RFC 4028 §7.4
  //# If the session refresh request is not the initial one, it is RECOMMENDED that the refresher
  //# parameter be set to 'uac' if the element sending the request is currently performing
  //# refreshes, and to 'uas' if its peer is performing the refreshes.
  test("RFC 4028 §7.4: in the dialog the interval stays, and who refreshes", () => {
    const session = { intervalSeconds: 4000, refresher: "Local" } as const;
    expect(askTimer(policy, undefined, session)).toEqual(asks(4000, { refresher: "uac" }));
    expect(askTimer(policy, 5000, { ...session, refresher: "Remote" })).toEqual(
      asks(5000, { refresher: "uas", minSe: 5000 }),
    );
  });

  test("RFC 4028 §4, §5: as headers", () => {
    expect(timerHeaders(asks(4000, { refresher: "uac", minSe: 90 }))).toEqual([
      ["Supported", "timer"],
      ["Session-Expires", "4000;refresher=uac"],
      ["Min-SE", "90"],
    ]);
    expect(timerHeaders(asks(1800))).toEqual([
      ["Supported", "timer"],
      ["Session-Expires", "1800"],
    ]);
    expect(timerHeaders(asks(undefined, { supported: false }))).toEqual([]);
  });

  //= RFC 4028 §7.4
  //# The value of the Min-SE header field present in a session refresh request MUST be the largest
  //# value among all Min-SE header field values returned in all 422 responses or received in
  //# session refresh requests, on the same dialog, if a dialog has been established.
  //= RFC 4028 §5
  //# When present in a request or response, its value MUST NOT be less than 90 seconds.
  test("RFC 4028 §7.4: the Min-SE is the largest that was heard of, and 90 at least", () => {
    expect(raiseMinSe(undefined, undefined)).toBe(undefined);
    expect(raiseMinSe(undefined, 30)).toBe(90);
    expect(raiseMinSe(undefined, 3600)).toBe(3600);
    expect(raiseMinSe(3600, 4000)).toBe(4000);
    expect(raiseMinSe(4000, 3600)).toBe(4000);
    expect(raiseMinSe(4000, undefined)).toBe(4000);
  });
});

describe("the 2xx", () => {
  //= RFC 4028 §7.2
  //# UACs MUST be prepared to receive a Session-Expires header field in a response, even if none
  //# were present in the request.
  //= RFC 4028 §7.2
  //# If it does, the UAC MUST look for the Session-Expires header field to process the response.
  //= RFC 4028 §7.2
  //# The UAC MUST set the identity of the refresher to the value of this parameter.
  test("RFC 4028 §7.2: what it says holds, asked for or not", () => {
    const says = (refresher: SessionExpires["refresher"]) =>
      readAgreed(asks(), { seconds: 600, refresher }, false);
    expect(says("uac")).toEqual({ intervalSeconds: 600, refresher: "Local" });
    expect(says("uas")).toEqual({ intervalSeconds: 600, refresher: "Remote" });
    // Against the rules; better that somebody refreshes.
    expect(says(undefined)).toEqual({ intervalSeconds: 600, refresher: "Local" });
  });

  //= RFC 4028 §7.2
  //# In this case, if the UAC still wishes to use the session timer (which is purely for its
  //# benefit alone), it has to perform them. To do this, the UAC follows the procedures defined in
  //# this specification as if the Session-Expires header field were in the 2xx response, and its
  //# value was the same as that in the request, but with a refresher parameter of 'uac'.
  test("RFC 4028 §7.2: with one who knows nothing of it, it refreshes alone if it wants to", () => {
    const alone = { intervalSeconds: 1800, refresher: "Local" };
    expect(readAgreed(asks(1800), undefined, true)).toEqual(alone);
    expect(readAgreed(asks(1800), undefined, false)).toBe(undefined);
    expect(readAgreed(asks(), undefined, true)).toBe(undefined);
  });
});

describe("answering", () => {
  //= RFC 4028 §5
  //# The Min-SE header field MUST NOT be used in responses except for those with a 422 response
  //# code.
  test("RFC 4028 §5: a Min-SE is in a 422 and in no other answer", () => {
    expect(answerTimer(asks(3600, { minSe: 600 }), policy)).not.toHaveProperty("minSeSeconds");
    expect(answerTimer(asks(60), policy)).toHaveProperty("minSeSeconds", 90);
  });

  //= RFC 4028 §9
  //# If an incoming request contains a Supported header field with a value 'timer' and a Session
  //# Expires header field, the UAS MAY reject the INVITE request with a 422 (Session Interval Too
  //# Small) response if the session interval in the Session-Expires header field is smaller than
  //# the minimum interval defined by the UAS' local policy. When sending the 422 response, the UAS
  //# MUST include a Min-SE header field with the value of its minimum interval. This minimum
  //# interval MUST NOT be lower than 90 seconds.
  //= RFC 4028 §6
  //# The 422 response MUST contain a Min-SE header field with the minimum timer for that server.
  test("RFC 4028 §9: too short is refused with our minimum, which is 90 at least", () => {
    const refusal = (minSeSeconds: number) => ({ kind: "Refuse", status: 422, minSeSeconds });
    expect(answerTimer(asks(3599), { ...policy, minSeconds: 3600 })).toEqual(refusal(3600));
    expect(answerTimer(asks(89), { ...policy, minSeconds: 10 })).toEqual(refusal(90));
    expect(answerTimer(asks(90), { ...policy, minSeconds: 10 })).toMatchObject({ kind: "Accept" });
  });

  test("RFC 4028 §9: one who could not make use of a 422 gets none", () => {
    const unsupported = (seconds: number) => asks(seconds, { supported: false });
    expect(answerTimer(unsupported(100), { ...policy, minSeconds: 3600 })).toMatchObject({
      sessionExpires: { seconds: 100, refresher: "uas" },
    });
    expect(answerTimer(unsupported(89), policy)).toEqual(NO_TIMER);
  });

  //= RFC 4028 §9
  //# The UAS MUST set the value of the refresher parameter in the Session-Expires header field in
  //# the 2xx response.
  //= RFC 4028 §9
  //# If the refresher parameter in the Session-Expires header field in the 2xx response has a value
  //# of 'uac', the UAS MUST place a Require header field into the response with the value 'timer'.
  //= RFC 4028 §9
  //# If the refresher parameter in the 2xx response has a value of 'uas' and the Supported header
  //# field in the request contained the value 'timer', the UAS SHOULD place a Require header field
  //# into the response with the value 'timer'.
  test.each([
    [false, undefined, "Local", "uas", false],
    [false, undefined, "Remote", "uas", false],
    [true, undefined, "Local", "uas", true],
    [true, undefined, "Remote", "uac", true],
    [true, "uac", "Local", "uac", true],
    [true, "uac", "Remote", "uac", true],
    [true, "uas", "Local", "uas", true],
    [true, "uas", "Remote", "uas", true],
    // What should not happen: a refresher of one who knows no refreshers.
    [false, "uac", "Remote", "uas", false],
    [false, "uas", "Remote", "uas", false],
  ] as const)(
    "RFC 4028 §9, Table 2: supported %s, asked %s, we want %s: %s",
    (supported, refresher, wanted, becomes, requires) => {
      const asked = asks(1800, refresher ? { supported, refresher } : { supported });
      expect(answerTimer(asked, { ...policy, refresher: wanted })).toEqual({
        kind: "Accept",
        sessionExpires: { seconds: 1800, refresher: becomes },
        requires,
        session: { intervalSeconds: 1800, refresher: becomes === "uas" ? "Local" : "Remote" },
      });
    },
  );

  //= RFC 4028 §9
  //# The UAS may request a session timer in the 2XX response by including a Session-Expires header
  //# field. The value MUST NOT be set to a duration lower than the value in the Min-SE header field
  //# in the request, if it is present.
  test("RFC 4028 §9: unasked it may ask, with nothing shorter than their Min-SE", () => {
    expect(answerTimer(asks(undefined, { minSe: 3600 }), policy)).toMatchObject({
      sessionExpires: { seconds: 3600, refresher: "uac" },
    });
    expect(answerTimer(asks(), { ...policy, wantedSeconds: 60, refresher: "Local" })).toMatchObject(
      {
        sessionExpires: { seconds: 90, refresher: "uas" },
      },
    );
    expect(answerTimer(asks(), { ...policy, wantedSeconds: undefined })).toEqual(NO_TIMER);
    expect(answerTimer(asks(undefined, { supported: false }), policy)).toEqual(NO_TIMER);
  });

  //= RFC 4028 §9
  //# The UAS response MAY reduce its value but MUST NOT set it to a duration lower than the value
  //# in the Min-SE header field in the request, if it is present; otherwise the UAS MAY reduce its
  //# value but MUST NOT set it to a duration lower than 90 seconds. The UAS MUST NOT increase the
  //# value of the Session-Expires header field.
  test("RFC 4028 §9: an interval is never made longer, nor shorter than Min-SE or 90", () => {
    const seconds = fc.integer({ min: 90, max: 100_000 });
    fc.assert(
      fc.property(seconds, fc.option(seconds), fc.option(fc.nat(5000)), (asked, minSe, wanted) => {
        const says = asks(asked, minSe === null ? {} : { minSe });
        const ours = { ...policy, wantedSeconds: wanted ?? undefined };
        const answer = answerTimer(says, ours);
        if (answer.kind === "Refuse" || !answer.sessionExpires) throw new Error("not accepted");
        const granted = answer.sessionExpires.seconds;
        expect(granted).toBeLessThanOrEqual(asked);
        expect(granted).toBeGreaterThanOrEqual(Math.min(asked, minSe ?? 90));
        if (wanted === null) expect(granted).toBe(asked);
      }),
    );
  });
});

const NO_TIMER = {
  kind: "Accept",
  sessionExpires: undefined,
  requires: false,
  session: undefined,
};
