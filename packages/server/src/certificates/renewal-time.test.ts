import fc from "fast-check";
import { expect, test } from "vitest";
import { renewalTime, retryDelayMs } from "./renewal-time.ts";

const DAY = 86_400_000;
const HOUR = 3_600_000;

test("a certificate of 90 days is renewed on the 60th day, or a few days before", () => {
  const life = { validFrom: 0, validTo: 90 * DAY };
  expect(renewalTime(life, 0)).toBe(60 * DAY);
  expect(renewalTime(life, 1)).toBe(55.5 * DAY);
});

test("it is renewed while it is valid, whatever its life and the chance", () => {
  const life = fc.tuple(fc.integer({ min: 0, max: 1e13 }), fc.integer({ min: 1000, max: 1e12 }));
  fc.assert(
    fc.property(life, fc.double({ min: 0, max: 1, noNaN: true }), ([from, lives], chance) => {
      const at = renewalTime({ validFrom: from, validTo: from + lives }, chance);
      expect(at).toBeGreaterThan(from + lives / 2);
      expect(at).toBeLessThanOrEqual(from + (2 / 3) * lives);
    }),
  );
});

test("whoever fails comes again after a minute, four, a quarter of an hour, … half a day", () => {
  const delays = [1, 2, 3, 4, 5, 6, 20].map((times) => retryDelayMs(times, 0));
  expect(delays.map((ms) => ms / 60_000)).toEqual([1, 4, 16, 64, 256, 720, 720]);
  // Authorities take five failures of an account and name in an hour.
  expect(delays.slice(0, 4).reduce((sum, ms) => sum + ms)).toBeGreaterThan(HOUR);
  expect(retryDelayMs(1, 1)).toBe(75_000);
});
