import fc from "fast-check";
import { expect, test } from "vitest";
import { ok } from "../../grammar/result.ts";
import { framerate } from "./framerate.ts";
import { maxptime, ptime } from "./ptime.ts";

//= RFC 3264 §5.1
//# The ptime attribute MUST be greater than zero.
test("RFC 3264 §5.1: milliseconds over zero, whole or not", () => {
  for (const type of [ptime, maxptime]) {
    expect(type.parse("20")).toEqual(ok(20));
    expect(type.parse("2.5 ")).toEqual(ok(2.5));
    for (const text of ["0", "-20", "", "x", "1e3", "20.", ".5", "1.2.3", "9".repeat(17)]) {
      expect([text, type.parse(text).ok]).toEqual([text, false]);
    }
  }
});

test("parse(format(x)) is x", () => {
  const any = fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.constantFrom(2.5, 29.97, 0.125));
  fc.assert(
    fc.property(any, fc.constantFrom(ptime, maxptime, framerate), (x, type) => {
      expect(type.parse(type.format(x))).toEqual(ok(x));
    }),
  );
});
