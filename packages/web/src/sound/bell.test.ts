import { expect, test } from "vitest";
import { partials, tonesOf } from "./bell.ts";

const stroke = { atSeconds: 0.5, primeHz: 400, loudness: 0.8, decaySeconds: 4 };

test("a stroke sounds hum, prime, minor third, fifth and nominal", () => {
  const frequencies = tonesOf(stroke).map((tone) => tone.frequencyHz);
  expect(frequencies.slice(0, 5)).toEqual([200, 400, 480, 600, 800]);
});

test("decays run from long to short as partials rise", () => {
  const decays = tonesOf(stroke).map((tone) => tone.decaySeconds);
  expect(decays).toEqual(decays.toSorted((a, b) => b - a));
  expect(decays[0]).toBe(4);
});

test("all partials start with the clapper", () => {
  for (const tone of tonesOf(stroke)) expect(tone.atSeconds).toBe(0.5);
});

test("partials together are no louder than the stroke", () => {
  expect(partials.reduce((sum, { level }) => sum + level, 0)).toBeCloseTo(1, 10);
  expect(tonesOf(stroke).reduce((sum, { level }) => sum + level, 0)).toBeCloseTo(0.8, 10);
});
