import { expect, test } from "vitest";
import { Recent } from "./recent.ts";

test("what was added is there for its life, and longer if it is added again", () => {
  const recent = new Recent(1000, 9);
  recent.add("a", 0);
  expect([0, 999, 1000].map((now) => recent.has("a", now))).toEqual([true, true, false]);
  recent.add("a", 900);
  expect([recent.has("a", 1899), recent.has("a", 1899, 500), recent.has("b", 0)]).toEqual([
    ...[true, false, false],
  ]);
});

test("the table has an end: what was added longest ago goes", () => {
  const recent = new Recent(1000, 2);
  for (const key of ["a", "b", "a", "c"]) recent.add(key, 0);
  expect(recent.size).toBe(2);
  expect(["a", "b", "c"].map((key) => recent.has(key, 1))).toEqual([true, false, true]);
});
