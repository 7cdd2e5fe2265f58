import { expect, test } from "vitest";
import { Budget } from "./budget.ts";

test("a sender has so much at once, and so much a second from then on", () => {
  const budget = new Budget({ burst: 3, perSecond: 2 });
  expect([budget.take("a", 1, 0), budget.take("a", 2, 0), budget.take("a", 1, 0)]).toEqual([
    ...[0, 0, 1],
  ]);
  expect([budget.take("b", 3, 0), budget.take("a", 1, 499), budget.take("a", 1, 500)]).toEqual([
    ...[0, 1, 0],
  ]);
  // What was refused has cost nothing, and nobody saves up more than there is room for.
  expect([budget.take("a", 3, 60_000), budget.take("a", 1, 60_000)]).toEqual([0, 1]);
  // What is larger than the bucket takes it whole.
  expect([budget.take("c", 100, 0), budget.take("c", 100, 0), budget.take("c", 100, 1500)]).toEqual(
    [0, 2, 0],
  );
});

test("no more than so many senders are remembered", () => {
  const budget = new Budget({ burst: 1, perSecond: 0.001 });
  for (let i = 0; i <= 20_000; i++) expect(budget.take(`${i}`, 1, 0)).toBe(0);
  expect(budget.take("0", 1, 0)).toBe(0);
  expect(budget.take("20000", 1, 0)).toBeGreaterThan(0);
});
