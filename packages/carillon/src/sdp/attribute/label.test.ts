import fc from "fast-check";
import { expect, test } from "vitest";
import { ok } from "../../grammar/result.ts";
import { content } from "./content.ts";
import { label } from "./label.ts";

test("RFC 4574 §4: a token", () => {
  expect(label.parse("1")).toEqual(ok("1"));
  for (const text of ["", "a b", "a/b"]) expect(label.parse(text).ok).toBe(false);
});

test("parse(format(x)) is x", () => {
  const any = fc.stringMatching(/^[a-z0-9_.-]{1,12}$/);
  fc.assert(
    fc.property(any, (x) => {
      expect(label.parse(label.format(x))).toEqual(ok(x));
    }),
  );
  fc.assert(
    fc.property(any, (x) => {
      expect(content.parse(content.format([x]))).toEqual(ok([x]));
    }),
  );
});
