import fc from "fast-check";
import { expect, test } from "vitest";
import { ComfortNoise, noiseLevelOf, readNoiseLevel, writeNoiseLevel } from "./comfort-noise.ts";
import { tone } from "./sources.ts";

test("RFC 3389 §3.3: the level is what was written; the spectrum is passed over", () => {
  //= RFC 3389 §3.3
  //# The first byte of the payload MUST contain the noise level
  expect(readNoiseLevel(writeNoiseLevel(61))).toBe(61);
  expect(readNoiseLevel(Uint8Array.of(0x80 | 50, 1, 2, 3))).toBe(50);
  expect(readNoiseLevel(new Uint8Array())).toBeUndefined();
  expect(readNoiseLevel(writeNoiseLevel(1000))).toBe(127);
});

test("RFC 3389 §3.1: a square wave of full scale has 0 dBov, a sine 3 dB less", () => {
  expect(noiseLevelOf(new Int16Array(160).fill(-32_768))).toBeCloseTo(0, 3);
  const sine = tone({ frequencies: [500], amplitude: 1 }).read(1600) ?? new Int16Array();
  expect(noiseLevelOf(sine)).toBeCloseTo(3, 1);
  expect(noiseLevelOf(new Int16Array(160))).toBe(127);
});

test("noise is as loud as it was asked for, and every frame of it another one", () => {
  const noise = new ComfortNoise();
  const [one, other] = [new Int16Array(1600), new Int16Array(1600)];
  for (const level of [30, 45, 60]) {
    noise.fill(one, level);
    noise.fill(other, level);
    expect(Math.abs(noiseLevelOf(one) - level)).toBeLessThan(1);
    expect(one).not.toEqual(other);
  }
});

test("what is behind somebody's words is found, and followed as it gets louder", () => {
  const noise = new ComfortNoise();
  const frame = new Int16Array(160);
  const speak = (level: number, frames: number) => {
    for (let n = 0; n < frames; n++) {
      noise.fill(frame, level);
      noise.heard(frame);
    }
  };
  speak(55, 20);
  speak(15, 50);
  expect(noise.level).toBeGreaterThan(48);
  speak(40, 400);
  expect(Math.abs(noise.level - 40)).toBeLessThan(2);
});

test("no frame and no level makes it throw", () => {
  fc.assert(
    fc.property(fc.int16Array({ maxLength: 400 }), fc.integer(), (pcm, level) => {
      const noise = new ComfortNoise();
      noise.heard(pcm);
      noise.fill(pcm);
      noise.told(Math.abs(level) % 128);
      noise.fill(pcm);
      expect(noiseLevelOf(pcm)).toBeLessThanOrEqual(127);
    }),
  );
});
