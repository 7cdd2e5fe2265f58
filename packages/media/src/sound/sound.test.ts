import { tone } from "carillon/rtp";
import { expect, test } from "vitest";
import { levelDbfs, SILENCE_DBFS } from "./level.ts";
import { meteredSink, meteredSource } from "./meter.ts";
import { RateAdapter } from "./rate-adapter.ts";
import { SampleQueue } from "./sample-queue.ts";
import { toneShare } from "./tone-share.ts";

test("whatever comes is brought to one rate, each with a filter of its own", () => {
  const adapter = new RateAdapter(16_000);
  const [low, high] = [8000, 48_000].map((sampleRate) => tone({ frequencies: [1000], sampleRate }));
  const heard: number[][] = [[], []];
  for (let nth = 0; nth < 50; nth++) {
    heard[0]?.push(...adapter.adapt(low?.read(160) ?? new Int16Array(), 8000));
    heard[1]?.push(...adapter.adapt(high?.read(960) ?? new Int16Array(), 48_000));
  }
  for (const samples of heard) {
    expect(samples).toHaveLength(16_000);
    expect(toneShare(Int16Array.from(samples.slice(1600, 9600)), 16_000, 1000)).toBeGreaterThan(
      0.99,
    );
  }
  const same = Int16Array.of(1, 2, 3);
  expect(adapter.adapt(same, 16_000)).toBe(same);
});

const at = (amplitude: number) => tone({ frequencies: [1000], amplitude, sampleRate: 48_000 });

test("levels: a square wave at full scale has 0 dBFS, a sine -3, silence the least", () => {
  const square = Int16Array.from({ length: 100 }, (_, at) => (at & 1 ? 32_767 : -32_768));
  expect(levelDbfs(square)).toBeCloseTo(0, 2);
  expect(levelDbfs(at(1).read(48_000) ?? square)).toBeCloseTo(-3, 1);
  expect(levelDbfs(at(0.01414).read(48_000) ?? square)).toBeCloseTo(-40, 1);
  expect(levelDbfs(new Int16Array(100))).toBe(SILENCE_DBFS);
});

test("a meter tells ten times a second, and lets everything through", () => {
  const levels: number[] = [];
  const source = meteredSource(at(0.1414), (dbfs) => levels.push(dbfs));
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

test("a queue gives back what was added, in order, and zeros where there is none", () => {
  const queue = new SampleQueue();
  queue.add(Int16Array.of(1, 2, 3));
  queue.add(Int16Array.of(4, 5));
  expect([...queue.take(2)]).toEqual([1, 2]);
  expect(queue.trim(2)).toBe(1);
  expect([...queue.take(4)]).toEqual([4, 5, 0, 0]);
  expect(queue.length).toBe(0);
});
