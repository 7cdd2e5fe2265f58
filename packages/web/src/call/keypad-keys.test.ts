import { expect, test } from "vitest";
import { KEYS, keyOf, withKey } from "./keypad-keys.ts";

test("the twelve keys of a telephone, in rows of three", () => {
  expect(KEYS.map(({ tone }) => tone).join("")).toBe("123456789*0#");
  for (const { name } of KEYS) expect(name, "can be read out").toMatch(/^\w+$/);
});

test("keys of the keyboard are those with the same sign, and no others", () => {
  expect(["5", "*", "#", "a", "Enter"].map(keyOf)).toEqual([
    ...["5", "*", "#", undefined, undefined],
  ]);
});

test("the last sixteen are shown", () => {
  const shown = [..."12345678901234567"].reduce(withKey, "");
  expect(shown).toBe("2345678901234567");
});
