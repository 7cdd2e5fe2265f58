import { describe, expect, test } from "vitest";
import * as notifier from "./notifier.ts";
import { lifeOf } from "./picture.ts";
import * as subscriber from "./subscriber.ts";

const { judgeSubscribe } = notifier;
type Input = notifier.Input;
type Params = notifier.Params;

const policy = { defaultSeconds: 3600, minSeconds: 60, maxSeconds: 7200, minGapMs: 5000 };
const granted: Params = { askedSeconds: 600, granted: true, policy };
const undecided: Params = { ...granted, granted: false };

const response = (status: number): Input => ({ kind: "Response", status });
const subscribe = (expiresSeconds?: number): Input => ({ kind: "Subscribe", expiresSeconds });
const changed: Input = { kind: "Changed" };

type Script = readonly (readonly [number, Input])[];

function told(p: Params, script: Script, max = 12): readonly string[] {
  return lifeOf(notifier, p, script, max).map((line) => {
    const [when = "", became = ""] = line.split(" = ");
    const [state = "", ...outputs] = became.split(" | ");
    return `${when.split(" ")[0]} ${state.split(" ")[0]}: ${outputs.join(", ")}`;
  });
}

const active = (seconds: number) => `Notify (state {state active, expiresSeconds ${seconds}})`;
const pending = (seconds: number) => `Notify (state {state pending, expiresSeconds ${seconds}})`;
const ended = (reason: string) =>
  `Notify (state {state terminated, reason ${reason}}), Removed ${reason}`;

describe("who gets in", () => {
  const asks = { known: true, expiresSeconds: 600, allowed: true };

  //= RFC 6665 §4.2.1.1
  //# The notifier SHOULD check that the event package specified in the "Event" header field is
  //# understood. If not, the notifier SHOULD return a 489 (Bad Event) response to indicate that the
  //# specified event/event class is not understood.
  //= RFC 6665 §4.2.1.3
  //# the notifier SHOULD reply to the request with a 403 (Forbidden) or 603 (Decline) response,
  //# unless doing so might reveal information that should stay private
  test("RFC 6665 §4.2.1: 489 for what it does not know, 403 for whom it does not want", () => {
    expect(judgeSubscribe({ ...asks, known: false }, policy)).toEqual({ status: 489 });
    expect(judgeSubscribe({ ...asks, allowed: false }, policy)).toEqual({ status: 403 });
    expect(judgeSubscribe(asks, policy)).toBe(undefined);
    expect(judgeSubscribe({ ...asks, allowed: undefined }, policy)).toBe(undefined);
  });

  //= RFC 6665 §4.2.1.1
  //# If and only if the expiration interval is greater than zero AND smaller than one hour AND less
  //# than a notifier-configured minimum, the notifier MAY return a 423 (Interval Too Brief) error
  //# that contains a "Min-Expires" header field.
  test("RFC 6665 §4.2.1.1: 423 for less than the minimum, but not for 0 or an hour", () => {
    const long = { ...policy, minSeconds: 4000 };
    const at = (expiresSeconds: number | undefined) =>
      judgeSubscribe({ ...asks, expiresSeconds }, long)?.status;
    expect([undefined, 0, 1, 3599, 3600, 3999].map(at)).toEqual([
      ...[undefined, undefined, 423, 423, undefined, undefined],
    ]);
    expect(judgeSubscribe({ ...asks, expiresSeconds: 59 }, policy)).toEqual({
      status: 423,
      minExpiresSeconds: 60,
    });
  });
});

