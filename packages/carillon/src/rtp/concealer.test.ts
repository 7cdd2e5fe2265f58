import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Concealer } from "./concealer.ts";

const RATES = [8000, 16_000, 48_000] as const;

/** A voice: a pitch and its overtones. */
const voice = (rate: number, hz: number, from: number, count: number) =>
  Int16Array.from({ length: count }, (_, i) => {
    const phase = (2 * Math.PI * hz * (from + i)) / rate;
    return 6000 * Math.sin(phase) + 3000 * Math.sin(2 * phase + 1) + 1500 * Math.sin(3 * phase);
  });

const rms = (pcm: ArrayLike<number>) =>
  Math.sqrt(Array.from(pcm).reduce((sum, sample) => sum + sample * sample, 0) / pcm.length);

const difference = (a: Int16Array, b: Int16Array) => a.map((sample, i) => sample - (b[i] ?? 0));

const steps = (pcm: readonly number[]) =>
  pcm.slice(1).map((sample, i) => Math.abs(sample - (pcm[i] ?? 0)));

describe("concealment of lost packets", () => {
  test.each(RATES)("at %i Hz: a voice goes on at its own pitch", (rate) => {
    for (const hz of [80, 110, 155, 190]) {
      const frame = rate / 50;
      const concealer = new Concealer(rate);
      for (let n = 0; n < 5; n++) concealer.heard(voice(rate, hz, n * frame, frame));
      const made = concealer.lost(frame / 2);
      const truth = voice(rate, hz, 5 * frame, frame / 2);
      expect(rms(difference(made, truth)) / rms(truth)).toBeLessThan(0.25);
    }
  });

  test.each(RATES)("at %i Hz: neither end of a loss clicks", (rate) => {
    const frame = rate / 50;
    const concealer = new Concealer(rate);
    const all: number[] = [];
    for (let n = 0; n < 12; n++) {
      const isLost = n === 5 || n === 6 || n === 9;
      const pcm = voice(rate, 133, n * frame, frame);
      all.push(...(isLost ? concealer.lost(frame) : concealer.heard(pcm)));
    }
    const own = Math.max(...steps([...voice(rate, 133, 0, rate)]));
    expect(Math.max(...steps(all))).toBeLessThan(1.6 * own);
  });

  test("what is lost for long fades, and is silent after 70 ms", () => {
    const concealer = new Concealer(8000);
    for (let n = 0; n < 5; n++) concealer.heard(voice(8000, 120, n * 160, 160));
    const levels = [0, 1, 2, 3, 4].map(() => rms(concealer.lost(160)));
    const falling = levels.every((level, n) => n === 0 || level < (levels[n - 1] ?? 0));
    expect(falling).toBe(true);
    expect(levels[0]).toBeGreaterThan(4000);
    expect(levels[2]).toBeGreaterThan(500);
    expect(levels[4]).toBe(0);
  });

  test("after the blend what is heard is what came", () => {
    const concealer = new Concealer(8000);
    for (let n = 0; n < 5; n++) concealer.heard(voice(8000, 120, n * 160, 160));
    concealer.lost(160);
    const came = voice(8000, 120, 6 * 160, 160);
    const heard = concealer.heard(came.slice());
    expect(heard.subarray(80)).toEqual(came.subarray(80));
    expect(heard.subarray(0, 40)).not.toEqual(came.subarray(0, 40));
  });

  test("before anything was heard there is silence", () => {
    expect(rms(new Concealer(8000).lost(320))).toBe(0);
  });

  test("any order and length of losses gives as many samples as were asked for", () => {
    const move = fc.record({ isLost: fc.boolean(), length: fc.integer({ min: 0, max: 2000 }) });
    fc.assert(
      fc.property(fc.array(move, { maxLength: 30 }), (moves) => {
        const concealer = new Concealer(8000);
        for (const { isLost, length } of moves) {
          const pcm = isLost ? concealer.lost(length) : concealer.heard(voice(8000, 99, 0, length));
          expect(pcm).toHaveLength(length);
        }
      }),
    );
  });
});
