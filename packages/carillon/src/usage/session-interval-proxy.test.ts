import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { askTimer, type TimerAsked } from "./session-interval.ts";
import { proxyTimerRequest, proxyTimerResponse } from "./session-interval-proxy.ts";

const asks = (
  seconds: number | undefined,
  supported: boolean,
  minSeSeconds?: number,
): TimerAsked => ({
  supported,
  sessionExpires: seconds === undefined ? undefined : { seconds, refresher: undefined },
  minSeSeconds,
});
const none = { wantedSeconds: undefined, minSeconds: 90 };

describe("requests", () => {
  //= RFC 4028 §8.1
  //# If the request contains a Supported header field with a value 'timer', the proxy MAY reject
  //# the INVITE request with a 422 (Session Interval Too Small) response if the session interval in
  //# the Session-Expires header field is smaller than the minimum interval defined by the proxy's
  //# local policy. When sending the 422 response, the proxy MUST include a Min-SE header field with
  //# the value of its minimum interval. That minimum MUST NOT be lower than 90 seconds.
  test("RFC 4028 §8.1: too short is refused where a 422 can be made use of", () => {
    const refusal = (minSeSeconds: number) => ({ kind: "Refuse", status: 422, minSeSeconds });
    expect(proxyTimerRequest(asks(50, true), { ...none, minSeconds: 3600 })).toEqual(refusal(3600));
    expect(proxyTimerRequest(asks(50, true), { ...none, minSeconds: 10 })).toEqual(refusal(90));
  });

  //= RFC 4028 §8.1
  //# Rather, the proxy SHOULD insert a Min-SE header field containing its minimum interval. If a
  //# Min-SE header field is already present, the proxy SHOULD increase (but MUST NOT decrease) the
  //# value to its minimum interval.
  //= RFC 4028 §8.1
  //# The proxy MUST then increase the Session-Expires header field value to be equal to the value
  //# in the Min-SE header field, as described above.
  //= RFC 4028 §8.1
  //# If the value of the Session-Expires header field is lower than the value of the Min-SE header
  //# field (possibly because the proxy increased the value of the Min-SE header field, as described
  //# below), the proxy MUST increase the value of the Session-Expires header field to make it equal
  //# to Min-SE header field value. The proxy MUST NOT insert or modify the value of the 'refresher'
  //# parameter in the Session-Expires header field.
  test("RFC 4028 §8.1: elsewhere it is made longer, and Min-SE says why", () => {
    expect(proxyTimerRequest(asks(50, false), { ...none, minSeconds: 3600 })).toMatchObject({
      sessionExpires: { seconds: 3600 },
      minSeSeconds: 3600,
    });
    expect(proxyTimerRequest(asks(50, false, 4000), { ...none, minSeconds: 3600 })).toMatchObject({
      sessionExpires: { seconds: 4000 },
      minSeSeconds: 4000,
    });
  });

  //= RFC 4028 §8.1
  //# This Session-Expires header field may contain any desired expiration time the proxy would
  //# like, but not with a duration lower than the value in the Min-SE header field in the request,
  //# if it is present. The proxy MUST NOT include a refresher parameter in the header field value.
  test("RFC 4028 §8.1: where nobody asks the proxy may, without saying who refreshes", () => {
    const ours = { wantedSeconds: 1800, minSeconds: 90 };
    const refresher = undefined;
    expect(proxyTimerRequest(asks(undefined, true, 3600), ours)).toMatchObject({
      sessionExpires: { seconds: 3600, refresher },
    });
    expect(proxyTimerRequest(asks(undefined, false), ours)).toMatchObject({
      sessionExpires: { seconds: 1800, refresher },
      minSeSeconds: undefined,
    });
    expect(proxyTimerRequest(asks(undefined, true), none)).toMatchObject({
      sessionExpires: undefined,
    });
  });

  //= RFC 4028 §8.1
  //# If the request already had a Session-Expires header field, the proxy MAY reduce its value but
  //# MUST NOT set it to a duration lower than the value in the Min-SE header field in the request,
  //# if it is present. If the value of the Session-Expires header field is greater than or equal to
  //# the value in the Min-SE header field (recall that the default is 90 seconds when the Min-SE
  //# header field is not present), the proxy MUST NOT increase the value of the Session-Expires
  //# header field.
  //= RFC 4028 §8.1
  //# A proxy MUST NOT insert a Min-SE header field or modify the value of an existing header field
  //# in a proxied request if that request contains a Supported header field with the value 'timer'.
  test("RFC 4028 §8.1: whatever passes keeps its refresher, its Min-SE and never grows", () => {
    const seconds = fc.integer({ min: 90, max: 10_000 });
    fc.assert(
      fc.property(seconds, fc.option(seconds), fc.option(seconds), (asked, minSe, wanted) => {
        const request: TimerAsked = {
          supported: true,
          sessionExpires: { seconds: asked, refresher: "uas" },
          minSeSeconds: minSe ?? undefined,
        };
        const ours = { wantedSeconds: wanted ?? undefined, minSeconds: 90 };
        const forward = proxyTimerRequest(request, ours);
        if (forward.kind === "Refuse" || !forward.sessionExpires) throw new Error("refused");
        expect(forward.minSeSeconds).toBe(minSe ?? undefined);
        expect(forward.sessionExpires.refresher).toBe("uas");
        const floor = minSe ?? 90;
        expect(forward.sessionExpires.seconds).toBeGreaterThanOrEqual(floor);
        expect(forward.sessionExpires.seconds).toBeLessThanOrEqual(Math.max(asked, floor));
      }),
    );
  });
});

