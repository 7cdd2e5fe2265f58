import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lifeOf } from "../usage/picture.ts";
import * as machine from "./put-through.ts";

/** `State: outputs` for each input, in order. */
const lives = (...script: readonly (readonly [number, machine.Input])[]): readonly string[] =>
  lifeOf(machine, machine.PUT_THROUGH, script)
    .slice(1)
    .map((line) => {
      const [state = "", ...outputs] = (line.split(" = ")[1] ?? "").split(" | ");
      return `${state.split(" ")[0]}: ${outputs.join(", ")}`;
    });

const rings: machine.Input = { kind: "Progress", status: 180 };
const answered: machine.Input = { kind: "Answered" };
const joined: machine.Input = { kind: "Joined" };
const asLeft: machine.Input = { kind: "TransferorLeft" };

describe("RFC 5589 §6: a transfer that the agent carries out", () => {
  test("calls the target, tells how far it is, and gives it the place once both can talk", () => {
    expect(lives([1, rings], [2, answered], [3, joined], [4, asLeft])).toEqual([
      "Calling: Report 180",
      "Joining: Join",
      "Parting: Settle, Report 200",
      "Terminated: ",
    ]);
  });

  test("hangs up on the transferor where they do not, a while after they were told", () => {
    const late = 3 + machine.PUT_THROUGH.partingMs;
    expect(lives([2, answered], [3, joined], [late, { kind: "Tick" }]).at(-1)).toBe(
      "Terminated: Part",
    );
  });

  //= RFC 5589 §6
  //# If the Transferor's agent does not wish to participate in the remainder of the REFER process
  //# and has no intention of assisting with recovery from transfer failure, it could emit a BYE to
  //# the Transferee as soon as the REFER transaction completes.
  test("goes on without the transferor, who hung up at once", () => {
    expect(lives([1, asLeft], [2, rings], [3, answered], [4, joined])).toEqual([
      "Calling: ",
      "Calling: Report 180",
      "Joining: Join",
      "Terminated: Settle, Report 200",
    ]);
  });

  //= RFC 5589 §6
  //# The signaling relationship between the Transferor and Transferee is not terminated, so the
  //# call is recoverable if the Transfer Target cannot be reached.
  test("gives the call back where the target is not to be had", () => {
    const busy: machine.Input = { kind: "Refused", status: 486 };
    expect(lives([1, rings], [2, busy]).at(-1)).toBe("Terminated: Report 486, Return");
    expect(lives([1, asLeft], [2, busy]).at(-1)).toBe("Terminated: Report 486, GiveUp 486");
  });

  test("takes the call to the target back when it rings for too long, or cannot be joined", () => {
    const late = machine.PUT_THROUGH.callingMs + 1;
    expect(lives([late, { kind: "Tick" }])[0]).toMatch(/Withdraw, Report 408, Return$/);
    const lacking: machine.Input = { kind: "Unjoined", status: 488 };
    expect(lives([1, answered], [2, lacking]).at(-1)).toMatch(/Withdraw, Report 488, Return$/);
  });

  test("ends for all where the one who was to be put through hangs up", () => {
    const gone: machine.Input = { kind: "TransfereeLeft" };
    expect(lives([1, gone])).toEqual(["Terminated: Withdraw, Report 487, Part"]);
    expect(lives([1, asLeft], [2, answered], [3, gone]).at(-1)).toBe(
      "Terminated: Withdraw, Report 487",
    );
  });
});

const input: fc.Arbitrary<machine.Input> = fc.oneof(
  fc.record({ kind: fc.constant("Progress" as const), status: fc.integer({ min: 101, max: 199 }) }),
  fc.record({ kind: fc.constant("Refused" as const), status: fc.integer({ min: 300, max: 699 }) }),
  fc.record({ kind: fc.constant("Unjoined" as const), status: fc.constant(488) }),
  ...(
    ["Answered", "Joined", "TransferorLeft", "TransfereeLeft", "TargetLeft", "Tick"] as const
  ).map((kind) => fc.constant({ kind } as machine.Input)),
);

test("whatever comes, and when: one last word to the transferor, and none after it", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(200_000), input), { maxLength: 30 }), (script) => {
      let now = 0;
      let [state] = machine.start(machine.PUT_THROUGH, now);
      const said: machine.Output[] = [];
      const feed = (one: machine.Input) => {
        const [next, ...outputs] = machine.step(machine.PUT_THROUGH, state, one, now);
        if (state.name === "Terminated") expect(outputs).toEqual([]);
        state = next;
        said.push(...outputs);
      };
      for (const [after, one] of script) {
        now += after;
        feed(one);
      }
      for (let round = 0; state.name !== "Terminated" && round < 10; round++) {
        now = machine.deadline(state);
        feed({ kind: "Tick" });
      }
      expect(state.name).toBe("Terminated");
      const finals = said.filter((one) => one.kind === "Report" && one.status >= 200);
      expect(finals).toHaveLength(1);
      // Nobody is left with nobody: it is settled, or given back, or all are hung up on.
      const ends = said.filter(({ kind }) => ["Settle", "Return", "GiveUp"].includes(kind));
      const withdrawn = said.filter(({ kind }) => kind === "Withdraw");
      expect(ends.length + withdrawn.length).toBeGreaterThan(0);
      expect(ends.length).toBeLessThanOrEqual(1);
    }),
  );
});
