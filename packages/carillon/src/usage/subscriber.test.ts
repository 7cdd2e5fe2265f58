import { describe, expect, test } from "vitest";
import { lifeOf } from "./picture.ts";
import * as subscriber from "./subscriber.ts";

type Input = subscriber.Input;
type Notify = subscriber.Notify;
type Params = subscriber.Params;

const once: Params = { expiresSeconds: 3600, t1: 500, forks: true, retrySeconds: undefined };
const always: Params = { ...once, retrySeconds: 300 };
const fetching: Params = { ...always, expiresSeconds: 0 };

const response = (status: number, expiresSeconds?: number, retryAfterSeconds?: number): Input => ({
  ...{ kind: "Response", status, expiresSeconds, retryAfterSeconds },
  minExpiresSeconds: undefined,
});
const tooBrief = (minExpiresSeconds: number): Input => ({
  ...{ kind: "Response", status: 423, expiresSeconds: undefined },
  ...{ minExpiresSeconds, retryAfterSeconds: undefined },
});
const notify = (
  state: "active" | "pending" | "terminated",
  more: { expires?: number; reason?: string; retryAfter?: number } = {},
): Notify => ({
  ...{ kind: "Notify", state, expiresSeconds: more.expires },
  ...{ reason: more.reason, retryAfterSeconds: more.retryAfter },
});

type Script = readonly (readonly [number, Input])[];

/** `time: state: outputs` of every step; at most `max`. */
function told(p: Params, script: Script, max = 12): readonly string[] {
  return lifeOf(subscriber, p, script, max).map((line) => {
    const [when = "", became = ""] = line.split(" = ");
    const [state = "", ...outputs] = became.split(" | ");
    return `${when.split(" ")[0]} ${state.split(" ")[0]}: ${outputs.join(", ")}`;
  });
}

const BEGINS = "0 NotifyWait: Subscribe (initial, expiresSeconds 3600)";
const ACTIVE = "AnswerNotify 200, Changed Active";

