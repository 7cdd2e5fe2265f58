import { describe, expect, test } from "vitest";
import { A, B, datagrams, stage } from "./stage.ts";

const numbered = (count: number) => Array.from({ length: count }, (_, i) => `${i}`);

describe("a datagram", () => {
  test("may be lost, each by itself", async () => {
    const { network, a, b } = stage({ loss: 0.3 });
    datagrams(a, B, ...numbered(5000));
    await network.run(100);
    expect(b.endpoint.octets("Datagram").length / 5000).toBeCloseTo(0.7, 1);
    expect(longestGap(b.endpoint.octets("Datagram"))).toBeLessThan(12);
    expect(network.sights.filter(({ lost }) => lost).length).toBe(
      5000 - b.endpoint.octets("Datagram").length,
    );
  });

  test("may be one of many that are lost together", async () => {
    const { network, a, b } = stage({ bursts: { begins: 0.01, ends: 0.05 } });
    datagrams(a, B, ...numbered(5000));
    await network.run(100);
    const arrived = b.endpoint.octets("Datagram");
    // Bursts of 20 in the mean, one in a hundred good ones begins one: about a sixth is lost.
    expect(arrived.length / 5000).toBeGreaterThan(0.7);
    expect(arrived.length / 5000).toBeLessThan(0.95);
    expect(longestGap(arrived)).toBeGreaterThan(40);
  });

  test("may come twice", async () => {
    const { network, a, b } = stage({ duplication: 0.5 });
    datagrams(a, B, ...numbered(1000));
    await network.run(100);
    expect(b.endpoint.octets("Datagram").length / 1000).toBeCloseTo(1.5, 1);
    expect(new Set(b.endpoint.octets("Datagram")).size).toBe(1000);
  });

  test("takes its time, and more by chance", async () => {
    const { network, a, b } = stage({ delayMs: 30, jitterMs: 40 });
    const sentAt = network.now;
    datagrams(a, B, ...numbered(500));
    await network.run(100);
    const late = b.endpoint.heard.map(({ at }) => at - sentAt);
    expect(Math.min(...late)).toBe(30);
    expect(Math.max(...late)).toBe(69);
  });

  test("may be held back, and what was sent after it comes before", async () => {
    const { network, a, b } = stage({ reordering: 0.1, reorderingMs: 200 });
    datagrams(a, B, ...numbered(1000));
    await network.run(50);
    const inTime = b.endpoint.octets("Datagram").length;
    expect(inTime / 1000).toBeCloseTo(0.9, 1);
    await network.run(200);
    const all = b.endpoint.octets("Datagram").map(Number);
    expect(all).toHaveLength(1000);
    expect(all).not.toEqual([...all].sort((one, other) => one - other));
    const first = all.slice(0, inTime);
    expect(first).toEqual([...first].sort((one, other) => one - other));
  });

  test("may lose its end, or become what a test likes", async () => {
    const cut = stage({ truncation: 1 });
    datagrams(cut.a, B, "0123456789");
    await cut.network.run(100);
    const [short = "none"] = cut.b.endpoint.octets("Datagram");
    expect(short.length).toBeLessThan(10);
    expect("0123456789".startsWith(short)).toBe(true);
    const loud = stage({ spoil: (octets) => octets.toUpperCase() });
    datagrams(loud.a, B, "hello");
    await loud.network.run(100);
    expect(loud.b.endpoint.octets("Datagram")).toEqual(["HELLO"]);
  });

  test("may be too large for a firewall that drops fragments", async () => {
    const { network, a, b } = stage({ maxDatagramBytes: 1472 });
    datagrams(a, B, "x".repeat(1472), "y".repeat(1473));
    await network.run(100);
    expect(b.endpoint.octets("Datagram")).toEqual(["x".repeat(1472)]);
    expect(network.sights.map(({ lost }) => lost)).toEqual([false, true]);
  });

  test("has the weather of its own way where there is one", async () => {
    const { network, a, b } = stage();
    network.between("a", "b", { loss: 1 });
    datagrams(a, B, "there");
    datagrams(b, A, "back");
    await network.run(100);
    expect(b.endpoint.heard).toEqual([]);
    expect(a.endpoint.octets("Datagram")).toEqual(["back"]);
  });
});

describe("a datagram that nobody takes", () => {
  test("is refused by a machine that is there, and its sender hears of it", async () => {
    const { network, a } = stage();
    const to = { ...B, port: 5999 };
    datagrams(a, to, "knock");
    await network.run(19);
    expect(a.endpoint.heard).toEqual([]);
    await network.run(1);
    expect(a.endpoint.all("Unreachable")).toEqual([
      { kind: "Unreachable", remote: to, cause: "ECONNREFUSED" },
    ]);
  });

  test("is refused where a program has stopped, and vanishes where it was unplugged", async () => {
    const { network, a, b } = stage();
    b.stop();
    datagrams(a, B, "knock");
    await network.run(100);
    expect(a.endpoint.story()).toEqual(["Unreachable ECONNREFUSED"]);
    b.close();
    datagrams(a, B, "knock", "knock");
    datagrams(a, { host: "192.0.2.77", port: 5060 }, "is anybody there");
    await network.run(10_000);
    expect(a.endpoint.story()).toHaveLength(1);
    expect(network.sights.every(({ lost }) => lost)).toBe(true);
  });

  test("vanishes where a firewall keeps refusals to itself", async () => {
    const { network, a, b } = stage({ silentRefusals: true });
    b.stop();
    datagrams(a, B, "knock");
    await network.run(10_000);
    expect(a.endpoint.story()).toEqual([]);
  });
});

describe("a partition", () => {
  test("of one way is one, and heals", async () => {
    const { network, a, b } = stage();
    const cut = network.partitions.cut(["a"], ["b"]);
    datagrams(a, B, "1");
    datagrams(b, A, "2");
    await network.run(100);
    expect(b.endpoint.heard).toEqual([]);
    expect(a.endpoint.octets("Datagram")).toEqual(["2"]);
    network.after(1000, () => cut.heal());
    await network.run(999);
    datagrams(a, B, "3");
    await network.run(1);
    datagrams(a, B, "4");
    await network.run(100);
    expect(b.endpoint.octets("Datagram")).toEqual(["4"]);
    expect(network.partitions.size).toBe(0);
  });

  test("of both ways is both, for everybody if one likes", async () => {
    const { network, a, b } = stage();
    const split = network.partitions.split(["b"], "*");
    datagrams(a, B, "1");
    datagrams(b, A, "2");
    await network.run(100);
    split.heal();
    split.heal();
    datagrams(a, B, "3");
    await network.run(100);
    expect([...a.endpoint.octets("Datagram"), ...b.endpoint.octets("Datagram")]).toEqual(["3"]);
  });

  test("of one after the other in another order heals for all (a swizzle)", async () => {
    const { network, a, b } = stage();
    const [one, other] = [network.partitions.cut(["a"], "*"), network.partitions.cut("*", ["a"])];
    other.heal();
    datagrams(b, A, "in");
    datagrams(a, B, "out");
    await network.run(100);
    expect([...a.endpoint.story(), ...b.endpoint.story()]).toEqual(["Datagram in"]);
    one.heal();
    datagrams(a, B, "out again");
    await network.run(100);
    expect(b.endpoint.story()).toEqual(["Datagram out again"]);
  });
});

function longestGap(arrived: readonly string[]): number {
  let gap = 0;
  for (const [i, one] of arrived.entries())
    gap = Math.max(gap, Number(one) - Number(arrived[i - 1] ?? -1));
  return gap;
}
