import fc from "fast-check";
import { expect, test } from "vitest";
import { ok } from "../../grammar/result.ts";
import { feedbackName, rtcpFb } from "./rtcp-fb.ts";

test.each([
  ["96 nack", "96", "nack", undefined],
  ["96 nack pli", "96", "nack", "pli"],
  ["* ccm fir", "*", "ccm", "fir"],
  ["98 ccm tmmbr smaxpr=120", "98", "ccm", "tmmbr smaxpr=120"],
  ["* trr-int 20", "*", "trr-int", "20"],
  ["111 transport-cc ", "111", "transport-cc", undefined],
])("RFC 4585 §4.2: %s", (text, format, type, parameter) => {
  expect(rtcpFb.parse(text)).toEqual(ok({ format, type, parameter }));
  expect(feedbackName({ format, type, parameter })).toBe(
    parameter === undefined ? type : `${type} ${parameter}`,
  );
});

test("refused", () => {
  for (const text of ["", "96", "96 ", " nack", "a/b nack", "96 na=ck"]) {
    expect([text, rtcpFb.parse(text).ok]).toEqual([text, false]);
  }
});

test("parse(format(x)) is x", () => {
  const any = fc.record({
    format: fc.constantFrom("*", "0", "127"),
    type: fc.stringMatching(/^[a-z0-9_-]{1,10}$/),
    parameter: fc.option(fc.stringMatching(/^[!-~]([ -~]{0,10}[!-~])?$/), { nil: undefined }),
  });
  fc.assert(
    fc.property(any, (x) => {
      expect(rtcpFb.parse(rtcpFb.format(x))).toEqual(ok(x));
    }),
  );
});
