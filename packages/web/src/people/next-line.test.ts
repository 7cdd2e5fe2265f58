import { expect, test } from "vitest";
import { nextLine } from "./next-line.ts";

const CONNECTING = "Connecting to the house.";
const GONE = "The server cannot be reached.";

test("a page that opens says nothing of connecting unless that takes long", () => {
  const opening = { words: CONNECTING, tries: true, wasHere: false };
  expect(nextLine(undefined, opening).afterMs).toBeGreaterThanOrEqual(3000);
  expect(nextLine(undefined, { ...opening, wasHere: true }).afterMs).toBeLessThan(1000);
});

test("while it is tried again, the reason stays: no line comes and goes with each try", () => {
  const again = { words: CONNECTING, tries: true, wasHere: true };
  expect(nextLine(GONE, again)).toEqual({ words: GONE, afterMs: 0 });
  expect(nextLine(CONNECTING, { ...again, words: GONE, tries: false }).words).toBe(GONE);
});

test("it goes at once when all is well", () => {
  const well = { words: undefined, tries: false, wasHere: true };
  expect(nextLine(GONE, well)).toEqual({ words: undefined, afterMs: 0 });
});
