import { describe, expect, test } from "vitest";
import { ALICE, again, bodyOf, stageOf, value, words } from "../testing/agent-stage.ts";
import { titleOf } from "../testing/domain-stage.ts";

describe("who may know", () => {
  test("RFC 6665 §4.2.2: waits, is told when it is allowed, and that it is not any more", () => {
    const given = words();
    given.said.standing = "Waiting";
    const { domain, subscribe, reply, say, agent } = stageOf(given);
    const [ok, notify] = subscribe();
    expect([ok && titleOf(ok), bodyOf(notify)]).toEqual(["200 SUBSCRIBE", ""]);
    expect(value(notify, "Subscription-State")).toBe("pending;expires=3600");
    reply(notify);
    domain.wait(5000);
    expect(say("two")).toEqual([]);
    expect(agent.watchers("word", "bob")).toMatchObject([
      { account: "alice", uri: "sip:alice@house.example", isPending: true },
    ]);
    given.said.standing = "Allowed";
    const [active] = say("two");
    expect([value(active, "Subscription-State"), bodyOf(active)]).toEqual([
      "active;expires=3595",
      "two 0 whole",
    ]);
    reply(active);
    given.said.standing = "Refused";
    const [last] = say("three");
    expect([value(last, "Subscription-State"), bodyOf(last)]).toEqual([
      "terminated;reason=rejected",
      "",
    ]);
    reply(last);
    expect(agent.census().subscriptions).toBe(0);
  });

  test("is asked about anew where somebody is to be asked again", () => {
    const given = words();
    const { subscribe, reply, say } = stageOf(given);
    reply(subscribe()[1]);
    given.said.standing = "Waiting";
    const [last] = say("two");
    expect([value(last, "Subscription-State"), bodyOf(last)]).toEqual([
      "terminated;reason=deactivated",
      "",
    ]);
  });

  test("RFC 6665 §4.1.3: who waits for a day gives up", () => {
    const given = words();
    given.said.standing = "Waiting";
    const { domain, subscribe, reply } = stageOf(given);
    const [ok, notify] = subscribe();
    reply(notify);
    for (let hour = 0, seq = 2; hour < 24; hour++, seq++) {
      domain.wait(3_599_000);
      reply(subscribe(ALICE, again(ok, { seq }))[1]);
    }
    domain.wait(60_000);
    const [, pending] = subscribe(ALICE, again(ok, { seq: 100 }));
    const [last] = reply(pending);
    expect(value(last, "Subscription-State")).toBe("terminated;reason=giveup");
  });

  test("a program ends what has no resource any more, and what an account watches", () => {
    const { domain, subscribe, reply, agent } = stageOf(words());
    reply(subscribe()[1]);
    reply(subscribe()[1]);
    const ended = (run: () => void) => {
      const before = domain.wire.outputs.length;
      domain.wire.call(run);
      const sent = domain.sentSince(before);
      for (const one of sent) reply(one);
      return sent.map((one) => value(one, "Subscription-State"));
    };
    expect(ended(() => agent.end("word", "bob", "noresource"))).toEqual(
      Array(2).fill("terminated;reason=noresource"),
    );
    reply(subscribe()[1]);
    expect(ended(() => agent.endOf("carol", "rejected"))).toEqual([]);
    expect(ended(() => agent.endOf("alice", "rejected"))).toEqual(["terminated;reason=rejected"]);
    expect(agent.census().subscriptions).toBe(0);
  });
});

test("a trusted place watches in the name of whoever it says", () => {
  const given = words();
  const { subscribe, agent } = stageOf(given, {}, { trusts: () => true });
  subscribe(ALICE, { lines: ["Event: word", `Contact: <sip:alice@${ALICE}>`] });
  const stranger = "<sip:dora@elsewhere.example>;tag=d";
  const lines = ["Event: word", `Contact: <sip:dora@${ALICE}>`];
  subscribe(ALICE, { from: stranger, lines });
  expect(given.asked.map(({ watcher }) => [watcher.account, watcher.uri])).toEqual([
    ["alice", "sip:alice@house.example"],
    [undefined, "sip:dora@elsewhere.example"],
  ]);
  expect(agent.census().subscriptions).toBe(2);
});