describe("a life", () => {
  //= RFC 6665 §8.3.1
  //# Implementations compliant with the present document MUST NOT send a 202 response to a
  //# SUBSCRIBE request and will send an alternate success response (such as 200) in its stead.
  //= RFC 6665 §4.2.1.2
  //# Upon successfully accepting or refreshing a subscription, notifiers MUST send a NOTIFY request
  //# immediately to communicate the current resource state to the subscriber.
  //= RFC 6665 §4.2.2
  //# When a SUBSCRIBE request is answered with a 200-class response, the notifier MUST immediately
  //# construct and send a NOTIFY request to the subscriber.
  //= RFC 6665 §4.2.1.1
  //# In particular, notifiers MUST NOT wait for a user response before returning a final response
  //# to a SUBSCRIBE request.
  //= RFC 6665 §4.2.1
  //# Notifiers MUST NOT create subscriptions except upon receipt of a SUBSCRIBE request.
  test("RFC 6665 §4.2.1.2: accepted, it is told at once, decided or not", () => {
    expect(told(granted, [], 1)).toEqual([
      `0 Active: Accept 200 (expiresSeconds 600), ${active(600)}`,
    ]);
    expect(told(undecided, [[9000, { kind: "Granted" }]], 2)).toEqual([
      `0 Pending: Accept 200 (expiresSeconds 600), ${pending(600)}`,
      `9000 Active: ${active(591)}`,
    ]);
  });

  test("RFC 6665 §4.2.1.3: refused in the end, it hears so", () => {
    const rejected: Input = { kind: "End", reason: "rejected", retryAfterSeconds: undefined };
    expect(told(undecided, [[9000, rejected]])[1]).toBe(`9000 Terminated: ${ended("rejected")}`);
  });

  //= RFC 6665 §3.1.1
  //# If no "Expires" header field is present in a SUBSCRIBE request, the implied default MUST be
  //# defined by the event package being used.
  //= RFC 6665 §3.1.1
  //# 200-class responses to SUBSCRIBE requests also MUST contain an "Expires" header field. The
  //# period of time in the response MAY be shorter but MUST NOT be longer than specified in the
  //# request.
  //= RFC 6665 §4.2.1.1
  //# the server MAY shorten the interval but MUST NOT lengthen it.
  test("RFC 6665 §3.1.1: never longer than asked for; unasked, what the package says", () => {
    const at = (askedSeconds: number | undefined) => told({ ...granted, askedSeconds }, [], 1)[0];
    expect(at(90_000)).toContain("Accept 200 (expiresSeconds 7200)");
    expect(at(undefined)).toContain("Accept 200 (expiresSeconds 3600)");
    expect(at(61)).toContain("Accept 200 (expiresSeconds 61)");
  });

  //= RFC 6665 §4.2.1.4
  //# If no refresh for a notification address is received before its expiration time, the
  //# subscription is removed. When removing a subscription, the notifier SHOULD send a NOTIFY
  //# request with a "Subscription-State" value of "terminated" to inform it that the subscription
  //# is being removed. If such a request is sent, the "Subscription-State" header field SHOULD
  //# contain a "reason=timeout" parameter.
  test("RFC 6665 §4.2.1.4: not refreshed it ends, and says so", () => {
    expect(told(granted, [[100, response(200)]]).at(-1)).toBe(
      `600000 Terminated: ${ended("timeout")}`,
    );
  });

  //= RFC 6665 §4.2.1.4
  //# As with the initial subscription, the server MAY shorten the amount of time until expiration
  //# but MUST NOT increase it.
  //= RFC 6665 §4.2.1.4
  //# If the duration specified in a SUBSCRIBE request is unacceptably short, the notifier SHOULD
  //# respond with a 423 (Interval Too Brief) response.
  //= RFC 6665 §4.2.2
  //# The notifier MAY use this mechanism to shorten a subscription; however, this mechanism MUST
  //# NOT be used to lengthen a subscription.
  test("RFC 6665 §4.2.1.4: refreshed it goes on, and tells at once", () => {
    const script = [
      [100, response(200)],
      [300_000, subscribe(600)],
      [300_100, subscribe(10)],
      [300_200, changed],
    ] as const;
    expect(told(granted, script).slice(2)).toEqual([
      `300000 Active: Accept 200 (expiresSeconds 600), ${active(600)}`,
      "300100 Active: Refuse 423 (minExpiresSeconds 60)",
      "300200 Active: ",
      `900000 Terminated: ${ended("timeout")}`,
    ]);
  });

  //= RFC 6665 §4.2.1.4
  //# Notifiers largely treat this the same way as any other subscription expiration: they send a
  //# NOTIFY request containing a "Subscription-State" of "terminated", with a reason code of
  //# "timeout."
  test("RFC 6665 §4.2.1.4: an Expires of 0 ends it, or learns the state once", () => {
    const last = `Accept 200 (expiresSeconds 0), ${ended("timeout")}`;
    expect(told(granted, [[100, subscribe(0)]]).at(-1)).toBe(`100 Terminated: ${last}`);
    expect(told({ ...granted, askedSeconds: 0 }, [])).toEqual([`0 Terminated: ${last}`]);
  });

  //= RFC 6665 §4.2.2
  //# If the NOTIFY request fails due to expiration of SIP Timer F (transaction timeout), the
  //# notifier SHOULD remove the subscription.
  test("RFC 6665 §4.2.2: a watcher that is dead, or says 481, is forgotten without a word", () => {
    for (const status of [408, 481, 489]) {
      expect(told(granted, [[32_000, response(status)]]).at(-1)).toBe(
        "32000 Terminated: Removed unreachable",
      );
    }
    expect(told(granted, [[100, response(500)]], 2).at(-1)).toBe("100 Active: ");
  });
});

