import { expect, test } from "vitest";
import { MOST_OCTETS, textTrouble } from "./text-trouble.ts";

test("a text may have 15,000 octets, however many letters that are", () => {
  expect(textTrouble("x".repeat(MOST_OCTETS))).toBeUndefined();
  expect(textTrouble("ä".repeat(MOST_OCTETS / 2))).toBeUndefined();
  expect(textTrouble("x".repeat(MOST_OCTETS + 7))).toBe(
    "This is too long by about 7 letters. Send it as a file, or in two messages.",
  );
  expect(textTrouble("ä".repeat(MOST_OCTETS / 2 + 1))).toContain("about 2 letters");
});
