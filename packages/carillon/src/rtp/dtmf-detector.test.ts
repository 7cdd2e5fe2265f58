import fc from "fast-check";
import { expect, test } from "vitest";
import { DTMF_FREQUENCIES, DtmfDetector, type HeardKey } from "./dtmf-detector.ts";
import { fromMuLaw, toMuLaw } from "./g711.ts";
import { tone } from "./sources.ts";
import { type DtmfTone, eventOf, parseTones } from "./telephone-event.ts";

interface Press {
  readonly ms?: number;
  readonly amplitude?: number;
  readonly sampleRate?: number;
  readonly detune?: number;
}

/** A key between two silences, through G.711. */
function pressed(
  key: DtmfTone,
  { ms = 80, amplitude = 0.2, sampleRate = 8000, detune = 1 }: Press = {},
) {
  const frequencies = DTMF_FREQUENCIES[eventOf(key)]!.map((hz) => hz * detune);
  const lengthMs = ms;
  const source = tone({ frequencies, amplitude, lengthMs, sampleRate });
  const gap = new Int16Array(sampleRate / 20);
  const pcm = source.read((ms * sampleRate) / 1000) ?? gap;
  return [gap, pcm, gap].map((frame) => frame.map((sample) => fromMuLaw(toMuLaw(sample))));
}

function heard(frames: readonly Int16Array[], sampleRate = 8000): readonly HeardKey[] {
  const detector = new DtmfDetector(sampleRate);
  return frames.flatMap((frame) => [...detector.hear(frame)]);
}

const keysOf = (told: readonly HeardKey[]): string =>
  told.flatMap((each) => (each.kind === "Ended" ? [each.tone] : [])).join("");

test.each([8000, 16_000, 48_000])(
  "ITU-T Q.24: every key of 40 ms is heard, at %i Hz",
  (sampleRate) => {
    for (const key of parseTones("0123456789*#ABCD")) {
      const told = heard(pressed(key, { ms: 40, sampleRate }), sampleRate);
      expect(told.map(({ kind, tone: which }) => `${kind} ${which}`)).toEqual([
        ...[`Begun ${key}`, `Ended ${key}`],
      ]);
    }
  },
);

test("ITU-T Q.24: 1.5% beside its frequency is a key, and 3.5% is none", () => {
  for (const key of parseTones("159D*")) {
    expect(keysOf(heard(pressed(key, { detune: 1.015 })))).toBe(key);
    expect(keysOf(heard(pressed(key, { detune: 1.035 })))).toBe("");
  }
});

test("how long it was pressed is told to within two blocks", () => {
  const [, ended] = heard(pressed("5", { ms: 500 }));
  expect(ended?.kind === "Ended" && Math.abs(ended.durationMs - 500)).toBeLessThan(26);
});

test("keys one after the other are as many as were pressed, the same one twice too", () => {
  const frames = parseTones("1122#").flatMap((key) => pressed(key, { ms: 70 }));
  expect(keysOf(heard(frames))).toBe("1122#");
});

test("one tone, three tones, noise and what is too soft are no keys", () => {
  const of = (frequencies: readonly number[], amplitude = 0.2) =>
    heard([tone({ frequencies, amplitude, lengthMs: 1000 }).read(8000) ?? new Int16Array()]);
  expect(keysOf(of([697]))).toBe("");
  expect(keysOf(of([697, 1209, 440]))).toBe("");
  expect(keysOf(of([350, 440]))).toBe("");
  expect(keysOf(of([770, 1336], 0.002))).toBe("");
  let seed = 1;
  const noise = Int16Array.from({ length: 80_000 }, () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >> 18) - 8192;
  });
  expect(keysOf(heard([noise]))).toBe("");
});

test("whatever is heard, in whatever pieces, what begins ends before the next begins", () => {
  const samples = fc.array(fc.integer({ min: -32_768, max: 32_767 }), { maxLength: 600 });
  const piece = fc.oneof(
    samples,
    fc.constantFrom(..."0159#D").map((key) => [...pressed(key as DtmfTone)[1]!]),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      let sounding: string | undefined;
      for (const each of heard(pieces.map((samples) => Int16Array.from(samples)))) {
        expect(each.kind).toBe(sounding === undefined ? "Begun" : "Ended");
        if (each.kind === "Ended") expect(each.tone).toBe(sounding);
        sounding = each.kind === "Begun" ? each.tone : undefined;
      }
    }),
  );
});
