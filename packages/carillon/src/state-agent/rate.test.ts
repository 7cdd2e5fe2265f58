import { describe, expect, test } from "vitest";
import { ALICE, again, bodyOf, stageOf, value, words } from "../testing/agent-stage.ts";

describe("RFC 6446: a watcher that says how often", () => {
  const lines = (params: string) => [`Event: word${params}`, `Contact: <sip:alice@${ALICE}>`];

  test("§5.2: is told no more often than it wishes, but for what it asks for", () => {
    const { domain, subscribe, reply, say } = stageOf(words());
    const [ok, first] = subscribe(ALICE, { lines: lines(";max-rate=0.1") });
    //= RFC 6446 §5.2
    //# A compliant notifier MUST reflect back the possibly adjusted maximum rate of notifications
    //# in a "max-rate" Subscription-State header field parameter of the subsequent NOTIFY requests.
    expect(value(first, "Subscription-State")).toBe("active;expires=3600;max-rate=0.1");
    reply(first);
    //= RFC 6446 §4.2
    //# A notifier that supports the different rate control mechanisms MUST adjust its rate of
    //# notification according to the rate control values agreed with the subscriber.
    //= RFC 6446 §5.2
    //# A compliant notifier MUST NOT generate a notification if the interval since the most recent
    //# notification is less than the reciprocal value of the "max-rate" parameter, except when
    //# generating the notification either upon receipt of a SUBSCRIBE request, when the
    //# subscription state is changing from "pending" to "active" state, or upon termination of the
    //# subscription (the last notification).
    expect([say("two"), domain.wait(9999)]).toEqual([[], []]);
    const [second] = domain.wait(1);
    expect(bodyOf(second)).toBe("two 1");
    reply(second);
    const [, third] = subscribe(ALICE, again(ok, { lines: lines("") }));
    expect(value(third, "Subscription-State")).toBe("active;expires=3600");
    reply(third);
    say("three");
    expect(domain.wait(1000).map(bodyOf)).toEqual(["three 3"]);
  });

  test("§6.2: is told though nothing has changed", () => {
    const { domain, subscribe, reply } = stageOf(words());
    const [, first] = subscribe(ALICE, { lines: lines(";min-rate=0.05") });
    //= RFC 6446 §6.2
    //# A compliant notifier MUST reflect back the possibly adjusted minimum rate of notifications
    //# in a "min-rate" Subscription-State header field parameter of the subsequent NOTIFY requests.
    //= RFC 6446 §4.2
    //# The notifier MUST reflect back the possibly adjusted rate control values in a "max-rate",
    //# "min-rate", or "adaptive-min-rate" Subscription-State header field parameter of the
    //# subsequent NOTIFY requests.
    expect(value(first, "Subscription-State")).toBe("active;expires=3600;min-rate=0.05");
    reply(first);
    expect(domain.wait(19_999)).toEqual([]);
    //= RFC 6446 §6.2
    //# A compliant notifier MUST generate notifications when state changes occur or when the time
    //# since the most recent notification exceeds the reciprocal value of the "min-rate" parameter.
    //= RFC 6446 §6.2
    //# Depending on the event package and subscriber preferences indicated in the SUBSCRIBE
    //# request, the NOTIFY request sent as a result of a minimum rate mechanism MUST contain either
    //# the current full state or the partial state showing the difference between the current state
    //# and the last successfully communicated state.
    const [second] = domain.wait(1);
    expect(bodyOf(second)).toBe("one 1 whole");
    reply(second);
    expect(domain.wait(19_999)).toEqual([]);
    expect(domain.wait(1).map(bodyOf)).toEqual(["one 2 whole"]);
  });

  test("§4.1: says otherwise in its answer to a NOTIFY", () => {
    const { domain, subscribe, reply, say } = stageOf(words());
    const [, first] = subscribe(ALICE, { lines: lines(";max-rate=0.1") });
    reply(first, 200, ["Event: word;max-rate=0.5"]);
    say("two");
    expect(domain.wait(1999)).toEqual([]);
    expect(domain.wait(1).map(bodyOf)).toEqual(["two 1"]);
  });

  test("§7.2: is told the oftener the less it was told lately", () => {
    const { domain, subscribe, reply, say } = stageOf(words());
    const [, first] = subscribe(ALICE, { lines: lines(";adaptive-min-rate=0.1") });
    //= RFC 6446 §7.2
    //# A compliant notifier MUST reflect back the possibly adjusted adaptive minimum rate of
    //# notifications in an "adaptive-min-rate" Subscription-State header field parameter of the
    //# subsequent NOTIFY requests.
    expect(value(first, "Subscription-State")).toBe("active;expires=3600;adaptive-min-rate=0.1");
    reply(first);
    for (let nth = 1; nth <= 9; nth++) {
      domain.wait(1000);
      reply(say(`${nth}`)[0]);
    }
    // Ten in ten seconds, where five in 50 are the mean: it takes twice as long.
    expect(domain.wait(19_999)).toEqual([]);
    //= RFC 6446 §7.2
    //# A compliant notifier MUST generate notifications when state changes occur or when the time
    //# since the most recent notification exceeds the value calculated using the formula defined in
    //# Section 7.4.
    //= RFC 6446 §7.2
    //# Depending on the event package and subscriber preferences indicated in the SUBSCRIBE
    //# request, the NOTIFY request sent as a result of a minimum rate mechanism MUST contain either
    //# the current full state or the partial state showing the difference between the current state
    //# and the last successfully communicated state.
    const [later] = domain.wait(1);
    expect(bodyOf(later)).toBe("9 10 whole");
  });

  test("§5.3: is told once at least before a shorter subscription ends", () => {
    const { subscribe, reply } = stageOf(words());
    const [ok, first] = subscribe(ALICE, { lines: lines(";max-rate=0.001") });
    expect(value(first, "Subscription-State")).toBe("active;expires=3600;max-rate=0.001");
    reply(first);
    //= RFC 6446 §5.3
    //# If the subscription expiry is shortened during an active subscription, the notifier MUST
    //# also increase the "max-rate" value and set it to the reciprocal value of the reduced
    //# subscription expiration time.
    const shorter = [...lines(";max-rate=0.001"), "Expires: 100"];
    const [, second] = subscribe(ALICE, again(ok, { lines: shorter }));
    expect(value(second, "Subscription-State")).toBe("active;expires=100;max-rate=0.01");
  });

  test("§4.1: cannot begin with that in an answer", () => {
    const { domain, subscribe, reply, say } = stageOf(words());
    reply(subscribe()[1], 200, ["Event: word;max-rate=0.01"]);
    say("two");
    expect(domain.wait(1000).map(bodyOf)).toEqual(["two 1"]);
  });
});
