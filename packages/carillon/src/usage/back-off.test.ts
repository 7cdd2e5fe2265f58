import { expect, test } from "vitest";
import { backOffMs, DEFAULT_BACK_OFF, isWorthARetry } from "./back-off.ts";
import { isLonger, refreshAfterMs } from "./refresh-time.ts";

//= RFC 5626 §4.5
//# W = min (max-time, (base-time * (2 ^ consecutive-failures)))
//= RFC 5626 §4.5
//# The actual amount of time the UA waits before retrying registration (the retry delay time) is
//# computed by selecting a uniform random time between 50 and 100% of the upper-bound wait time.
//= RFC 5626 §4.5
//# max-time with a default of 1800 seconds
//= RFC 5626 §4.5
//# base-time (if all failed) with a default of 30 seconds
test("RFC 5626 §4.5: half to all of a time that doubles up to half an hour", () => {
  const after = (failures: number, random: number) =>
    backOffMs(DEFAULT_BACK_OFF, failures, random) / 1000;
  expect([after(1, 0), after(1, 1)]).toEqual([30, 60]);
  expect([after(3, 0), after(3, 1)]).toEqual([120, 240]);
  expect([after(50, 0), after(5000, 1)]).toEqual([900, 1800]);
});

test("what is worth another try: silence, the server's faults, and where it says when", () => {
  expect([400, 403, 408, 499, 500, 599, 600].filter((s) => isWorthARetry(s, undefined))).toEqual([
    ...[408, 500, 599],
  ]);
  expect(isWorthARetry(486, 60)).toBe(true);
});

test("a refresh is due at half of a short time, ten minutes before the end of a long one", () => {
  expect([60, 1200, 3600].map((seconds) => refreshAfterMs(seconds) / 1000)).toEqual([
    30, 600, 3000,
  ]);
});

test("a Min-Expires counts if it is more than was asked for, and a number of 32 bits", () => {
  expect([undefined, 59, 60, 61, 2 ** 32 - 1, 2 ** 32].filter((s) => isLonger(s, 60))).toEqual([
    ...[61, 2 ** 32 - 1],
  ]);
});
