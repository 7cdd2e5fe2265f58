import { expect, test } from "vitest";
import { PITCHES, STEP_LEVEL, STEP_MS, StepEar } from "./steps.ts";

const RATE = 8000;

/** What is said in so many seconds. */
function steps(seconds: number): Float64Array {
  let phase = 0;
  return Float64Array.from({ length: RATE * seconds }, (_, nth) => {
    const step = Math.floor((1000 * nth) / RATE / STEP_MS);
    phase += (2 * Math.PI * (PITCHES[step % PITCHES.length] ?? 0)) / RATE;
    return STEP_LEVEL * Math.sin(phase);
  });
}

function gapsIn(sound: Iterable<number>): readonly number[] {
  const gaps: number[] = [];
  const ear = new StepEar(PITCHES, STEP_MS, RATE, (ms) => gaps.push(ms));
  for (const sample of sound) ear.hear(sample);
  return gaps;
}

test("nothing is missing in what was said", () => {
  expect(gapsIn(steps(2))).toEqual([]);
});

test.each([20, 40, 60, 80, 100])("%i ms that the last pitch stands for are a gap", (ms) => {
  for (let early = 0; early < STEP_MS; early += 3) {
    const sound = steps(1);
    const [from, missing] = [(RATE * (400 + early)) / 1000, (RATE * ms) / 1000];
    // The last four milliseconds, over and over, as who conceals does it.
    for (let nth = from; nth < from + missing; nth++) sound[nth] = sound[nth - 32] ?? 0;
    const longest = Math.max(0, ...gapsIn(sound));
    expect(longest).toBeGreaterThanOrEqual(ms - STEP_MS);
    expect(longest).toBeLessThanOrEqual(ms);
  }
});

test("silence is a gap, though all pitches go by in it", () => {
  const sound = steps(2);
  sound.fill(0, RATE / 2, (RATE * 3) / 4);
  expect(gapsIn(sound)).toHaveLength(1);
  expect(gapsIn(sound)[0]).toBeGreaterThan(220);
});