describe("beginning", () => {
  //= RFC 6665 §4.5.2
  //# Subscribers MUST NOT attempt to reuse dialogs whose remote target is a GRUU.
  test("RFC 6665 §4.5.2: every subscription has a dialog of its own, the next one too", () => {
    const lines = told(always, [
      [0, notify("active", { expires: 3600 })],
      [60_000, notify("terminated", { reason: "deactivated" })],
      [60_000, notify("active", { expires: 3600 })],
      [60_100, response(200, 3600)],
      [70_000, { kind: "Refresh" }],
      [80_000, notify("active", { expires: 3600 })],
      [90_000, { kind: "Abandon" }],
    ]);
    const subscribes = lines.flatMap((line) => line.match(/Subscribe \([^)]*\)/g) ?? []);
    expect(subscribes).toEqual([
      "Subscribe (initial, expiresSeconds 3600)",
      "Subscribe (initial, expiresSeconds 3600)",
      "Subscribe (expiresSeconds 3600)",
    ]);
  });

  //= RFC 6665 §4.1.2.4
  //# To ensure that subscribers do not wait indefinitely for a subscription to be established, a
  //# subscriber starts a Timer N, set to 64*T1, when it sends a SUBSCRIBE request.
  //= RFC 6665 §4.1.2.4
  //# If this Timer N expires prior to the receipt of a NOTIFY request, the subscriber considers the
  //# subscription failed, and cleans up any state associated with the subscription attempt.
  test("RFC 6665 §4.1.2.4: without a NOTIFY it fails after 64*T1, whatever the 2xx says", () => {
    expect(told(once, [[100, response(200, 3600)]])).toEqual([
      BEGINS,
      "100 NotifyWait: ",
      "32000 Terminated: Ended no NOTIFY came",
    ]);
  });

  //= RFC 6665 §4.1.2.4
  //# Due to the potential for out-of-order messages, packet loss, and forking, the subscriber MUST
  //# be prepared to receive NOTIFY requests before the SUBSCRIBE transaction has completed.
  //= RFC 6665 §4.1.3
  //# If the header field also contains an "expires" parameter, the subscriber SHOULD take it as the
  //# authoritative subscription duration and adjust accordingly.
  test("RFC 6665 §4.1.2.4: the NOTIFY may come first, and what it says of the time holds", () => {
    const script = [
      [90, notify("active", { expires: 600 })],
      [100, response(200, 3600)],
    ] as const;
    expect(told(once, script, 4)).toEqual([
      BEGINS,
      `90 Active: ${ACTIVE}`,
      "100 Active: ",
      "300090 Active: Subscribe (expiresSeconds 3600)",
    ]);
  });

  //= RFC 6665 §4.1.2.1
  //# The "Expires" header field in a 200-class response to SUBSCRIBE request indicates the actual
  //# duration for which the subscription will remain active (unless refreshed).
  //= RFC 6665 §8.3.1
  //# Implementations conformant with the current specification MUST treat an incoming 202 response
  //# as identical to a 200 response
  test("RFC 6665 §4.1.2.1: where the NOTIFY says nothing, the 2xx holds, a 202 no less", () => {
    for (const first of [true, false]) {
      const answer = [first ? 50 : 150, response(202, 600)] as const;
      const news = [100, notify("active")] as const;
      const script = first ? [answer, news] : [news, answer];
      expect(told(once, script, 4).at(-1)).toBe(
        `${first ? 300_100 : 300_150} Active: Subscribe (expiresSeconds 3600)`,
      );
    }
  });

  test("RFC 6665 §4.2.2: nothing they say makes it longer than what was asked for", () => {
    const script = [
      [50, response(200, 90_000)],
      [100, notify("active", { expires: 90_000 })],
    ] as const;
    expect(told(once, script, 4).at(-1)).toBe("3000100 Active: Subscribe (expiresSeconds 3600)");
  });

  test("who grants next to nothing is not asked again and again", () => {
    const script = [[100, notify("active", { expires: 4 })]] as const;
    expect(told(once, script).at(-1)).toBe("4100 Terminated: Ended expired");
    expect(told(always, script, 4).slice(2)).toEqual([
      "4100 Init: Ended expired (again)",
      "304100 NotifyWait: Subscribe (initial, expiresSeconds 3600)",
    ]);
    expect(told(once, [[100, notify("active", { expires: 12 })]], 3).at(-1)).toBe(
      "6100 Active: Subscribe (expiresSeconds 3600)",
    );
  });

  //= RFC 6665 §4.1.2.1
  //# Non-200-class final responses indicate that no subscription or new dialog usage has been
  //# created, and no subsequent NOTIFY request will be sent.
  test("RFC 6665 §4.1.2.1: a refusal ends it", () => {
    expect(told(once, [[100, response(489)]])).toEqual([
      BEGINS,
      "100 Terminated: Ended refused 489",
    ]);
    expect(told(always, [[100, response(403)]])).toEqual([
      BEGINS,
      "100 Terminated: Ended refused 403",
    ]);
  });

  test("a server that is down, or says when to come again, is asked again by who wants to", () => {
    expect(told(always, [[100, response(500)]], 3)).toEqual([
      BEGINS,
      "100 Init: Ended refused 500 (again)",
      "300100 NotifyWait: Subscribe (initial, expiresSeconds 3600)",
    ]);
    expect(told(always, [[100, response(480, undefined, 60)]], 3).at(-1)).toBe(
      "60100 NotifyWait: Subscribe (initial, expiresSeconds 3600)",
    );
    expect(told(once, [[100, response(480, undefined, 60)]])).toHaveLength(2);
  });

  test("RFC 6665 §4.2.1.1: a 423 is obeyed, once", () => {
    const script = [
      [100, tooBrief(7200)],
      [200, tooBrief(9000)],
    ] as const;
    expect(told(once, script)).toEqual([
      BEGINS,
      "100 NotifyWait: Subscribe (initial, expiresSeconds 7200)",
      "200 Terminated: Ended refused 423",
    ]);
    for (const senseless of [3600, 2 ** 32]) {
      expect(told(once, [[100, tooBrief(senseless)]])[1]).toContain("Terminated");
    }
  });
});

