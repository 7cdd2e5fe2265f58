import { describe, expect, test } from "vitest";
import { type Fraud, playFraud } from "../../testing/toll/fraud.ts";
import { TRICKS } from "../../testing/toll/swindler.ts";
import { OUTGOING_LIMITS } from "./ledger.ts";

const HOUR = 3_600_000;
const FREELY = { callsEachDay: 1_000_000, talkEachDayMs: 1000 * HOUR };
const LIMITS = { ...OUTGOING_LIMITS, ...FREELY, atOnce: 3, longestMs: HOUR };

/** What every seed has to come to. */
function expectWithin(fraud: Fraud, seed: number, atOnce: number): void {
  expect(fraud.most, `legs at a time, seed ${seed}`).toBeLessThanOrEqual(atOnce);
  expect(fraud.referred, `handed over, seed ${seed}`).toBe(0);
  expect([seed, fraud.left, fraud.kept]).toEqual([seed, { legs: 0, counted: 0 }, 0]);
}

describe("calls to elsewhere: never more than may be, in any order of what anybody does", () => {
  test("with 24 seeds, and every trick is tried", () => {
    const tried = new Set<string>();
    let answered = 0;
    for (let seed = 1; seed <= 24; seed++) {
      const loss = seed % 2 ? 0 : 0.1;
      const sessionSeconds = seed % 3 ? undefined : 120;
      const expires = sessionSeconds && { sessionSeconds };
      const fraud = playFraud({ seed, limits: LIMITS, loss, ...expires });
      expectWithin(fraud, seed, LIMITS.atOnce);
      for (const trick of fraud.tried.keys()) tried.add(trick);
      answered += fraud.answered;
    }
    expect([...tried].sort()).toEqual([...new Set(TRICKS)].sort());
    expect(answered, "and people can call").toBeGreaterThan(24 * 8);
  });

  test("talk of a day ends when it is used up, on all legs", () => {
    for (let seed = 101; seed <= 112; seed++) {
      const limits = { ...LIMITS, talkEachDayMs: 600_000 };
      const fraud = playFraud({ seed, limits, tricks: 200, loss: seed % 2 ? 0 : 0.1 });
      expectWithin(fraud, seed, limits.atOnce);
      // A BYE may be lost, and the INVITE is not talk yet.
      const slack = 60_000 * limits.atOnce;
      expect(fraud.talkedMs, `seed ${seed}`).toBeLessThanOrEqual(limits.talkEachDayMs + slack);
    }
  });

  test("and without a limit the same tricks get more: the gateway would have seen it", () => {
    const frauds = [1, 3, 5].map((seed) => playFraud({ seed, limits: undefined }));
    expect(Math.min(...frauds.map(({ most }) => most))).toBeGreaterThan(2 * LIMITS.atOnce);
    expect(Math.min(...frauds.map(({ referred }) => referred))).toBeGreaterThan(0);
  });
});
