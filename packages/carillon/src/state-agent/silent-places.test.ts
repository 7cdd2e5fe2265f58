import { expect, test } from "vitest";
import { SilentPlaces } from "./silent-places.ts";

test("HARDENING A23: a place gets one NOTIFY until it answers, and if it does not, none", () => {
  const places = new SilentPlaces();
  expect(places.refuses("a", 0)).toBe(false);
  expect(places.refuses("a", 32_999)).toBe(true);
  expect(places.refuses("b", 1)).toBe(false);
  places.heard("a", 200, 5000);
  expect(places.refuses("a", 5001)).toBe(false);
  places.heard("a", 481, 6000);
  expect([places.refuses("a", 605_999), places.refuses("a", 606_000)]).toEqual([true, false]);
  // Whoever vanished before it was told is waited for no longer than a transaction takes.
  expect(places.refuses("a", 606_000 + 33_000)).toBe(false);
});

test("only so many places are remembered", () => {
  const places = new SilentPlaces();
  for (let nth = 0; nth < 10_001; nth++) places.heard(`${nth}`, 408, nth);
  expect([places.refuses("0", 10_001), places.refuses("10000", 10_001)]).toEqual([false, true]);
});
