import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Mixer } from "./mixer.ts";
import type { Source } from "./pcm.ts";
import { Resampler, resampled } from "./resampler.ts";
import { shortened } from "./shorten.ts";
import { samplesOf, silence, tone } from "./sources.ts";

/** The part of the energy that is at this frequency, from 0 to 1. */
function shareOf(hz: number, pcm: Int16Array, rate: number): number {
  const factor = 2 * Math.cos((2 * Math.PI * hz) / rate);
  let [last, before, energy] = [0, 0, 0];
  for (const sample of pcm) {
    [last, before] = [sample + factor * last - before, last];
    energy += sample * sample;
  }
  const power = last * last + before * before - factor * last * before;
  return energy === 0 ? 0 : (2 * power) / (pcm.length * energy);
}

const rms = (pcm: Int16Array) => Math.sqrt(pcm.reduce((sum, x) => sum + x * x, 0) / pcm.length);

function read(source: Source, samples: number, frame = samples): Int16Array {
  const all: number[] = [];
  while (all.length < samples) all.push(...(source.read(frame) ?? new Int16Array(frame)));
  return Int16Array.from(all.slice(0, samples));
}

const sine = (hz: number, rate: number, ms = 1000) =>
  tone({ frequencies: [hz], amplitude: 0.3, sampleRate: rate, lengthMs: ms });

describe("resampling", () => {
  const rates = [8000, 16_000, 32_000, 44_100, 48_000];
  const ways = rates.flatMap((from) =>
    rates.filter((to) => to !== from).map((to) => [from, to] as const),
  );

  test.each(ways)("from %i to %i Hz: a tone stays what it was", (from, to) => {
    for (const hz of [300, 1000, 3000]) {
      const pcm = read(resampled(sine(hz, from, 3000), to), to, to / 50);
      const settled = pcm.subarray(to / 10, to / 10 + to / 2);
      expect(shareOf(hz, settled, to)).toBeGreaterThan(0.999);
      expect(rms(settled) / ((0.3 * 32_767) / Math.SQRT2)).toBeCloseTo(1, 1);
    }
  });

  test.each([
    [16_000, 8000],
    [48_000, 8000],
    [48_000, 16_000],
  ] as const)("from %i to %i Hz: what is too high does not fold back", (from, to) => {
    for (const part of [0.65, 0.8, 0.95]) {
      const hz = Math.min(to * part, from / 2 - 500);
      const pcm = new Resampler(from, to).process(read(sine(hz, from), from));
      expect(rms(pcm.subarray(200)) / 7000).toBeLessThan(0.003);
    }
  });

  test("as many samples come out as go in, by the ratio, however they are cut", () => {
    const cuts = fc.array(fc.nat(700), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(fc.constantFrom(...ways), cuts, ([from, to], lengths) => {
        const [whole, pieces] = [new Resampler(from, to), new Resampler(from, to)];
        const total = lengths.reduce((sum, each) => sum + each, 0);
        const pcm = read(sine(440, from), total || 1).subarray(0, total);
        let at = 0;
        const out = lengths.flatMap((each) => {
          at += each;
          return [...pieces.process(pcm.subarray(at - each, at))];
        });
        expect(out).toEqual([...whole.process(pcm)]);
        expect(Math.abs(out.length - (total * to) / from)).toBeLessThan(1.001);
      }),
      { numRuns: 60 },
    );
  });

  test("silence and the end of a source are those of what it makes", () => {
    const quiet: Source = { sampleRate: 8000, read: () => undefined };
    expect(resampled(quiet, 16_000).read(320)).toBeUndefined();
    expect(resampled(silence(0), 16_000).read(320)).toBeNull();
    const own = silence();
    expect(resampled(own, 8000)).toBe(own);
  });

  test("throws at rates that are none", () => {
    expect(() => new Resampler(8000.5, 16_000)).toThrow(RangeError);
    expect(() => new Resampler(8000, 0)).toThrow(RangeError);
    expect(() => new Resampler(8000, 7919)).toThrow(RangeError);
  });
});

