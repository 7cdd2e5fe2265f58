import { describe, expect, test } from "vitest";
import { Pending, StoreBusy } from "../roles/answer.ts";
import { ALICE, again, bodyOf, stageOf, titles, value, words } from "../testing/agent-stage.ts";
import { titleOf } from "../testing/domain-stage.ts";
import { MemorySubscriptions, type SubscriptionStore } from "./stores.ts";

describe("what got a 2xx", () => {
  test("RFC 6665 §4.2.1: goes on after a restart, with higher numbers, and is told", () => {
    const store = new MemorySubscriptions();
    const before = stageOf(words(), { subscriptions: store });
    const [ok, first] = before.subscribe();
    before.reply(first);
    const page = before.domain.connect();
    before.subscribe(page);
    expect(store.all().map(({ watcher, resource }) => [watcher, resource])).toEqual([
      ["sip:alice@house.example", "bob"],
    ]);
    const given = words();
    given.said.word = "later";
    const after = stageOf(given, { subscriptions: store }, { seed: 2 });
    after.domain.wire.now = before.domain.wire.now + 1000;
    const [notify, ...none] = after.domain.wait(300);
    expect([notify?.to, bodyOf(notify), none]).toEqual([ALICE, "later 1000000 whole", []]);
    expect(value(notify, "CSeq")).toBe("1000001 NOTIFY");
    expect(value(notify, "From")).toBe(value(first, "From"));
    expect(given.asked[0]).toMatchObject({ isRestored: true, resource: "bob" });
    after.reply(notify);
    const [again200, told] = after.subscribe(ALICE, again(ok, { branch: "z9hG4bK-again" }));
    expect([again200 && titleOf(again200), bodyOf(told)]).toEqual([
      "200 SUBSCRIBE",
      "later 1000001 whole",
    ]);
    const third = stageOf(words(), { subscriptions: store }, { seed: 3 });
    const [once] = third.domain.wait(1000);
    expect(Number(value(once, "CSeq")?.split(" ")[0])).toBeGreaterThan(1_000_002);
    third.reply(once, 481);
    expect(store.all()).toEqual([]);
  });

  test("is on the disk by then; else it got none", () => {
    const writes: Pending<void>[] = [];
    const store: SubscriptionStore = {
      all: () => [],
      save: () => {
        const pending = new Pending<void>();
        writes.push(pending);
        return pending;
      },
      remove: () => {},
    };
    const { domain, subscribe, agent } = stageOf(words(), { subscriptions: store });
    const settle = (run: () => void) => {
      const before = domain.wire.outputs.length;
      domain.wire.call(run);
      return titles(domain.sentSince(before));
    };
    expect(subscribe()).toEqual([]);
    expect(settle(() => writes[0]?.resolve())).toEqual([
      `200 SUBSCRIBE to ${ALICE}`,
      `NOTIFY to ${ALICE}`,
    ]);
    expect(subscribe()).toEqual([]);
    expect(settle(() => writes[1]?.reject(new StoreBusy(7)))).toEqual([
      `503 SUBSCRIBE to ${ALICE}`,
    ]);
    expect(subscribe()).toEqual([]);
    expect(settle(() => writes[2]?.reject(new Error("full")))).toEqual([
      `500 SUBSCRIBE to ${ALICE}`,
    ]);
    expect(agent.census().subscriptions).toBe(1);
    const lines = ["Event: word", `Contact: <sip:alice@${ALICE}>`, "Expires: 0"];
    expect(titles(subscribe(ALICE, { lines }))[0]).toBe(`200 SUBSCRIBE to ${ALICE}`);
  });
});
