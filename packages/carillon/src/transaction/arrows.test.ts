import { expect, test } from "vitest";
import { arrows, life, type Machine } from "./arrows.ts";

/** Wakes up every second for ever. */
const restless: Machine<
  null,
  { name: string; timerX: number },
  { kind: string },
  { kind: string }
> = {
  start: () => [{ name: "Awake", timerX: 1000 }, { kind: "Said" }],
  step: (_, __, { kind }, now) => [{ name: kind, timerX: now + 1000 }],
  deadline: ({ timerX }) => timerX,
};

test("a life that has no end is told up to a limit", () => {
  expect(life(restless, null, [], 3)).toEqual([
    "0 start = Awake (X 1000): Said",
    "1000 Tick = Tick (X 2000)",
    "2000 Tick = Tick (X 3000)",
  ]);
  expect(life(restless, null, [[1_000_000, { kind: "Late" }]])).toHaveLength(50);
});

test("a machine is told as each state with each input", () => {
  const states = ["One", "Two"].map((name) => ({ name, timerX: 5 }));
  expect(arrows(restless, null, states, [[{ kind: "Poke" }, 7]]).split("\n")).toEqual([
    "One + Poke at 7 = Poke (X 1007)",
    "Two + Poke at 7 = Poke (X 1007)",
  ]);
});
