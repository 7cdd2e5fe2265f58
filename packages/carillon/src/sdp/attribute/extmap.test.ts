import fc from "fast-check";
import { expect, test } from "vitest";
import { ok } from "../../grammar/result.ts";
import { extmap, extmapAllowMixed } from "./extmap.ts";

test("RFC 8285 §5: the examples", () => {
  expect(extmap.parse("1 http://example.com/082005/ext.htm#ttime")).toMatchObject({
    value: { id: 1, direction: undefined, attributes: undefined },
  });
  expect(extmap.parse("2/sendrecv http://example.com/082005/ext.htm#xmeta short")).toEqual(
    ok({
      id: 2,
      direction: "sendrecv",
      uri: "http://example.com/082005/ext.htm#xmeta",
      attributes: "short",
    }),
  );
  expect(extmap.parse("4096 URI-gps-string").ok).toBe(true);
  expect(extmapAllowMixed.parse(undefined)).toEqual(ok(true));
  for (const text of ["", "1", "1 ", "0 a", "256 a", "4352 a", "1/x a", "1/sendrecv/y a", "01 a"]) {
    expect([text, extmap.parse(text).ok]).toEqual([text, false]);
  }
});

test("parse(format(x)) is x", () => {
  const any = fc.record({
    id: fc.oneof(fc.integer({ min: 1, max: 255 }), fc.integer({ min: 4096, max: 4351 })),
    direction: fc.constantFrom<"sendrecv" | "recvonly" | undefined>(
      "sendrecv",
      "recvonly",
      undefined,
    ),
    uri: fc.stringMatching(/^urn:[a-z0-9:-]{1,20}$/),
    attributes: fc.option(fc.stringMatching(/^[!-~]([ -~]{0,9}[!-~])?$/), { nil: undefined }),
  });
  fc.assert(
    fc.property(any, (x) => {
      expect(extmap.parse(extmap.format(x))).toEqual(ok(x));
    }),
  );
});
