import fc from "fast-check";
import { expect, test } from "vitest";
import { ok } from "../../grammar/result.ts";
import { framerate } from "./framerate.ts";

test("RFC 8866 §6.13: frames a second", () => {
  expect(framerate.parse("29.97")).toEqual(ok(29.97));
  for (const text of ["0", "", "-1", "1/2"]) expect(framerate.parse(text).ok).toBe(false);
});

test("parse(format(x)) is x", () => {
  const any = fc.integer({ min: 1, max: 240 });
  fc.assert(
    fc.property(any, (x) => {
      expect(framerate.parse(framerate.format(x))).toEqual(ok(x));
    }),
  );
});