describe("lasting", () => {
  const active = [
    [100, response(200, 3600)],
    [200, notify("active", { expires: 3600 })],
  ] as const;

  test("RFC 6665 §4.1.2.2: it is refreshed before it expires", () => {
    const script = [
      ...active,
      [3_000_300, response(200, 1200)],
      [3_000_310, notify("active", { expires: 1200 })],
    ] as const;
    expect(told(once, script, 7).slice(3)).toEqual([
      "3000200 Active: Subscribe (expiresSeconds 3600)",
      "3000300 Active: ",
      "3000310 Active: AnswerNotify 200",
      "3600310 Active: Subscribe (expiresSeconds 3600)",
    ]);
  });

  //= RFC 6665 §4.1.2.2
  //# When refreshing a subscription, a subscriber starts Timer N, set to 64*T1, when it sends the
  //# SUBSCRIBE request.
  //= RFC 6665 §4.1.2.2
  //# If this Timer N expires prior to the receipt of a NOTIFY request, the subscriber considers the
  //# subscription terminated.
  test("RFC 6665 §4.1.2.2: a refresh without a NOTIFY ends it after 64*T1", () => {
    for (const [status, expires] of [
      [200, 3600],
      [408, undefined],
    ] as const) {
      const script = [...active, [3_000_300, response(status, expires)]] as const;
      expect(told(once, script).slice(3)).toEqual([
        "3000200 Active: Subscribe (expiresSeconds 3600)",
        "3000300 Active: ",
        "3032200 Terminated: Ended no NOTIFY came",
      ]);
    }
  });

  //= RFC 6665 §4.1.2.2
  //# If the subscriber receives a success response to the SUBSCRIBE request that indicates that no
  //# NOTIFY request will be generated -- such as the 204 response defined for use with the optional
  //# extension described in [RFC5839] -- then it MUST cancel Timer N.
  test("RFC 6665 §4.1.2.2: after a 204 no NOTIFY is waited for", () => {
    const script = [...active, [3_000_300, response(204, 3600)]] as const;
    expect(told(once, script, 6).at(-1)).toBe("6000300 Active: Subscribe (expiresSeconds 3600)");
  });

  test("RFC 6665 §4.1.2.2: a 481 or its like ends it", () => {
    for (const status of [404, 481, 489, 604]) {
      const script = [...active, [3_000_300, response(status)]] as const;
      expect(told(once, script).at(-1)).toBe(`3000300 Terminated: Ended refused ${status}`);
      expect(told(always, script, 6).slice(4)).toEqual([
        `3000300 Init: Ended refused ${status} (again)`,
        "3300300 NotifyWait: Subscribe (initial, expiresSeconds 3600)",
      ]);
    }
  });

  //= RFC 6665 §4.1.2.2
  //# If a SUBSCRIBE request to refresh a subscription fails with any error code other than those
  //# listed above, the original subscription is still considered valid for the duration of the most
  //# recently known "Expires" value
  test("RFC 6665 §4.1.2.2: any other failure leaves it until it expires, and another try", () => {
    const script = [
      ...active,
      [3_000_200, { kind: "Tick" }],
      [3_000_200, response(500)],
      [3_300_200, { kind: "Tick" }],
      [3_300_200, response(503, undefined, 900)],
    ] as const;
    expect(told(once, script).slice(3)).toEqual([
      "3000200 Active: Subscribe (expiresSeconds 3600)",
      "3000200 Active: ",
      "3300200 Active: Subscribe (expiresSeconds 3600)",
      "3300200 Active: ",
      "3600200 Terminated: Ended expired",
    ]);
  });

  test("RFC 6665 §4.1.2.2: a 423 to a refresh is obeyed", () => {
    const script = [...active, [3_000_300, tooBrief(7200)]] as const;
    expect(told(once, script, 5).at(-1)).toBe("3000300 Active: Subscribe (expiresSeconds 7200)");
  });

  test("the late error of a SUBSCRIBE that forked does not end what a NOTIFY has begun", () => {
    expect(
      told(
        once,
        [
          [100, notify("active")],
          [200, response(408)],
          [300, response(481)],
        ],
        4,
      ).slice(2),
    ).toEqual(["200 Active: ", "300 Active: "]);
  });

  test("RFC 6665 §4.4.3: asked for the state now, it asks, one at a time", () => {
    const script = [...active, [500, { kind: "Refresh" }], [600, { kind: "Refresh" }]] as const;
    expect(told(once, script, 5).slice(3)).toEqual([
      "500 Active: Subscribe (expiresSeconds 3600)",
      "600 Active: ",
    ]);
  });

  test("RFC 6665 §4.1.2: pending becomes active, and may fall back", () => {
    const script = [
      [100, notify("pending")],
      [200, notify("active")],
      [300, notify("pending")],
    ] as const;
    expect(told(once, script, 4).slice(1)).toEqual([
      "100 Pending: AnswerNotify 200, Changed Pending",
      `200 Active: ${ACTIVE}`,
      "300 Pending: AnswerNotify 200, Changed Pending",
    ]);
  });
});

