import fc from "fast-check";
import { expect, test } from "vitest";
import { ok } from "../../grammar/result.ts";
import { flagParam, fmtp, formatFmtpParams, parseFmtpParams } from "./fmtp.ts";

test("RFC 8866 §6.15: a format and the rest as it is", () => {
  const value = { format: "101", parameters: "0-15,66" };
  expect(fmtp.parse("101 0-15,66")).toEqual(ok(value));
  const t38 = { format: "t38", parameters: "a; b = c" };
  expect(fmtp.parse("t38 a; b = c")).toEqual(ok(t38));
  for (const text of ["", "101", "101 ", " x", "a/b c", "101 a\nb"]) {
    expect([text, fmtp.parse(text).ok]).toEqual([text, false]);
  }
});

test("parameters: any case of names, spaces, empty elements, and of two the first", () => {
  const params = parseFmtpParams(" Minptime=10; useinbandfec = 1;;STEREO;minptime=20; =x");
  expect([...params]).toEqual([
    ["minptime", "10"],
    ["useinbandfec", "1"],
    ["stereo", ""],
  ]);
  expect(formatFmtpParams(params)).toBe("minptime=10;useinbandfec=1;stereo");
  expect([flagParam(params, "useinbandfec"), flagParam(params, "minptime")]).toEqual([
    true,
    undefined,
  ]);
  expect(flagParam(new Map([["a", "0"]]), "a")).toBe(false);
});

test("names that are a trap elsewhere are names like others", () => {
  const params = parseFmtpParams("__proto__=1;constructor=2;toString");
  expect([params.get("__proto__"), params.get("constructor"), params.get("tostring")]).toEqual([
    "1",
    "2",
    "",
  ]);
  expect(params.get("valueof")).toBeUndefined();
});

test("a list that is longer than anybody's is none", () => {
  const list = (count: number) => Array.from({ length: count }, (_, i) => `a${i}=1`).join(";");
  expect(parseFmtpParams(list(128)).size).toBe(128);
  expect(parseFmtpParams(list(129)).size).toBe(0);
});

test("parse(format(x)) is x", () => {
  const any = fc.record({
    format: fc.stringMatching(/^[a-z0-9-]{1,8}$/),
    parameters: fc.stringMatching(/^[ -~]{1,40}$/),
  });
  fc.assert(
    fc.property(any, (x) => {
      expect(fmtp.parse(fmtp.format(x))).toEqual(ok(x));
    }),
  );
  const word = fc.stringMatching(/^[a-z0-9-]{1,8}$/);
  fc.assert(
    fc.property(fc.array(fc.tuple(word, word)), (entries) => {
      const params = new Map(entries);
      expect(parseFmtpParams(formatFmtpParams(params))).toEqual(params);
    }),
  );
});
