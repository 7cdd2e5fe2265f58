import fc from "fast-check";
import { expect, test } from "vitest";
import { ok } from "../../grammar/result.ts";
import { tlsId } from "./tls-id.ts";

test("RFC 8842 §4: 20 to 255 of a few characters", () => {
  expect(tlsId.parse("abc3de65cddef001be82")).toEqual(ok("abc3de65cddef001be82"));
  expect([19, 20, 255, 256].map((n) => tlsId.parse("a".repeat(n)).ok)).toEqual([
    ...[false, true, true, false],
  ]);
  for (const bad of ["!", " ", "=", "~"]) expect(tlsId.parse("a".repeat(20) + bad).ok).toBe(false);
});

test("parse(format(x)) is x", () => {
  const any = fc.stringMatching(/^[A-Za-z0-9+/_-]{20,60}$/);
  fc.assert(
    fc.property(any, (x) => {
      expect(tlsId.parse(tlsId.format(x))).toEqual(ok(x));
    }),
  );
});
