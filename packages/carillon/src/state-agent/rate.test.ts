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
    expect(value(first, "Subscription-State")).toBe("active;expires=3600;min-rate=0.05");
    reply(first);
    expect(domain.wait(19_999)).toEqual([]);
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
});
