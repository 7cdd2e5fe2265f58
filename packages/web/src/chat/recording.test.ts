import { expect, test } from "vitest";
import { loudness } from "./recording.ts";

test("loudness is told as ears hear it", () => {
  expect(loudness(new Float32Array(8))).toBe(0);
  expect(loudness(new Float32Array(8).fill(1))).toBe(1);
  expect(loudness(new Float32Array(8).fill(0.0001))).toBe(0);
  // 20 dB below the loudest are a third of the 60 that count.
  expect(loudness(new Float32Array(8).fill(0.1))).toBeCloseTo(2 / 3);
  expect(loudness(new Float32Array(0))).toBe(0);
});
