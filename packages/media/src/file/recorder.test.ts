import { tone } from "carillon/rtp";
import { expect, test } from "vitest";
import { toneShare } from "../sound/tone-share.ts";
import { type Recorded, Recorder, type RecordingSink } from "./recorder.ts";

class Kept implements RecordingSink {
  readonly sampleRate = 16_000;
  readonly channels: 1 | 2;
  readonly samples: number[] = [];
  isEnded = false;

  constructor(channels: 1 | 2) {
    this.channels = channels;
  }

  append(pcm: Int16Array): void {
    this.samples.push(...pcm);
  }

  end(): void {
    this.isEnded = true;
  }

  channel(nth: number): Int16Array {
    return Int16Array.from(this.samples.filter((_, at) => at % this.channels === nth));
  }
}

/** Two seconds in which we say 400 Hz at 48 kHz, and hear 1 kHz at 8 kHz from `from` to `to`. */
function call(what: Recorded, { from = 0, to = 100 } = {}): Kept {
  const kept = new Kept(what === "stereo" ? 2 : 1);
  const recorder = new Recorder(kept, what);
  const said = recorder.said(tone({ frequencies: [400], amplitude: 0.14, sampleRate: 48_000 }));
  const theirs = tone({ frequencies: [1000], amplitude: 0.14, sampleRate: 8000 });
  const played: number[] = [];
  const heard = recorder.heard({ write: (pcm, rate) => played.push(pcm.length, rate) });
  for (let nth = 0; nth < 100; nth++) {
    expect(said.read(960)?.length).toBe(960);
    if (nth >= from && nth < to) heard.write(theirs.read(160) ?? new Int16Array(), 8000);
  }
  recorder.end();
  expect(kept.isEnded).toBe(true);
  expect(played).toHaveLength(2 * (to - from));
  return kept;
}

const middle = (pcm: Int16Array): Int16Array => pcm.subarray(8000, 24_000);

test("both sides, each on its channel and as long as the call", () => {
  const kept = call("stereo");
  const [left, right] = [kept.channel(0), kept.channel(1)];
  expect(toneShare(middle(left), 16_000, 400)).toBeGreaterThan(0.99);
  expect(toneShare(middle(right), 16_000, 1000)).toBeGreaterThan(0.99);
  expect(Math.abs(left.length - 32_000)).toBeLessThan(20);
});

test("both sides mixed, or one of them alone", () => {
  const mixed = middle(call("mixed").channel(0));
  expect(toneShare(mixed, 16_000, 400)).toBeCloseTo(0.5, 1);
  expect(toneShare(mixed, 16_000, 1000)).toBeCloseTo(0.5, 1);
  expect(toneShare(middle(call("said").channel(0)), 16_000, 400)).toBeGreaterThan(0.99);
  expect(toneShare(middle(call("heard").channel(0)), 16_000, 1000)).toBeGreaterThan(0.99);
});

test("a side that falls silent holds up nothing, and comes where it belongs again", () => {
  const kept = call("stereo", { from: 50 });
  const right = kept.channel(1);
  expect(kept.channel(0).length).toBeGreaterThanOrEqual(32_000 - 20);
  expect(right.subarray(0, 8000).every((sample) => sample === 0)).toBe(true);
  expect(toneShare(right.subarray(20_000, 24_000), 16_000, 1000)).toBeGreaterThan(0.9);
});

test("what does not fit the channels of the file is the caller's mistake", () => {
  expect(() => new Recorder(new Kept(1), "stereo")).toThrow(RangeError);
  expect(() => new Recorder(new Kept(2), "mixed")).toThrow(RangeError);
});

test("loud sides together are cut off, and do not turn round", () => {
  const kept = new Kept(1);
  const recorder = new Recorder(kept, "mixed");
  const loud = new Int16Array(320).fill(30_000);
  recorder.said({ sampleRate: 16_000, read: () => loud }).read(320);
  recorder.heard().write(loud, 16_000);
  recorder.end();
  expect(new Set(kept.samples)).toEqual(new Set([32_767]));
});