describe("sources", () => {
  test("a tone is pure, as loud as it was told, and ends", () => {
    const source = tone({ frequencies: [1000], amplitude: 0.5, lengthMs: 1000 });
    const pcm = read(source, 8000, 160);
    expect(shareOf(1000, pcm, 8000)).toBeGreaterThan(0.9999);
    expect(Math.max(...pcm)).toBe(Math.round(0.5 * 32_767));
    expect(source.read(160)).toBeNull();
  });

  test("a cadence sounds and is quiet in turn", () => {
    const ring = tone({ frequencies: [440, 480], cadenceMs: [200, 300] });
    const loud = Array.from({ length: 50 }, () => rms(ring.read(160) ?? new Int16Array(1)) > 100);
    expect(loud).toEqual(Array.from({ length: 50 }, (_, n) => n % 25 < 10));
  });

  test("samples are played once, the last frame filled up with silence", () => {
    const source = samplesOf(Int16Array.of(1, 2, 3), 8000);
    expect([source.read(2), source.read(2), source.read(2)]).toEqual([
      ...[Int16Array.of(1, 2), Int16Array.of(3, 0), null],
    ]);
  });
});

describe("three people, mixed here", () => {
  test("each hears the two others and not himself", () => {
    const mixer = new Mixer(16_000);
    const rates = [8000, 16_000, 48_000];
    const seats = rates.map(() => mixer.join());
    const voices = rates.map((rate, n) => sine(500 * (n + 1), rate, 5000));
    const heard: number[][] = [[], [], []];
    for (let tick = 0; tick < 100; tick++) {
      for (const [n, seat] of seats.entries()) {
        const rate = rates[n] ?? 0;
        seat.write(voices[n]?.read(rate / 50) ?? new Int16Array(), rate);
      }
      for (const [n, seat] of seats.entries())
        heard[n]?.push(...(seat.read(320) ?? new Int16Array(320)));
    }
    for (const [n, all] of heard.entries()) {
      const pcm = Int16Array.from(all).subarray(16_000);
      for (const m of [0, 1, 2]) {
        const share = shareOf(500 * (m + 1), pcm, 16_000);
        if (m === n) expect(share).toBeLessThan(0.0001);
        else expect(share).toBeCloseTo(0.5, 1);
      }
    }
  });

  test("who leaves is heard no more, and hears no more", () => {
    const mixer = new Mixer(8000);
    const [one, other] = [mixer.join(), mixer.join()];
    one.write(new Int16Array(160).fill(9), 8000);
    one.leave();
    one.write(new Int16Array(160).fill(9), 8000);
    expect([one.read(160), other.read(160), mixer.size]).toEqual([null, undefined, 1]);
  });

  test("what nobody reads is not kept, and loud voices are held to what samples can say", () => {
    const mixer = new Mixer(8000);
    const [one, two, listener] = [mixer.join(), mixer.join(), mixer.join()];
    for (let n = 0; n < 1000; n++) {
      for (const seat of [one, two]) seat.write(new Int16Array(160).fill(30_000), 8000);
    }
    const frames = Array.from({ length: 12 }, () => listener.read(160));
    expect(frames.filter((frame) => frame?.every((sample) => sample === 32_767))).toHaveLength(10);
    expect(frames.slice(10)).toEqual([undefined, undefined]);
    for (let n = 0; n < 61; n++) mixer.join();
    expect(() => mixer.join()).toThrow(RangeError);
  });
});

describe("a shorter frame", () => {
  test.each([8000, 16_000, 48_000])("at %i Hz: the pitch stays", (rate) => {
    for (const hz of [150, 250, 400]) {
      const source = sine(hz, rate, 2000);
      const frames = Array.from({ length: 50 }, (_, n) => {
        const frame = source.read(rate / 50) ?? new Int16Array();
        return n % 5 === 0 ? shortened(frame, rate) : frame;
      });
      const pcm = Int16Array.from(frames.flatMap((frame) => [...frame]));
      expect(pcm.length).toBeLessThan(rate * 0.98);
      const steps = pcm.subarray(1).map((sample, i) => Math.abs(sample - (pcm[i] ?? 0)));
      expect(Math.max(...steps)).toBeLessThan(0.3 * 32_767 * ((2 * Math.PI * hz) / rate) * 1.7);
    }
  });

  test("what is too short stays, and silence stays silence", () => {
    const few = new Int16Array(30);
    expect(shortened(few, 8000)).toBe(few);
    expect(rms(shortened(new Int16Array(160), 8000))).toBe(0);
  });
});
