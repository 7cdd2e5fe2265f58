import { expect, test } from "vitest";
import { sourceAt } from "./at-rate.ts";
import { levelDbfs, SILENCE_DBFS } from "./level.ts";
import { meteredSink, meteredSource } from "./meter.ts";
import { Resampler } from "./resampler.ts";
import { SampleQueue } from "./sample-queue.ts";
import { toneShare } from "./tone-share.ts";
import { silence, tone } from "./tone-source.ts";

const RATES = [8000, 16_000, 44_100, 48_000] as const;
const PAIRS = RATES.flatMap((from) =>
  RATES.filter((to) => to !== from).map((to) => [from, to] as const),
);

/** A second through a resampler in pieces of 20 ms. */
function resampled(from: number, to: number, hertz: number): Int16Array {
  const source = tone({ hertz, sampleRate: from });
  const resampler = new Resampler(from, to);
  const pieces = Array.from({ length: 50 }, () =>
    resampler.process(source.read(from / 50) ?? new Int16Array()),
  );
  return Int16Array.from(pieces.flatMap((piece) => [...piece]));
}

test.each(PAIRS)(
  "a tone is as loud and as pure at %d Hz as it was when it comes to %d Hz",
  (from, to) => {
    const pcm = resampled(from, to, 1000);
    expect(Math.abs(pcm.length - to)).toBeLessThanOrEqual(1);
    const settled = pcm.subarray(to / 10, to / 10 + to / 2);
    expect(toneShare(settled, to, 1000)).toBeGreaterThan(0.999);
    expect(levelDbfs(settled)).toBeCloseTo(-9, 0);
  },
);

test("what the lower rate cannot have is cut off and does not come back as another tone", () => {
  expect(levelDbfs(resampled(48_000, 8000, 6000).subarray(800))).toBeLessThan(-65);
  expect(levelDbfs(resampled(48_000, 16_000, 11_000).subarray(1600))).toBeLessThan(-65);
  // What it can have stays, up to near its limit.
  expect(levelDbfs(resampled(48_000, 8000, 3200).subarray(800))).toBeGreaterThan(-10);
});

test("a source is read at any rate, and its end comes after its last sample", () => {
  const source = sourceAt(tone({ sampleRate: 8000, seconds: 1 }), 48_000);
  let samples = 0;
  for (let pcm = source.read(960); pcm; pcm = source.read(960)) samples += pcm.length;
  expect(source.read(960)).toBeNull();
  expect(Math.abs(samples - 48_000)).toBeLessThanOrEqual(960);
  const paused = sourceAt({ sampleRate: 8000, read: () => undefined }, 48_000);
  expect(paused.read(960)).toBeUndefined();
});

test("levels: a square wave at full scale has 0 dBFS, a sine -3, silence the least", () => {
  const square = Int16Array.from({ length: 100 }, (_, at) => (at & 1 ? 32_767 : -32_768));
  expect(levelDbfs(square)).toBeCloseTo(0, 2);
  expect(levelDbfs(tone({ dbfs: -3 }).read(48_000) ?? square)).toBeCloseTo(-3, 1);
  expect(levelDbfs(tone({ dbfs: -40 }).read(48_000) ?? square)).toBeCloseTo(-40, 1);
  expect(levelDbfs(new Int16Array(100))).toBe(SILENCE_DBFS);
});

test("a meter tells ten times a second, and lets everything through", () => {
  const levels: number[] = [];
  const source = meteredSource(tone({ dbfs: -20 }), (dbfs) => levels.push(dbfs));
  for (let nth = 0; nth < 50; nth++) source.read(960);
  expect(levels).toHaveLength(10);
  expect(levels.every((level) => Math.abs(level + 20) < 0.1)).toBe(true);
  const written: number[] = [];
  const said: number[] = [];
  const sink = meteredSink({ write: (pcm, rate) => written.push(pcm.length, rate) }, (l) =>
    said.push(l),
  );
  sink.write(new Int16Array(800), 8000);
  expect([written, said]).toEqual([[800, 8000], [SILENCE_DBFS]]);
});

test("tone and silence last as long as they are asked to", () => {
  const source = tone({ sampleRate: 8000, seconds: 0.5 });
  expect(source.read(3000)?.length).toBe(3000);
  expect(source.read(3000)?.length).toBe(1000);
  expect(source.read(3000)).toBeNull();
  expect(silence().read(160)).toEqual(new Int16Array(160));
});

test("a queue gives back what was added, in order, and zeros where there is none", () => {
  const queue = new SampleQueue();
  queue.add(Int16Array.of(1, 2, 3));
  queue.add(Int16Array.of(4, 5));
  expect([...queue.take(2)]).toEqual([1, 2]);
  expect(queue.trim(2)).toBe(1);
  expect([...queue.take(4)]).toEqual([4, 5, 0, 0]);
  expect(queue.length).toBe(0);
});
