import { expect, test } from "vitest";
import { type Look, SilenceWatch } from "./silence-watch.ts";

/** Looks five times a second; when it told of silence, in milliseconds. */
function told(untilMs: number, at: (nowMs: number) => Omit<Look, "nowMs">): readonly number[] {
  const times: number[] = [];
  let nowMs = 0;
  const watch = new SilenceWatch(() => void times.push(nowMs));
  for (; nowMs <= untilMs; nowMs += 200) watch.look({ nowMs, ...at(nowMs) });
  return times;
}

test("sound that stops is told of within a second, once", () => {
  const times = told(20_000, (nowMs) => ({ heardMs: Math.min(nowMs, 5000), isDue: true }));
  expect(times).toEqual([5400]);
});

test("it is told of also where the browser forgets when it came", () => {
  const heardMs = (nowMs: number) => (nowMs < 5000 ? nowMs : undefined);
  expect(told(20_000, (nowMs) => ({ heardMs: heardMs(nowMs), isDue: true }))).toEqual([5200]);
});

test("it is told of each time anew", () => {
  // Three seconds of sound, seven of silence.
  const heardMs = (nowMs: number) => nowMs - Math.max(0, (nowMs % 10_000) - 3000);
  const times = told(30_000, (nowMs) => ({ heardMs: heardMs(nowMs), isDue: true }));
  expect(times).toEqual([3400, 13_400, 23_400]);
});

test("on hold, and before the first sound, nothing is missed", () => {
  expect(told(20_000, () => ({ heardMs: undefined, isDue: true }))).toEqual([]);
  expect(told(20_000, () => ({ heardMs: 0, isDue: false }))).toEqual([]);
  const held = (nowMs: number) => ({ heardMs: Math.min(nowMs, 5000), isDue: nowMs < 5400 });
  expect(told(20_000, held)).toEqual([]);
});
