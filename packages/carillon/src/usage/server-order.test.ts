import { describe, expect, test } from "vitest";
import { printValue } from "./picture.ts";
import * as machine from "./server-order.ts";

const P: machine.Params = {
  count: 3,
  patienceMs: 5000,
  comeBack: { baseMs: 30_000, maxMs: 600_000 },
};

/** What it says to each input in turn. */
function told(inputs: readonly (readonly [at: number, input: machine.Input])[]): string[] {
  let [state] = machine.start(P, 0);
  return inputs.map(([at, input]) => {
    const [next, ...outputs] = machine.step(P, state, input, at);
    state = next;
    return [printValue(state), ...outputs.map(printValue)].join(" | ");
  });
}

const random = 0;
const want = { kind: "Want" } as const;
const failed = { kind: "Failed", random } as const;
const worked = { kind: "Worked", random } as const;
const lost = { kind: "Lost" } as const;
const tick = { kind: "Tick", random } as const;

describe("of several servers", () => {
  test("one after the other is tried, and when all have failed somebody is told", () => {
    expect(
      told([
        [0, want],
        [10, failed],
        [20, failed],
        [30, failed],
        [40, want],
      ]),
    ).toEqual([
      "Trying (server 0, Patience 5000) | Try (server 0)",
      "Trying (server 1, Patience 5010) | Try (server 1)",
      "Trying (server 2) | Try (server 2)",
      "Idle | Exhausted",
      "Trying (server 0, Patience 5040) | Try (server 0)",
    ]);
  });

  test("one that says nothing is left for the next; the last one has all its time", () => {
    expect(
      told([
        [0, want],
        [4999, tick],
        [5000, tick],
        [10_000, tick],
        [900_000, tick],
      ]),
    ).toEqual([
      "Trying (server 0, Patience 5000) | Try (server 0)",
      "Trying (server 0, Patience 5000)",
      "Trying (server 1, Patience 10000) | Leave (server 0) | Try (server 1)",
      "Trying (server 2) | Leave (server 1) | Try (server 2)",
      "Trying (server 2)",
    ]);
  });

  test("a lesser one serves until a better one is back, tried more and more rarely", () => {
    const script = told([
      [0, want],
      [0, failed],
      [0, worked],
      [15_000, tick],
      [16_000, failed],
      [46_000, tick],
      [47_000, worked],
      [900_000, tick],
    ]);
    expect(script.slice(2)).toEqual([
      "Using (server 1, Return 15000, failures 0)",
      "Returning (server 1, better 0, Patience 20000, failures 0) | Try (server 0)",
      "Using (server 1, Return 46000, failures 1)",
      "Returning (server 1, better 0, Patience 51000, failures 1) | Try (server 0)",
      "Using (server 0, failures 0) | Moved (server 0)",
      "Using (server 0, failures 0)",
    ]);
  });

  test("the one in use is lost while a better one is tried: that one is what is tried now", () => {
    const all: [number, machine.Input][] = [
      [0, want],
      [0, failed],
      [0, failed],
      [0, worked],
    ];
    expect(told([...all, [15_000, tick], [15_100, lost], [15_200, want]]).slice(4)).toEqual([
      "Returning (server 2, better 0, Patience 20000, failures 0) | Try (server 0)",
      "Trying (server 0, Patience 20000)",
      "Trying (server 0, Patience 20000)",
    ]);
  });

  test("who is no longer wanted leaves what is under way", () => {
    const abandon = { kind: "Abandon" } as const;
    expect(
      told([
        [0, want],
        [1, abandon],
        [2, want],
        [3, worked],
        [4, abandon],
      ]),
    ).toEqual([
      "Trying (server 0, Patience 5000) | Try (server 0)",
      "Idle | Leave (server 0)",
      "Trying (server 0, Patience 5002) | Try (server 0)",
      "Using (server 0, failures 0)",
      "Idle",
    ]);
  });
});
