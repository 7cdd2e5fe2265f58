import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NEVER } from "../../transaction/timers.ts";
import { deadline, type Input, kept, LEG_TIMES, resume, type State, start, step } from "./leg.ts";

const PARAMS = { ...LEG_TIMES, longestMs: 3_600_000 };
const ANSWERED: Input = { kind: "Answered", sessionMs: undefined };

/** Any input, as a far side or a clock brings it. */
const input: fc.Arbitrary<Input> = fc.oneof(
  fc.record({
    kind: fc.constantFrom("Answered" as const, "Refreshed" as const),
    sessionMs: fc.option(fc.nat(1_800_000), { nil: undefined }),
  }),
  fc.record({
    kind: fc.constantFrom("Refused", "Parted", "Doubted", "Leaving", "Exhausted", "Tick" as const),
  }) as fc.Arbitrary<Input>,
  fc.record({
    kind: fc.constant("ByeAnswered" as const),
    status: fc.integer({ min: 200, max: 699 }),
  }),
);

describe("a leg of a call that leaves", () => {
  test("counts until its other side says that it is over, whoever else says so", () => {
    const [talking] = step(PARAMS, start(PARAMS, 0)[0], ANSWERED, 10);
    expect(step(PARAMS, talking, { kind: "Parted" }, 20)[1]).toEqual({ kind: "Free" });
    const [doubted, ...outputs] = step(PARAMS, talking, { kind: "Doubted" }, 20);
    expect(outputs).toEqual([{ kind: "ByeThere" }]);
    //= RFC 3261 §15.1.1
    //# If the response for the BYE is a 481 (Call/Transaction Does Not Exist) or a 408 (Request
    //# Timeout) or no response at all is received for the BYE (that is, a timeout is returned by
    //# the client transaction), the UAC MUST consider the session and the dialog terminated.
    for (const status of [200, 481, 408]) {
      const bye = { kind: "ByeAnswered", status } as const;
      expect(step(PARAMS, doubted, bye, 30)[1]).toEqual({ kind: "Free" });
    }
    const refused = step(PARAMS, doubted, { kind: "ByeAnswered", status: 500 }, 30);
    expect(refused).toEqual([doubted]);
  });

  test("ends when its session has expired, and at its longest however it is refreshed", () => {
    const answered: Input = { kind: "Answered", sessionMs: 90_000 };
    let [state]: readonly [State, ...unknown[]] = step(PARAMS, start(PARAMS, 0)[0], answered, 0);
    expect(deadline(state)).toBe(122_000);
    for (let at = 60_000; at < PARAMS.longestMs; at += 60_000) {
      [state] = step(PARAMS, state, { kind: "Refreshed", sessionMs: 90_000 }, at);
    }
    expect(deadline(state)).toBe(PARAMS.longestMs);
    const [parting, output] = step(PARAMS, state, { kind: "Tick" }, PARAMS.longestMs);
    expect([parting.name, output]).toEqual(["Parting", { kind: "ByeBoth" }]);
  });

  test("any inputs at any times: it is freed once, and in time", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(input, fc.nat(900_000)), { maxLength: 40 }), (inputs) => {
        let [state]: readonly [State, ...unknown[]] = start(PARAMS, 0);
        let [now, freed] = [0, 0];
        const take = (one: Input): void => {
          const [next, ...outputs] = step(PARAMS, state, one, now);
          expect(state.name === "Terminated" && outputs.length > 0).toBe(false);
          freed += outputs.filter(({ kind }) => kind === "Free").length;
          state = next;
        };
        for (const [one, afterMs] of inputs) {
          const until = now + afterMs;
          for (let due = deadline(state); due <= until; due = deadline(state)) {
            now = Math.max(now, due);
            take({ kind: "Tick" });
          }
          now = until;
          take(one);
        }
        for (let due = deadline(state); due !== NEVER; due = deadline(state)) {
          now = Math.max(now, due);
          take({ kind: "Tick" });
        }
        expect([state.name, freed]).toEqual(["Terminated", 1]);
        const most = PARAMS.callingMs + PARAMS.longestMs + 3 * PARAMS.partingMs;
        const given = inputs.reduce((sum, [, afterMs]) => sum + afterMs, 0);
        expect(now).toBeLessThanOrEqual(Math.max(most, given));
      }),
    );
  });
});

describe("a leg that an earlier run began", () => {
  /** Any state that some inputs lead to, and when that was. */
  const reached = fc.array(fc.tuple(input, fc.nat(60_000)), { maxLength: 8 }).map((inputs) => {
    let [state, now]: [State, number] = [start(PARAMS, 0)[0], 0];
    for (const [one, afterMs] of inputs) {
      now += afterMs;
      [state] = step(PARAMS, state, one, now);
    }
    return { state, now };
  });

  test("goes on after any restart, and ends when it may last no longer", () => {
    fc.assert(
      fc.property(reached, fc.nat(7_200_000), ({ state, now }, awayMs) => {
        const left = kept(state);
        expect(left === undefined).toBe(state.name === "Terminated");
        if (!left) return;
        const from = now + awayMs;
        let again = resume(PARAMS, left, from);
        let at = from;
        for (let i = 0; i < 20 && again.name !== "Terminated"; i++) {
          at = Math.max(at, deadline(again));
          [again] = step(PARAMS, again, { kind: "Tick" }, at);
        }
        expect(again.name).toBe("Terminated");
        expect(at - from).toBeLessThanOrEqual(PARAMS.longestMs + 4 * PARAMS.partingMs);
      }),
    );
  });

  test("is the same leg, where no time has passed while somebody talks", () => {
    const answered: Input = { kind: "Answered", sessionMs: 90_000 };
    const [talking] = step(PARAMS, start(PARAMS, 0)[0], answered, 10);
    const left = kept(talking);
    expect(left && resume(PARAMS, left, 10)).toEqual(talking);
    expect(left && JSON.parse(JSON.stringify(left))).toEqual(left);
    const [unlimited] = step(PARAMS, start(PARAMS, 0)[0], ANSWERED, 10);
    expect(JSON.parse(JSON.stringify(kept(unlimited)))).toEqual({
      ...{ phase: "Talking", endsAt: 10 + PARAMS.longestMs },
    });
  });

  test("whose session ran out meanwhile is waited for once more, and then ended", () => {
    const answered: Input = { kind: "Answered", sessionMs: 90_000 };
    const [talking] = step(PARAMS, start(PARAMS, 0)[0], answered, 0);
    const left = kept(talking);
    if (!left) throw new Error("it counts");
    const again = resume(PARAMS, left, 600_000);
    expect(deadline(again)).toBe(600_000 + PARAMS.graceMs);
    expect(step(PARAMS, again, { kind: "Tick" }, deadline(again))[1]).toEqual({ kind: "ByeBoth" });
    expect(step(PARAMS, again, { kind: "Refreshed", sessionMs: undefined }, 600_001)[0]).toEqual({
      ...{ name: "Talking", timerLongest: PARAMS.longestMs, timerSession: NEVER },
    });
  });
});