describe("ending", () => {
  const begun = [100, notify("active", { expires: 3600 })] as const;

  //= RFC 6665 §4.1.3
  //# If the "Subscription-State" value is "terminated", the subscriber MUST consider the
  //# subscription terminated. The "expires" parameter has no semantics for "terminated" --
  //# notifiers SHOULD NOT include an "expires" parameter on a "Subscription-State" header field
  //# with a value of "terminated", and subscribers MUST ignore any such parameter, if present.
  //= RFC 6665 §4.1.3
  //# Once the notification is deemed acceptable to the subscriber, the subscriber SHOULD return a
  //# 200 response.
  //= RFC 6665 §4.1.3
  //# In particular, subscribers MUST NOT wait for a user response before returning a final response
  //# to a NOTIFY request.
  test("RFC 6665 §4.1.3: terminated is terminated, and answered at once", () => {
    const script = [
      begun,
      [200, notify("terminated", { reason: "rejected", expires: 60 })],
    ] as const;
    expect(told(always, script).at(-1)).toBe("200 Terminated: AnswerNotify 200, Ended rejected");
    expect(told(once, [[200, notify("terminated")]]).at(-1)).toBe(
      "200 Terminated: AnswerNotify 200, Ended terminated",
    );
  });

  test("RFC 6665 §4.4.2: deactivated is begun anew at once, in no dialog", () => {
    const script = [begun, [90_000, notify("terminated", { reason: "deactivated" })]] as const;
    expect(told(always, script, 3).at(-1)).toBe(
      "90000 NotifyWait: AnswerNotify 200, Ended deactivated (again), " +
        "Subscribe (initial, expiresSeconds 3600)",
    );
  });

  test("but what ends as soon as it has begun is begun anew 64*T1 later", () => {
    const script = [begun, [200, notify("terminated", { reason: "deactivated" })]] as const;
    expect(told(always, script, 4).slice(2)).toEqual([
      "200 Init: AnswerNotify 200, Ended deactivated (again)",
      "32000 NotifyWait: Subscribe (initial, expiresSeconds 3600)",
    ]);
  });

  test("RFC 6665 §4.1.3: probation waits as long as it says", () => {
    const ending = notify("terminated", { reason: "probation", retryAfter: 600 });
    expect(told(always, [begun, [200, ending]], 4).at(-1)).toBe(
      "600200 NotifyWait: Subscribe (initial, expiresSeconds 3600)",
    );
  });

  test("but an hour at most: a slip of the notifier's is not for ever", () => {
    const ending = notify("terminated", { reason: "probation", retryAfter: 4_294_967_295 });
    const again = "3600200 NotifyWait: Subscribe (initial, expiresSeconds 3600)";
    expect(told(always, [begun, [200, ending]], 4).at(-1)).toBe(again);
    const refusal = response(503, undefined, 4_294_967_295);
    expect(told(always, [[200, refusal]], 3).at(-1)).toBe(again);
  });

  //= RFC 6665 §4.1.2.3
  //# Unsubscribing is handled in the same way as refreshing of a subscription, with the "Expires"
  //# header field set to "0". Note that a successful unsubscription will also trigger a final
  //# NOTIFY request.
  test("RFC 6665 §4.1.2.3: unsubscribing waits for the last NOTIFY", () => {
    const script = [
      begun,
      [200, { kind: "Unsubscribe" }],
      [210, response(200, 0)],
      [220, notify("active")],
      [230, notify("terminated", { reason: "timeout" })],
    ] as const;
    expect(told(always, script).slice(2)).toEqual([
      "200 Leaving: Subscribe (expiresSeconds 0)",
      "210 Leaving: ",
      "220 Leaving: AnswerNotify 200",
      "230 Terminated: AnswerNotify 200, Ended unsubscribed",
    ]);
    expect(told(always, script.slice(0, 2)).at(-1)).toBe("32200 Terminated: Ended unsubscribed");
    expect(told(always, [...script.slice(0, 2), [300, response(481)]]).at(-1)).toBe(
      "300 Terminated: Ended unsubscribed",
    );
  });

  test("before there is a dialog it waits for one", () => {
    const script = [[50, { kind: "Unsubscribe" }], begun] as const;
    expect(told(always, script).slice(1)).toEqual([
      "50 Leaving: ",
      "100 Leaving: AnswerNotify 200, Subscribe (expiresSeconds 0)",
      "32100 Terminated: Ended unsubscribed",
    ]);
    expect(told(always, script.slice(0, 1)).at(-1)).toBe("32000 Terminated: Ended unsubscribed");
  });

  //= RFC 6665 §4.1.3
  //# Upon receiving a NOTIFY request, the subscriber should check that it matches at least one of
  //# its outstanding subscriptions; if not, it MUST return a 481 (Subscription does not exist)
  //# response unless another 400-or 500-class response is more appropriate.
  test("RFC 6665 §4.1.3: between two subscriptions a NOTIFY belongs to none", () => {
    const script = [
      [100, response(500)],
      [200, notify("active")],
      [300, { kind: "Refresh" }],
    ] as const;
    expect(told(always, script, 4).slice(2)).toEqual([
      "200 Init: AnswerNotify 481",
      "300 NotifyWait: Subscribe (initial, expiresSeconds 3600)",
    ]);
    expect(told(always, [script[0], [200, { kind: "Unsubscribe" }]]).at(-1)).toBe(
      "200 Terminated: ",
    );
  });

  test("RFC 6665 §4.4.3: what is asked for once ends with its answer", () => {
    expect(told(fetching, [[100, notify("terminated", { reason: "timeout" })]])).toEqual([
      "0 NotifyWait: Subscribe (initial, expiresSeconds 0)",
      "100 Terminated: AnswerNotify 200, Ended timeout",
    ]);
  });
});

