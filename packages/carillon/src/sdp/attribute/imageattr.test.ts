import fc from "fast-check";
import { expect, test } from "vitest";
import { ok } from "../../grammar/result.ts";
import { imageattr } from "./imageattr.ts";

test("RFC 6236 §3.1: kept as it is", () => {
  const text = "send [x=1280,y=720] recv [x=1280,y=720,q=1.0]";
  expect(imageattr.parse(`97 ${text}`)).toEqual(ok({ format: "97", text }));
  for (const bad of ["", "97", "97 ", "a/b x"]) expect(imageattr.parse(bad).ok).toBe(false);
});

test("parse(format(x)) is x", () => {
  const any = fc.record({
    format: fc.constantFrom("*", "97"),
    text: fc.stringMatching(/^[!-~][ -~]{0,20}$/),
  });
  fc.assert(
    fc.property(any, (x) => {
      expect(imageattr.parse(imageattr.format(x))).toEqual(ok(x));
    }),
  );
});
