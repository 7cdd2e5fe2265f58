import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mosOf, mosOfRating, ratingOf } from "./mos.ts";

const GOOD = { lossFraction: 0, roundTripMs: 0, jitterMs: 0, codec: "PCMU" };

describe("the E-model", () => {
  test("G.107 Table B.1: ratings and what people say of them", () => {
    const rows = [
      [90, 4.34],
      [80, 4.03],
      [70, 3.6],
      [60, 3.1],
      [50, 2.58],
    ] as const;
    for (const [rating, mos] of rows) expect(mosOfRating(rating)).toBeCloseTo(mos, 1);
  });

  test("G.107 §7.4: delay counts more from 177 ms on, and loss by what a codec stands", () => {
    const none = ratingOf(GOOD);
    expect(none).toBeCloseTo(93.2 - 0.024 * 40, 5);
    expect(none - ratingOf({ ...GOOD, roundTripMs: 200 })).toBeCloseTo(2.4, 5);
    expect(none - ratingOf({ ...GOOD, roundTripMs: 400 })).toBeCloseTo(4.8 + 0.11 * 62.7, 5);
    // At its robustness, half of what there is to lose.
    expect(none - ratingOf({ ...GOOD, lossFraction: 0.251 })).toBeCloseTo(47.5, 5);
    expect(mosOf(GOOD)).toBe(4.39);
  });

  test("G.113 Appendix I: codecs stand loss differently", () => {
    const at = (codec: string) => mosOf({ ...GOOD, lossFraction: 0.05, codec });
    expect(at("opus")).toBeGreaterThan(at("pcmu"));
    expect(at("PCMA")).toBe(at("PCMU"));
    expect(at("G722")).toBeLessThan(at("PCMU"));
    expect(at("anything")).toBeLessThan(at("G722"));
  });

  test("G.113 Appendix I: what each codec loses by itself, and at a tenth lost", () => {
    const at = (codec: string) =>
      [0, 0.1].map((lossFraction) => ratingOf(GOOD) - ratingOf({ ...GOOD, lossFraction, codec }));
    const rows = [
      ["pcmu", 0, 25.1],
      ["PCMA", 0, 25.1],
      ["G722", 0, 18],
      ["g729", 11, 19],
      ["GSM", 20, 10],
      ["opus", 0, 28],
      ["unheard-of", 5, 10],
    ] as const;
    for (const [codec, own, robustness] of rows) {
      const [none = 0, tenth = 0] = at(codec);
      expect(none).toBeCloseTo(own, 9);
      expect(tenth).toBeCloseTo(own + ((95 - own) * 10) / (10 + robustness), 9);
    }
  });

  test("jitter is waited out twice, and nothing goes beyond its ends", () => {
    const none = ratingOf(GOOD);
    expect(none - ratingOf({ ...GOOD, jitterMs: 50 })).toBeCloseTo(0.024 * 100, 9);
    const worst = { lossFraction: 1, roundTripMs: 1e9, jitterMs: 1e9, codec: "gsm" };
    expect([ratingOf(worst), mosOf(worst)]).toEqual([0, 1]);
    expect(mosOfRating(0)).toBe(1);
    expect(mosOfRating(2)).toBe(1);
    expect(ratingOf({ ...GOOD, lossFraction: 7 })).toBe(ratingOf({ ...GOOD, lossFraction: 1 }));
    expect(ratingOf({ ...GOOD, lossFraction: -1, roundTripMs: -9, jitterMs: -9 })).toBe(none);
    const late = (ms: number) => ratingOf({ ...GOOD, roundTripMs: ms });
    expect(late(600)).toBeCloseTo(93.2 - 0.024 * 340 - 0.11 * 162.7, 9);
  });

  test("nothing gets better by being worse, and a score is from 1 to 4.4", () => {
    const number = fc.double({ min: 0, max: 5000, noNaN: true });
    const line = fc.record({
      lossFraction: fc.double({ min: 0, max: 1, noNaN: true }),
      roundTripMs: number,
      jitterMs: number,
    });
    fc.assert(
      fc.property(line, line, (a, more) => {
        const worse = {
          lossFraction: Math.min(1, a.lossFraction + more.lossFraction),
          roundTripMs: a.roundTripMs + more.roundTripMs,
          jitterMs: a.jitterMs + more.jitterMs,
        };
        const [better, bad] = [a, worse].map((each) => ({ ...each, codec: "opus" }));
        if (!better || !bad) throw new Error("two lines");
        expect(ratingOf(bad)).toBeLessThanOrEqual(ratingOf(better));
        for (const each of [better, bad]) {
          expect(mosOf(each)).toBeGreaterThanOrEqual(1);
          expect(mosOf(each)).toBeLessThanOrEqual(4.42);
        }
      }),
    );
  });

  test("what is no number, as a browser gives before it knows, is no impairment", () => {
    const unknown = { ...GOOD, roundTripMs: Number.NaN, jitterMs: Number.NaN };
    expect(mosOf(unknown)).toBe(mosOf(GOOD));
  });
});
