import { describe, expect, test } from "vitest";
import type { Watcher } from "./source.ts";
import { WatcherTable } from "./watcher-table.ts";

const watcher = (name: string): Watcher => ({
  ...{ account: name, uri: `sip:${name}@house.example`, displayName: "" },
});

function table() {
  const clock = { now: 1000 };
  const of = new WatcherTable(() => clock.now);
  const look = () => of.of("bob").map((one) => `${one.watcher.account} ${one.status} ${one.event}`);
  return { clock, of, look };
}

describe("RFC 3857 §4.7.1: who watches", () => {
  test("is active at once where they may, or pending until they are approved", () => {
    const { of, look } = table();
    of.begin("bob", watcher("alice"), "Allowed");
    const id = of.begin("bob", watcher("carol"), "Waiting");
    expect(look()).toEqual(["alice active approved", "carol pending subscribe"]);
    of.approve("bob", id);
    of.approve("bob", "nobody");
    expect(look()).toEqual(["alice active approved", "carol active approved"]);
    of.end("bob", id, "timeout");
    of.end("bob", id, "timeout");
    expect(look()).toEqual(["alice active approved"]);
    expect(of.of("dora")).toEqual([]);
  });

  test("waits where nobody has decided in time, until they come again or somebody has", () => {
    const { of, look, clock } = table();
    //= RFC 3857 §4.7.1
    //# If a pending subscription suffers a timeout, it moves into the waiting state.
    of.end("bob", of.begin("bob", watcher("carol"), "Waiting"), "unreachable");
    of.end("bob", of.begin("bob", watcher("dora"), "Waiting"), "giveup");
    expect(look()).toEqual(["carol waiting timeout"]);
    //= RFC 3857 §4.7.1
    //# This transition occurs because, on arrival of a new subscription with identical parameters,
    //# it will enter the pending state, making the waiting state for the prior subscription
    //# redundant.
    const again = of.begin("bob", watcher("carol"), "Waiting");
    expect(look()).toEqual(["carol pending subscribe"]);
    of.end("bob", again, "timeout");
    of.decided("bob", ({ account }) => account !== "carol");
    expect(look()).toEqual(["carol waiting timeout"]);
    of.decided("bob", ({ account }) => account === "carol");
    expect(look()).toEqual([]);
    of.end("bob", of.begin("bob", watcher("carol"), "Waiting"), "timeout");
    clock.now += 7 * 86_400_000 + 1;
    expect(look()).toEqual([]);
  });

  test("is remembered to a number, and told of to who listens", () => {
    const { of } = table();
    let told = 0;
    const listener = () => void told++;
    of.listen("bob", listener);
    for (let nth = 0; nth < 80; nth++) {
      of.end("bob", of.begin("bob", watcher(`w${nth}`), "Waiting"), "timeout");
    }
    const all = of.of("bob");
    expect(all.length).toBeLessThanOrEqual(51);
    expect(all.at(-1)?.watcher.account).toBe("w79");
    expect(told).toBe(160);
    of.unlisten("bob", listener);
    of.begin("bob", watcher("alice"), "Allowed");
    expect(told).toBe(160);
  });
});
