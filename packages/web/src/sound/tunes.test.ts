import { expect, test } from "vitest";
import { tonesOf } from "./bell.ts";
import { tunes } from "./tunes.ts";

/** The loudest moment of a tune that repeats, if every tone were in phase. */
function peak(name: keyof typeof tunes): number {
  const { strokes, periodSeconds } = tunes[name];
  const rounds = periodSeconds === undefined ? [0] : [0, periodSeconds, 2 * periodSeconds];
  const tones = rounds.flatMap((from) =>
    strokes.flatMap((stroke) => tonesOf({ ...stroke, atSeconds: stroke.atSeconds + from })),
  );
  return Math.max(...tones.map(({ atSeconds }) => loudnessAt(tones, atSeconds)));
}

function loudnessAt(tones: ReturnType<typeof tonesOf>, seconds: number): number {
  return tones
    .filter((tone) => tone.atSeconds <= seconds)
    .reduce((sum, t) => sum + t.level * 0.001 ** ((seconds - t.atSeconds) / t.decaySeconds), 0);
}

test("no tune clips, even where strokes overlap", () => {
  for (const name of Object.keys(tunes) as (keyof typeof tunes)[]) {
    expect(peak(name), name).toBeLessThan(1);
  }
});

test("what waits for a person repeats, what reports an event does not", () => {
  const repeating = Object.entries(tunes).filter(([, tune]) => tune.periodSeconds !== undefined);
  expect(repeating.map(([name]) => name)).toEqual(["ring", "ringBack", "knock"]);
});

test("a repeating tune is over before it begins anew", () => {
  for (const { strokes, periodSeconds } of Object.values(tunes)) {
    const last = Math.max(...strokes.map((stroke) => stroke.atSeconds));
    if (periodSeconds !== undefined) expect(last).toBeLessThan(periodSeconds);
  }
});
