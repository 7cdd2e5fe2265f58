import fc from "fast-check";
import { expect, test } from "vitest";
import { excerpt } from "./excerpt.ts";

const drawn = (text: string, search: string) =>
  excerpt(text, search)
    .map((piece) => (piece.isHit ? `[${piece.text}]` : piece.text))
    .join("");

test("what was searched for is marked, in any case", () => {
  expect(drawn("Lunch at one? LUNCH!", "lunch")).toBe("[Lunch] at one? [LUNCH]!");
  expect(drawn("bells and towers", "tower bell")).toBe("[bell]s and [tower]s");
  expect(drawn("nothing here", "xyz")).toBe("nothing here");
});

test("a long message is shown from shortly before what was found", () => {
  const text = `${"far ".repeat(50)}carillon`;
  expect(drawn(text, "carillon")).toBe("…far far far far far far [carillon]");
});

test("whatever is searched for in whatever was written, it ends", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (text, search) => {
      expect(Array.isArray(excerpt(text, search))).toBe(true);
    }),
  );
});
