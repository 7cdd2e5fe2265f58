import { describe, expect, test } from "vitest";
import { printValue } from "./picture.ts";
import * as machine from "./reconnection.ts";

const P: machine.Params = { keepMs: 60_000, delayMs: 0, backOff: { baseMs: 500, maxMs: 4000 } };

function told(
  inputs: readonly (readonly [at: number, input: machine.Input])[],
  params: machine.Params = P,
): string[] {
  let [state] = machine.start(params, 0);
  return inputs.map(([at, input]) => {
    const [next, ...outputs] = machine.step(params, state, input, at);
    state = next;
    return [printValue(state), ...outputs.map(printValue)].join(" | ");
  });
}

const cutOff = { kind: "CutOff" } as const;
const back = { kind: "Back" } as const;
const tick = { kind: "Tick" } as const;
const response = (status: number) => ({ kind: "Response", status, random: 0 }) as const;

describe("a dialog whose flow is gone", () => {
  test("RFC 3261 §12.2.1 is refreshed over the next one", () => {
    expect(
      told([
        [0, cutOff],
        [10_000, back],
        [10_100, response(200)],
        [20_000, back],
      ]),
    ).toEqual([
      "CutOff (GiveUp 60000) | Lost",
      "Restoring (GiveUp 60000, failures 0) | Restore",
      "Connected | Restored",
      "Connected",
    ]);
  });

  test("waits for the other side, which may be cut off as well", () => {
    const all = told([
      [0, cutOff],
      [1, back],
      [2, response(430)],
      [502, tick],
      [503, response(408)],
    ]);
    expect(all.slice(2)).toEqual([
      "Waiting (Again 502, GiveUp 60000, failures 1)",
      "Restoring (GiveUp 60000, failures 1) | Restore",
      "Waiting (Again 1503, GiveUp 60000, failures 2)",
    ]);
  });

  test("RFC 3261 §12.2.1.2 that the other side knows nothing of any more is over", () => {
    //= RFC 3261 §12.2.1.2
    //# If the response for a request within a dialog is a 481 (Call/Transaction Does Not Exist) or
    //# a 408 (Request Timeout), the UAC SHOULD terminate the dialog.
    expect(
      told([
        [0, cutOff],
        [1, back],
        [2, response(481)],
      ])[2],
    ).toBe("Terminated | GiveUp 481");
  });

  test("is given up when nothing has come of it for long enough, and not a moment earlier", () => {
    for (const way of [[cutOff], [cutOff, back], [cutOff, back, response(503)]]) {
      const began = way.map((input): [number, machine.Input] => [0, input]);
      const late = told([...began, [59_999, tick], [59_999, cutOff], [60_000, tick]]).slice(-3);
      expect(late[0]).not.toContain("GiveUp |");
      expect(late[0]).not.toContain("Terminated");
      expect(late[1]).toBe("CutOff (GiveUp 60000)");
      expect(late[2]).toBe("Terminated | GiveUp");
    }
  });

  test("is as good as new where only the media could not be asked again", () => {
    expect(
      told([
        [0, cutOff],
        [1, back],
        [2, response(488)],
      ])[2],
    ).toBe("Connected | Restored");
  });

  test("that was not lost, but whose address has changed, is refreshed at once", () => {
    expect(told([[5, { kind: "Moved" }]])).toEqual([
      "Restoring (GiveUp 60005, failures 0) | Lost | Restore",
    ]);
  });

  test("has come back as well when the other side has refreshed it over the new flow", () => {
    const refreshed = { kind: "Refreshed" } as const;
    const all = told([
      [0, cutOff],
      [1, refreshed],
      [2, back],
      [3, refreshed],
      [4, response(491)],
    ]);
    expect(all).toEqual([
      "CutOff (GiveUp 60000) | Lost",
      "CutOff (GiveUp 60000)",
      "Restoring (GiveUp 60000, failures 0) | Restore",
      "Connected | Restored",
      "Connected",
    ]);
  });

  test("RFC 3261 §14.1 one of the two leaves it to the other for a moment", () => {
    const refreshed = { kind: "Refreshed" } as const;
    const second = { ...P, delayMs: 400 };
    expect(
      told(
        [
          [0, cutOff],
          [100, back],
          [110, back],
          [200, refreshed],
        ],
        second,
      ),
    ).toEqual([
      "CutOff (GiveUp 60000) | Lost",
      "Waiting (Again 500, GiveUp 60000, failures 0)",
      "Waiting (Again 500, GiveUp 60000, failures 0)",
      "Connected | Restored",
    ]);
    expect(
      told(
        [
          [0, cutOff],
          [100, back],
          [500, tick],
        ],
        second,
      )[2],
    ).toBe("Restoring (GiveUp 60000, failures 0) | Restore");
  });
});
