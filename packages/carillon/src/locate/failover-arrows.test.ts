import fc from "fast-check";
import { expect, test } from "vitest";
import { type Millis, NEVER } from "../grammar/millis.ts";
import * as failover from "./failover.ts";
import { MAX_TARGETS } from "./target.ts";
import { arrows } from "./testing-arrows.ts";
import { ABANDON, params, print, refused, response, TICK, timedOut } from "./testing-failover.ts";
import { targetsForSize } from "./transport-choice.ts";

type Input = failover.Input;
type Output = failover.Output;
type State = failover.State;

test("every state, every input", () => {
  const p = params(3);
  const after = (...inputs: readonly (readonly [Input, Millis])[]): State => {
    let [s] = failover.start(p, 0);
    for (const [input, now] of inputs) [s] = failover.step(p, s, input, now);
    return s;
  };
  const silent = [TICK, 2_000] as const;
  const lines = arrows<State, Input, Output>(
    (s, input, now) => failover.step(p, s, input, now),
    failover.deadline,
    [
      ["Trying 0", after()],
      ["Trying 0 silent, 1", after(silent)],
      ["Trying all silent", after(silent, [TICK, 4_000], [TICK, 6_000])],
      ["Answering 1, 0 given up", after(silent, [response(1, 180), 2_100])],
      ["Trying 2, 0 given up", after(silent, [response(1, 180), 2_100], [refused(1), 2_200])],
      ["Finished by 2xx of 1", after(silent, [response(1, 200), 2_100])],
      ["Finished by 486 of 1", after(silent, [response(1, 486), 2_100])],
      ["Ended", after([response(0, 486), 1])],
    ],
    [
      ...[100, 199, 200, 299, 300, 486, 503, 600].map(
        (status) => [`${status} of 0`, response(0, status), 2_300] as const,
      ),
      ["503 of 0, Retry-After 9", response(0, 503, 9), 2_300],
      ...[180, 200, 486, 503].map(
        (status) => [`${status} of 1`, response(1, status), 2_300] as const,
      ),
      ["200 of 7", response(7, 200), 2_300],
      ["Refused 0", refused(0), 2_300],
      ["Refused 1", refused(1), 2_300],
      ["TimedOut 0", timedOut(0), 2_300],
      ["TimedOut 1", timedOut(1), 2_300],
      ["Tick", TICK, 1_999],
      ["Tick", TICK, 2_300],
      ["Tick", TICK, 70_000],
      ["Abandon", ABANDON, 2_300],
    ],
    print,
  );
  expect(lines).toMatchSnapshot();
});

test("whatever comes, whenever: each is tried once, one outcome, and no word after the end", () => {
  const input = fc.oneof(
    fc
      .tuple(fc.nat(9), fc.constantFrom(100, 180, 200, 302, 486, 503, 603))
      .map(([id, status]) => response(id, status)),
    fc.nat(9).map(refused),
    fc.nat(9).map(timedOut),
    fc.constant(TICK),
    fc.constant(TICK),
    fc.constant(ABANDON),
  );
  const script = fc.array(fc.tuple(input, fc.nat(3_000)), { maxLength: 40 });
  fc.assert(
    fc.property(
      script,
      fc.integer({ min: 1, max: 9 }),
      fc.boolean(),
      fc.boolean(),
      (all, count, invite, large) => {
        const { targets } = params(count);
        const bytes = large ? 2_000 : 400;
        const p = { invite, targets: targetsForSize(targets, { bytes }, ["UDP", "TCP"]) };
        let now = 0;
        let [s, ...outputs] = failover.start(p, now);
        const tried: number[] = [];
        const live = new Set<number>();
        let exhausted = 0;
        const check = (was: State["name"]) => {
          if (was === "Ended") expect(outputs).toEqual([]);
          if (was === "Finished") {
            for (const { kind } of outputs) expect(["Deliver", "Late2xx"]).toContain(kind);
          }
          for (const output of outputs) {
            if (output.kind === "Exhausted") exhausted++;
            if (output.kind === "Try") {
              tried.push(output.attempt);
              live.add(output.attempt);
            }
            if (output.kind === "GiveUp") expect(live.delete(output.attempt)).toBe(true);
            if (output.kind === "Deliver") expect(live.has(output.attempt)).toBe(true);
            if (output.kind === "Late2xx") expect(live.has(output.attempt)).toBe(false);
          }
          if (!invite) expect(s.name).not.toBe("Finished");
        };
        check("Trying");
        for (const [one, wait] of all) {
          const was = s.name;
          now += wait;
          [s, ...outputs] = failover.step(p, s, one, now);
          check(was);
        }
        expect(tried).toEqual(tried.map((_, i) => i));
        expect(tried.length).toBeLessThanOrEqual(2 * MAX_TARGETS);
        expect(exhausted).toBeLessThanOrEqual(1);
        [s, ...outputs] = failover.step(p, s, ABANDON, now);
        if (failover.deadline(s) !== NEVER) [s] = failover.step(p, s, TICK, failover.deadline(s));
        expect(s).toEqual({ name: "Ended" });
      },
    ),
    { numRuns: 1_000 },
  );
});
