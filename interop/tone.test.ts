import { expect, test } from "vitest";
import { rms, secondsOf, shareOf, tone } from "./tone.ts";
import { readWav, writeWav } from "./wav.ts";

const mixed = (one: Float64Array, other: Float64Array): Float64Array =>
  one.map((sample, at) => sample + (other[at] ?? 0));

test("a tone is found at its frequency and at no other", () => {
  const heard = tone(1000, 1);
  expect(shareOf(1000, heard)).toBeCloseTo(1, 6);
  expect(shareOf(440, heard)).toBeLessThan(1e-6);
  expect(rms(heard)).toBeCloseTo(0.5 / Math.SQRT2, 6);
});

test("of two tones at once neither counts as heard, for somebody else is heard too", () => {
  const both = mixed(tone(440, 2), tone(1000, 2));
  expect(shareOf(440, both)).toBeCloseTo(0.5, 6);
  expect(secondsOf(440, both)).toBe(0);
});

test("silence is no tone, and a recording is as long as its tone in it", () => {
  const silence = new Float64Array(8000);
  expect(shareOf(440, silence)).toBe(0);
  const later = Float64Array.of(...silence, ...tone(440, 2), ...silence);
  expect(secondsOf(440, later)).toBeCloseTo(2, 6);
});

test("a WAV file is read as it was written, also one whose header was never completed", () => {
  const written = tone(440, 0.5);
  const file = writeWav(written);
  expect(rms(readWav(file))).toBeCloseTo(rms(written), 4);
  file.writeUInt32LE(0, 40);
  expect(readWav(file)).toHaveLength(written.length);
});
