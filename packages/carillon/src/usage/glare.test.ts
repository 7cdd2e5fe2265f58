import fc from "fast-check";
import { expect, test } from "vitest";
import { glareRetryAfterSeconds, glareWaitMs, mergedChange } from "./glare.ts";

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

//= RFC 3261 §14.1
//# 1. If the UAC is the owner of the Call-ID of the dialog ID (meaning it generated the value), T
//# has a randomly chosen value between 2.1 and 4 seconds in units of 10 ms.
//= RFC 3261 §14.1
//# 2. If the UAC is not the owner of the Call-ID of the dialog ID, T has a randomly chosen value of
//# between 0 and 2 seconds in units of 10 ms.
test("RFC 3261 §14.1: who made the Call-ID waits longer, both in units of 10 ms", () => {
  expect([0, 0.5, 1 - Number.EPSILON].map((r) => glareWaitMs(true, r))).toEqual([2100, 3050, 4000]);
  expect([0, 0.5, 1 - Number.EPSILON].map((r) => glareWaitMs(false, r))).toEqual([0, 1000, 2000]);
  fc.assert(
    fc.property(random, random, (ours, theirs) => {
      expect(glareWaitMs(true, ours) % 10).toBe(0);
      expect(glareWaitMs(true, ours)).toBeGreaterThan(glareWaitMs(false, theirs));
    }),
  );
});

test("RFC 3261 §14.2: the Retry-After of a 500 is between 0 and 10 seconds", () => {
  expect([0, 0.5, 1 - Number.EPSILON].map(glareRetryAfterSeconds)).toEqual([0, 5, 10]);
});

//= RFC 3261 §14.1
//# It is important to note that the full description of the session, not just the change, is sent.
test("RFC 3261 §14.1: of two changes the later counts, unless it changes nothing", () => {
  const [first, second] = [
    { method: "INVITE", offer: true },
    { method: "UPDATE", offer: true },
  ] as const;
  const refresh = { method: "UPDATE", offer: false } as const;
  expect(mergedChange(undefined, refresh)).toBe(refresh);
  expect(mergedChange(first, second)).toBe(second);
  expect(mergedChange(first, refresh)).toBe(first);
  expect(mergedChange(refresh, first)).toBe(first);
});
