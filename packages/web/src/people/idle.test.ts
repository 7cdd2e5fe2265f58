import { expect, test } from "vitest";
import { IDLE_MS, isIdle, untouchedMs } from "./idle.ts";

test("a browser that nobody touches for ten minutes is idle, unless somebody talks there", () => {
  expect(isIdle(IDLE_MS - 1, false)).toBe(false);
  expect(isIdle(IDLE_MS, false)).toBe(true);
  expect(isIdle(IDLE_MS, true)).toBe(false);
});

test("another page of the browser counts as well", () => {
  expect(untouchedMs(1000, 100, "900")).toBe(100);
  expect(untouchedMs(1000, 900, "100")).toBe(100);
});

test("what no page has written is nothing", () => {
  for (const told of [null, "", "x", "-5", "2000", "Infinity"]) {
    expect(untouchedMs(1000, 100, told)).toBe(900);
  }
});