describe("responses", () => {
  //= RFC 4028 §8.1
  //# Assuming that the proxy has requested a session timer (and thus has possibly inserted the
  //# Session-Expires header field or reduced it), the proxy MUST remember that it is using a
  //# session timer, and also remember the value of the Session-Expires header field from the
  //# proxied request. This MUST be remembered for the duration of the transaction.
  //= RFC 4028 §8.1
  //# The proxy MUST remember, for the duration of the transaction, whether the request contained
  //# the Supported header field with the value 'timer'.
  //= RFC 4028 §8.2
  //# This proxy MUST insert a Session-Expires header field into the response with the value it
  //# remembered from the forwarded request. It MUST set the value of the 'refresher' parameter to
  //# 'uac'. The proxy MUST add the 'timer' option tag to any Require header field in the response,
  //# and if none was present, add the Require header field with that value before forwarding it
  //# upstream.
  test("RFC 4028 §8.2: the last proxy before one who knows nothing has the caller refresh", () => {
    const forward = proxyTimerRequest(asks(4000, true), { ...none, wantedSeconds: 1800 });
    if (forward.kind === "Refuse") throw new Error("refused");
    expect(forward.memory).toEqual({ supported: true, seconds: 1800 });
    expect(proxyTimerResponse(forward.memory, undefined)).toEqual({
      insert: { seconds: 1800, refresher: "uac" },
      require: true,
      intervalSeconds: 1800,
    });
  });

  test("RFC 4028 §8.2: where neither end knows of it, or nobody asked, nothing expires", () => {
    const nothing = { insert: undefined, require: false, intervalSeconds: undefined };
    expect(proxyTimerResponse({ supported: false, seconds: 1800 }, undefined)).toEqual(nothing);
    expect(proxyTimerResponse({ supported: true, seconds: undefined }, undefined)).toEqual(nothing);
  });

  //= RFC 4028 §8.2
  //# The proxy MUST NOT modify the value of the Session-Expires header field received in the
  //# response (assuming one was present) before forwarding it upstream.
  //= RFC 4028 §8.2
  //# This session expiration MUST update any existing session expiration for the session.
  test("RFC 4028 §8.2: what is there already stays, and says when the session expires", () => {
    const answered = { seconds: 600, refresher: "uas" } as const;
    expect(proxyTimerResponse({ supported: true, seconds: 1800 }, answered)).toEqual({
      insert: undefined,
      require: false,
      intervalSeconds: 600,
    });
  });
});

//= RFC 4028 §7.4
//# Similarly, if no dialog has been established yet, a UAC MUST insert the Min-SE header field into
//# an INVITE request if it has ever received a 422 response to a previous INVITE request with the
//# same Call-ID.
test("RFC 4028 §13: Alice asks three times, until both proxies are content", () => {
  const wants = { wantedSeconds: 50, minSeconds: 90, refresher: "Remote" } as const;
  const [p1, p2] = [3600, 4000].map((minSeconds) => ({ ...none, minSeconds }));
  if (!p1 || !p2) throw new Error("two proxies");
  const first = { ...askTimer(wants, undefined, undefined), sessionExpires: seconds(50) };
  expect(proxyTimerRequest(first, p1)).toMatchObject({ status: 422, minSeSeconds: 3600 });
  const second = askTimer(wants, 3600, undefined);
  expect(second).toMatchObject({ sessionExpires: { seconds: 3600 }, minSeSeconds: 3600 });
  expect(proxyTimerRequest(second, p1)).toMatchObject({ kind: "Forward" });
  expect(proxyTimerRequest(second, p2)).toMatchObject({ status: 422, minSeSeconds: 4000 });
  const third = askTimer(wants, 4000, undefined);
  expect(third).toMatchObject({ sessionExpires: { seconds: 4000 }, minSeSeconds: 4000 });
  expect(proxyTimerRequest(third, p1)).toMatchObject({ sessionExpires: { seconds: 4000 } });
  expect(proxyTimerRequest(third, p2)).toMatchObject({ sessionExpires: { seconds: 4000 } });
});

const seconds = (value: number) => ({ seconds: value, refresher: undefined });

//= RFC 4028 §8.3
//# When the current time equals or passes the session expiration for a session, the proxy MAY
//# remove associated call state, and MAY free any resources associated with the call. Unlike the
//# UA, it MUST NOT send a BYE.
test("RFC 4028 §8.3: a proxy learns how long to remember a call, and nothing else", () => {
  const seconds = fc.oneof(fc.constant(undefined), fc.integer({ min: 0, max: 4000 }));
  fc.assert(
    fc.property(seconds, seconds, fc.boolean(), (asked, answered, supported) => {
      const request = proxyTimerRequest(asks(asked, supported), { ...none, wantedSeconds: 600 });
      expect(["Refuse", "Forward"]).toContain(request.kind);
      if (request.kind !== "Forward") return;
      const said =
        answered === undefined ? undefined : ({ seconds: answered, refresher: "uas" } as const);
      const { intervalSeconds, insert, ...rest } = proxyTimerResponse(request.memory, said);
      expect(intervalSeconds).toBe(answered ?? insert?.seconds);
      expect(Object.keys(rest)).toEqual(["require"]);
    }),
  );
});
