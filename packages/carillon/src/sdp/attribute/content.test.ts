import fc from "fast-check";
import { expect, test } from "vitest";
import { ok } from "../../grammar/result.ts";
import { content } from "./content.ts";

test("RFC 4796 §5: what is shown", () => {
  expect(content.parse("slides,main")).toEqual(ok(["slides", "main"]));
  const many = Array.from({ length: 200 }, () => "a").join(",");
  for (const text of ["", "a,", "a b", many]) expect(content.parse(text).ok).toBe(false);
});

test("parse(format(x)) is x", () => {
  const tags = ["slides", "speaker", "sl", "main", "alt", "x"];
  const any = fc.array(fc.constantFrom(...tags), { minLength: 1, maxLength: 9 });
  fc.assert(
    fc.property(any, (x) => {
      expect(content.parse(content.format(x))).toEqual(ok(x));
    }),
  );
});
