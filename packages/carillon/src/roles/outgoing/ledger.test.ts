import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NEVER } from "../../transaction/timers.ts";
import type { SavedBook } from "./kept-calls.ts";
import { Ledger, OUTGOING_LIMITS } from "./ledger.ts";

const HOUR = 3_600_000;
const LIMITS = { ...OUTGOING_LIMITS, atOnce: 2, callsEachDay: 5, talkEachDayMs: HOUR };

describe("a book", () => {
  test("a leg too many, a call too many, a minute too many: each is said in words", () => {
    const ledger = new Ledger(() => LIMITS);
    ledger.take("alice", "outside", 0);
    expect(ledger.objection("alice", 0)).toBeUndefined();
    ledger.take("alice", "outside", 0, false);
    expect(ledger.objection("alice", 0)).toContain(
      "too many calls to elsewhere at a time: alice may have 2",
    );
    expect(ledger.objection("bob", 0), "nobody else").toBeUndefined();
    ledger.free("alice", "outside", false, 0);
    for (let i = 0; i < 4; i++) {
      ledger.take("alice", "outside", 0);
      ledger.free("alice", "outside", false, 0);
    }
    ledger.free("alice", "outside", false, 0);
    expect(ledger.objection("alice", 0)).toContain(
      "too many calls to elsewhere today: alice may make 5",
    );
    expect(ledger.objection("alice", 24 * HOUR)).toBeUndefined();
  });

  test("two legs at a time use up the talk of a day twice as fast, and it comes back", () => {
    const ledger = new Ledger(() => LIMITS);
    for (const at of [0, 0]) {
      ledger.take("alice", "outside", at);
      ledger.answered("alice", at);
    }
    expect(ledger.exhaustedAt("alice", 0)).toBe(HOUR / 2);
    expect(ledger.isExhausted("alice", HOUR / 2 - 1)).toBe(false);
    expect(ledger.isExhausted("alice", HOUR / 2)).toBe(true);
    for (const _ of [0, 0]) ledger.free("alice", "outside", true, HOUR / 2);
    expect(ledger.exhaustedAt("alice", HOUR)).toBe(NEVER);
    expect(ledger.objection("alice", HOUR)).toContain(
      "too much talk to elsewhere today: alice may talk for 60 minutes",
    );
    expect(ledger.atLimit(HOUR)).toMatchObject([{ account: "alice", outside: 0, callsToday: 2 }]);
    expect(ledger.objection("alice", 24 * HOUR)).toBeUndefined();
    expect(ledger.atLimit(24 * HOUR)).toEqual([]);
  });

  test("of whoever has only called inside nothing is left", () => {
    const ledger = new Ledger(() => ({ ...LIMITS, insideAtOnce: 1 }));
    ledger.take("alice", "inside", 0);
    expect(ledger.insideObjection("alice")).toContain("too many calls at a time: alice may have 1");
    expect(ledger.objection("alice", 0)).toBeUndefined();
    ledger.free("alice", "inside", true, HOUR);
    expect([ledger.insideObjection("alice"), ledger.size]).toEqual([undefined, 0]);
  });

  test("with restarts in any order the same is spent, and no day begins anew", () => {
    const act = fc.tuple(fc.constantFrom("call", "answer", "end", "restart"), fc.nat(60_000));
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const saved: SavedBook[] = [];
        const limits = () => ({ ...LIMITS, atOnce: 9, callsEachDay: 1000, talkEachDayMs: NEVER });
        const [whole, disk] = [new Ledger(limits), (book: SavedBook) => void saved.push(book)];
        let cut = new Ledger(limits, disk);
        const legs: boolean[] = [];
        let now = 0;
        for (const [what, afterMs] of acts) {
          now += afterMs;
          if (what === "restart") {
            cut = new Ledger(limits, disk);
            const last = saved.at(-1);
            if (last) cut.restore(last, now);
            for (const isTalking of legs) cut.resume("alice", isTalking, now);
          }
          const fresh = legs.indexOf(false);
          const ended = what === "end" ? legs.shift() : undefined;
          for (const one of [whole, cut]) {
            if (what === "call") one.take("alice", "outside", now);
            if (what === "answer" && fresh >= 0) one.answered("alice", now);
            if (ended !== undefined) one.free("alice", "outside", ended, now);
          }
          if (what === "call") legs.push(false);
          if (what === "answer" && fresh >= 0) legs[fresh] = true;
          expect([cut.outside, cut.spent("alice", now)]).toEqual([
            whole.outside,
            whole.spent("alice", now),
          ]);
        }
      }),
    );
  });

  test("in any order: never more legs than let in, and talk is what was talked", () => {
    const act = fc.tuple(fc.constantFrom("call", "answer", "end"), fc.nat(60_000));
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const ledger = new Ledger(() => ({ ...LIMITS, callsEachDay: 1000, talkEachDayMs: NEVER }));
        const legs: { since: number | undefined }[] = [];
        let [now, talked] = [0, 0];
        for (const [what, afterMs] of acts) {
          now += afterMs;
          if (what === "call" && ledger.objection("alice", now) === undefined) {
            ledger.take("alice", "outside", now);
            legs.push({ since: undefined });
          }
          const fresh = legs.find(({ since }) => since === undefined);
          if (what === "answer" && fresh) {
            ledger.answered("alice", now);
            fresh.since = now;
          }
          const one = what === "end" ? legs.shift() : undefined;
          if (one) ledger.free("alice", "outside", one.since !== undefined, now);
          if (one?.since !== undefined) talked += now - one.since;
          expect(legs.length).toBeLessThanOrEqual(LIMITS.atOnce);
          expect(ledger.outside).toBe(legs.length);
        }
        const open = legs.reduce((sum, { since = now }) => sum + now - since, 0);
        expect(ledger.spent("alice", now)?.talkMs ?? 0).toBe(talked + open);
      }),
    );
  });
});
