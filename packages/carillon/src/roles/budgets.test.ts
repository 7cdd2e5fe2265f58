import fc from "fast-check";
import { expect, test } from "vitest";
import { Budgets } from "./budgets.ts";

const LEAK = { burst: 3, drainMs: 1000 };

test("a bucket takes a burst, and then as many as leak out", () => {
  const budgets = new Budgets(LEAK, 10);
  const taken = [0, 0, 0, 0, 999, 1000, 1001, 2000].map((now) => budgets.take("a", now));
  expect(taken).toEqual([true, true, true, false, false, true, false, true]);
  expect(budgets.take("b", 2000)).toBe(true);
});

test("asking puts nothing in, and says how long it takes", () => {
  const budgets = new Budgets(LEAK, 10);
  for (let i = 0; i < 3; i++)
    expect([budgets.hasRoom("a", 0), budgets.take("a", 0)]).toEqual([true, true]);
  expect(budgets.hasRoom("a", 400)).toBe(false);
  expect(budgets.waitMs("a", 400)).toBe(600);
  expect(budgets.hasRoom("a", 1000)).toBe(true);
  expect([budgets.waitMs("a", 1000), budgets.waitMs("b", 0)]).toEqual([0, 0]);
  budgets.forget("a");
  expect(budgets.waitMs("a", 0)).toBe(0);
});

test("the table has an end: what nothing was put into for longest is forgotten", () => {
  const budgets = new Budgets(LEAK, 2);
  for (const key of ["a", "b", "a", "a", "c"]) budgets.take(key, 0);
  expect(budgets.size).toBe(2);
  expect([budgets.take("a", 0), budgets.take("b", 0)]).toEqual([false, true]);
});

test("whatever comes when, no more fit into any span than a burst and what leaks meanwhile", () => {
  const steps = fc.array(fc.nat(700), { minLength: 1, maxLength: 80, size: "max" });
  fc.assert(
    fc.property(steps, (waits) => {
      const budgets = new Budgets(LEAK, 4);
      const taken: number[] = [];
      let now = 0;
      for (const ms of waits) {
        now += ms;
        if (budgets.take("a", now)) taken.push(now);
      }
      for (const [first, from] of taken.entries()) {
        for (const [last, to] of taken.entries()) {
          if (last < first) continue;
          expect(last - first + 1).toBeLessThanOrEqual(3 + 1 + (to - from) / 1000);
        }
      }
    }),
  );
});

test("a clock that steps back gives nothing back", () => {
  const budgets = new Budgets(LEAK, 4);
  for (let i = 0; i < 3; i++) budgets.take("a", 5000);
  expect(budgets.take("a", 0)).toBe(false);
});