describe("forking", () => {
  const [begun] = subscriber.step(
    always,
    subscriber.start(always, 0)[0],
    notify("active", { expires: 3600 }),
    100,
  );

  //= RFC 6665 §4.1.2.4
  //# After the expiration of Timer N, the subscriber SHOULD reject any such NOTIFY requests that
  //# would otherwise establish a new dialog usage with a 481 (Subscription does not exist) response
  //# code.
  //= RFC 6665 §4.1.4
  //# The subscriber MUST therefore be prepared to receive NOTIFY requests with "From:" tags that
  //# differ from the "To:" tag received in the SUBSCRIBE 200-class response.
  test("RFC 6665 §4.1.4: another dialog's NOTIFY in time makes another subscription", () => {
    const other = subscriber.forked(always, begun, notify("pending", { expires: 60 }), 31_999);
    expect(other?.[0]).toMatchObject({ name: "Pending", timerExpires: 91_999, isFork: true });
    expect(other?.slice(1).map((one) => (one as { kind: string }).kind)).toEqual([
      "AnswerNotify",
      "Changed",
    ]);
    expect(subscriber.forked(always, begun, notify("pending"), 32_000)).toBe(undefined);
    const single = { ...always, forks: false };
    expect(subscriber.forked(single, begun, notify("pending"), 200)).toBe(undefined);
    expect(subscriber.forked(always, { name: "Terminated" }, notify("pending"), 200)).toBe(
      undefined,
    );
    expect(subscriber.forked(always, begun, notify("terminated"), 200)?.[0].name).toBe(
      "Terminated",
    );
  });

  test("RFC 6665 §5.4.9: each is refreshed for itself; one that ends leaves the rest alone", () => {
    const [fork] = subscriber.forked(always, begun, notify("active"), 200) ?? [begun];
    const ending = notify("terminated", { reason: "deactivated" });
    expect(subscriber.step(always, fork, ending, 90_000)).toEqual([
      { name: "Terminated" },
      { kind: "AnswerNotify", status: 200 },
      { kind: "Ended", reason: "deactivated", status: undefined, again: false },
    ]);
    const [refreshing, output] = subscriber.step(always, fork, { kind: "Tick" }, 3_000_200);
    expect(refreshing).toMatchObject({ timerN: 3_032_200 });
    expect(output).toEqual({ kind: "Subscribe", initial: false, expiresSeconds: 3600 });
  });
});
