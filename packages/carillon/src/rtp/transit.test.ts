import { describe, expect, test } from "vitest";
import { Transit } from "./transit.ts";

function after(transits: readonly number[], stepMs = 20): Transit {
  const transit = new Transit();
  for (const [n, each] of transits.entries()) transit.add(each, n * stepMs);
  return transit;
}

const many = <T>(count: number, make: (n: number) => T) =>
  Array.from({ length: count }, (_, n) => make(n));

describe("how late packets are", () => {
  test("is counted from the quickest, by whatever clock", () => {
    expect(after([-5000, -4970, -4990]).least).toBe(-5000);
    expect(after(many(200, (n) => 1e9 + (n % 10) * 10)).tailMs).toBe(95);
  });

  test("one packet in a hundred may be later", () => {
    expect(after(many(1000, (n) => (n % 200 === 0 ? 300 : 0))).tailMs).toBe(5);
    expect(after(many(1000, (n) => (n % 50 === 0 ? 300 : 0))).tailMs).toBe(305);
  });

  test("what was long ago counts less", () => {
    const jittery = many(500, (n) => (n % 10) * 10);
    expect(after([...jittery, ...many(500, () => 0)]).tailMs).toBeGreaterThan(50);
    expect(after([...jittery, ...many(3000, () => 0)]).tailMs).toBe(5);
  });

  test("a way that has become longer is the way after twenty seconds", () => {
    const transit = after(many(2500, (n) => (n < 500 ? 0 : 80)));
    expect(transit.least).toBe(80);
  });

  test("weights stay finite for as long as a call may last", () => {
    const transit = after(many(200_000, (n) => n % 7));
    expect(transit.tailMs).toBe(10);
  });
});