describe("changes", () => {
  test("are told at once, if the last NOTIFY is long ago and has its answer", () => {
    const script = [
      [100, response(200)],
      [60_000, changed],
    ] as const;
    expect(told(granted, script, 3).at(-1)).toBe(`60000 Active: ${active(540)}`);
  });

  test("that come quickly are told by one NOTIFY when its time has come", () => {
    const script = [
      [100, response(200)],
      [200, changed],
      [300, changed],
    ] as const;
    expect(told(granted, script, 5).slice(2)).toEqual([
      "200 Active: ",
      "300 Active: ",
      `5000 Active: ${active(595)}`,
    ]);
  });

  test("wait for the answer to the NOTIFY before", () => {
    const script = [
      [6000, changed],
      [7000, response(200)],
    ] as const;
    expect(told(granted, script, 3).slice(1)).toEqual([
      "6000 Active: ",
      `7000 Active: ${active(593)}`,
    ]);
  });

  test("are not for those who may not know yet", () => {
    const script = [
      [100, response(200)],
      [60_000, changed],
      [60_001, { kind: "Granted" }],
    ] as const;
    expect(told(undecided, script, 4).slice(2)).toEqual([
      "60000 Pending: ",
      `60001 Active: ${active(539)}`,
    ]);
  });
});

test("RFC 6665 §4.1, §4.2: a subscriber and a notifier keep each other for a day", () => {
  const p: subscriber.Params = {
    expiresSeconds: 600,
    t1: 500,
    forks: false,
    retrySeconds: undefined,
  };
  let now = 0;
  let subscribes = 1;
  let [theirs, ...told]: readonly [notifier.State, ...notifier.Output[]] = notifier.start(
    granted,
    0,
  );
  let [ours]: readonly [subscriber.State, ...unknown[]] = subscriber.start(p, 0);
  while (now < 86_400_000) {
    for (const output of told.splice(0)) {
      const [next, ...outputs] = subscriber.step(p, ours, asInput(output), now);
      ours = next;
      for (const { kind } of outputs) {
        if (kind === "AnswerNotify")
          [theirs, ...told] = notifier.step(granted, theirs, response(200), now);
      }
    }
    now = Math.min(subscriber.deadline(ours), notifier.deadline(theirs));
    const [next, ...outputs] = subscriber.step(p, ours, { kind: "Tick" }, now);
    ours = next;
    for (const output of outputs) {
      if (output.kind !== "Subscribe") throw new Error(`${now}: ${output.kind}`);
      subscribes++;
      [theirs, ...told] = notifier.step(granted, theirs, subscribe(output.expiresSeconds), now);
    }
  }
  expect([ours.name, theirs.name, subscribes]).toEqual(["Active", "Active", 289]);
});

function asInput(output: notifier.Output): subscriber.Input {
  const nothing = { expiresSeconds: undefined, reason: undefined, retryAfterSeconds: undefined };
  if (output.kind === "Notify") return { kind: "Notify", ...nothing, ...output.state };
  if (output.kind !== "Accept") throw new Error(output.kind);
  const { expiresSeconds } = output;
  return {
    kind: "Response",
    status: 200,
    ...nothing,
    minExpiresSeconds: undefined,
    expiresSeconds,
  };
}
