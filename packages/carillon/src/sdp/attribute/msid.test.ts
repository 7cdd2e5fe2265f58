import fc from "fast-check";
import { expect, test } from "vitest";
import { ok } from "../../grammar/result.ts";
import { msid, msidSemantic } from "./msid.ts";

test("RFC 8830 §2: a stream and a track", () => {
  expect(msid.parse("examplefoo examplebar")).toEqual(
    ok({ id: "examplefoo", appdata: "examplebar" }),
  );
  expect(msid.parse("- a")).toMatchObject({ value: { id: "-" } });
  expect(msid.parse("{a-b}")).toEqual(ok({ id: "{a-b}", appdata: undefined }));
  for (const text of ["", "a b c", "a/b", "a".repeat(65), " a"]) {
    expect([text, msid.parse(text).ok]).toEqual([text, false]);
  }
  expect(msidSemantic.parse(" WMS *")).toEqual(ok({ semantic: "WMS", ids: ["*"] }));
  expect(msidSemantic.parse("").ok).toBe(false);
});

test("parse(format(x)) is x", () => {
  const id = fc.stringMatching(/^[a-zA-Z0-9{}-]{1,64}$/);
  const any = fc.record({ id, appdata: fc.option(id, { nil: undefined }) });
  fc.assert(
    fc.property(any, (x) => {
      expect(msid.parse(msid.format(x))).toEqual(ok(x));
    }),
  );
  const old = fc.record({ semantic: fc.constant("WMS"), ids: fc.array(id) });
  fc.assert(
    fc.property(old, (x) => {
      expect(msidSemantic.parse(msidSemantic.format(x))).toEqual(ok(x));
    }),
  );
});
