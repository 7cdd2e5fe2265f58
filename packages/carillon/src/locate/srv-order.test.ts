import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { SrvRecord } from "./naming.ts";
import { srvOrder } from "./srv-order.ts";

const srv = (priority: number, weight: number, target: string, port = 9): SrvRecord => ({
  type: "SRV",
  priority,
  weight,
  port,
  target,
});
const names = (records: readonly SrvRecord[]) => records.map(({ target }) => target);

/** The zone of RFC 2782, "Fictional example". */
const foobar = [
  srv(0, 1, "old-slow-box.example.com"),
  srv(0, 3, "new-fast-box.example.com"),
  srv(1, 0, "sysadmins-box.example.com"),
  srv(1, 0, "server.example.com"),
];

/** How often each target came first, of this many draws. */
function firsts(records: readonly SrvRecord[], draws: number): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (let seed = 0; seed < draws; seed++) {
    const [first] = names(srvOrder(records, seed, 1));
    counts.set(first ?? "", (counts.get(first ?? "") ?? 0) + 1);
  }
  return counts;
}

describe("RFC 2782, the fictional example", () => {
  test("three quarters of the logins go to new-fast-box", () => {
    const counts = firsts(foobar, 10_000);
    expect(counts.get("new-fast-box.example.com")).toBeGreaterThan(7_350);
    expect(counts.get("new-fast-box.example.com")).toBeLessThan(7_650);
    expect(counts.size).toBe(2);
  });

  test("the other two come after both, each first among them about half the time", () => {
    const thirds = new Map<string, number>();
    for (let seed = 0; seed < 2_000; seed++) {
      const order = names(srvOrder(foobar, seed, 8));
      expect(order).toHaveLength(4);
      expect(order.slice(0, 2).sort()).toEqual([
        "new-fast-box.example.com",
        "old-slow-box.example.com",
      ]);
      thirds.set(order[2] ?? "", (thirds.get(order[2] ?? "") ?? 0) + 1);
    }
    expect([...thirds.values()].map((count) => count > 800)).toEqual([true, true]);
  });
});

test("RFC 2782 Weight: beside others, weight 0 has a very small chance, and it has one", () => {
  const counts = firsts([srv(0, 0, "zero"), srv(0, 99, "most")], 20_000);
  // One number of the hundred from 0 to 99.
  expect(counts.get("zero")).toBeGreaterThan(100);
  expect(counts.get("zero")).toBeLessThan(320);
  // Of the two numbers from 0 to 1, one.
  const even = firsts([srv(0, 0, "zero"), srv(0, 1, "one")], 2_000).get("zero") ?? 0;
  expect(Math.abs(even - 1_000)).toBeLessThan(120);
});

test("RFC 2782 Weight: larger weights are chosen proportionately more often", () => {
  const counts = firsts([srv(0, 10_000, "a"), srv(0, 20_000, "b"), srv(0, 30_000, "c")], 30_000);
  for (const [target, share] of [["a", 5_000] as const, ["b", 10_000] as const, ["c", 15_000]]) {
    expect(Math.abs((counts.get(target as string) ?? 0) - (share as number))).toBeLessThan(400);
  }
});

test("RFC 2782 Priority: a lower number comes first whatever the weights", () => {
  const records = [srv(2, 65_535, "late"), srv(1, 0, "second"), srv(0, 1, "first")];
  for (let seed = 0; seed < 100; seed++) {
    expect(names(srvOrder(records, seed, 8))).toEqual(["first", "second", "late"]);
  }
});

//= RFC 3263 §4.4
//# The stateless proxy MUST define a deterministic order to the records in that case, using any
//# algorithm at its disposal.
test("RFC 3263 §4.4: one seed gives one order, however the answer was shuffled", () => {
  const record = fc.tuple(fc.nat(3), fc.nat(3), fc.nat(20)).map(([p, w, t]) => srv(p, w, `h${t}`));
  const property = fc.property(fc.array(record), fc.nat(), fc.nat(), (records, seed, turn) => {
    const cut = records.length === 0 ? 0 : turn % records.length;
    const turned = [...records.slice(cut), ...records.slice(0, cut)].reverse();
    expect(srvOrder(turned, seed, 8)).toEqual(srvOrder(records, seed, 8));
  });
  fc.assert(property);
});

test("every host comes once, by priority, and never more than the limit", () => {
  const record = fc.tuple(fc.nat(3), fc.nat(9), fc.nat(20)).map(([p, w, t]) => srv(p, w, `h${t}`));
  fc.assert(
    fc.property(fc.array(record), fc.nat(), fc.nat(12), (records, seed, limit) => {
      const order = srvOrder(records, seed, limit);
      const hosts = new Set(names(records));
      expect(order).toHaveLength(Math.min(limit, hosts.size));
      expect(new Set(names(order)).size).toBe(order.length);
      const priorities = order.map(({ priority }) => priority);
      expect(priorities).toEqual([...priorities].sort((a, b) => a - b));
    }),
  );
});

test("a host on two ports is two servers; one that is named twice is one, at its best", () => {
  expect(srvOrder([srv(0, 0, "a", 1), srv(0, 0, "a", 2)], 1, 8)).toHaveLength(2);
  expect(srvOrder([srv(3, 0, "a"), srv(1, 0, "a")], 1, 8)).toEqual([srv(1, 0, "a")]);
  const last = srvOrder([srv(0, 5, "a"), srv(0, 0, "a"), srv(0, 9, "a")], 1, 8);
  expect(last).toEqual([srv(0, 0, "a")]);
});

test("ten thousand records cost no more than a few passes over them", () => {
  const many = Array.from({ length: 10_000 }, (_, i) => srv(0, i % 7, `h${i}`));
  const same = Array.from({ length: 10_000 }, () => srv(0, 1, "h"));
  const start = performance.now();
  expect(srvOrder(many, 1, 8)).toHaveLength(8);
  expect(srvOrder(same, 1, 8)).toHaveLength(1);
  expect(performance.now() - start).toBeLessThan(500);
});
