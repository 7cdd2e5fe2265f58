import fc from "fast-check";
import { expect, test } from "vitest";
import { ok } from "../../grammar/result.ts";
import { bundleOnly, group, mid } from "./group.ts";

test("RFC 5888 §4, §5: tags and groups of them", () => {
  expect(mid.parse("a1")).toEqual(ok("a1"));
  expect(group.parse("BUNDLE 0 1 ")).toEqual(ok({ semantics: "BUNDLE", tags: ["0", "1"] }));
  expect(group.parse("LS")).toEqual(ok({ semantics: "LS", tags: [] }));
  expect(mid.parse("__proto__")).toEqual(ok("__proto__"));
  expect(bundleOnly.parse(undefined)).toEqual(ok(true));
  for (const text of ["", "a b", "a/b"]) expect(mid.parse(text).ok).toBe(false);
  const many = `BUNDLE ${Array.from({ length: 200 }, (_, i) => i).join(" ")}`;
  for (const text of ["", " a", "BUNDLE  a", "BUNDLE a/b", many]) {
    expect([text, group.parse(text).ok]).toEqual([text, false]);
  }
});

test("parse(format(x)) is x", () => {
  const token = fc.stringMatching(/^[a-zA-Z0-9!#$%&'*+.^_`{|}~-]{1,10}$/);
  const any = fc.record({ semantics: token, tags: fc.array(token, { maxLength: 60 }) });
  fc.assert(
    fc.property(any, (x) => {
      expect(group.parse(group.format(x))).toEqual(ok(x));
    }),
  );
  fc.assert(
    fc.property(token, (x) => {
      expect(mid.parse(mid.format(x))).toEqual(ok(x));
    }),
  );
});
