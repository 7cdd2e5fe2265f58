import fc from "fast-check";
import { expect, test } from "vitest";
import { ok } from "../../grammar/result.ts";
import { parseFmtpParams } from "./fmtp.ts";
import { h264Fmtp, h264Level, h264Params, h264Profile } from "./h264-params.ts";

const read = (text: string) => h264Params(parseFmtpParams(text));
const profile = (id: string) => {
  const params = read(`profile-level-id=${id}`);
  return params && h264Profile(params);
};

//= RFC 6184 §8.1
//# If no profile-level-id is present, the Baseline profile, without additional constraints at
//# Level 1, MUST be inferred.
test("RFC 6184 §8.1: what holds if nothing is told", () => {
  expect(read("")).toEqual({
    profileIdc: 0x42,
    profileIop: 0,
    levelIdc: 10,
    packetizationMode: 0,
    levelAsymmetryAllowed: false,
  });
});

test.each([
  ["42e01f", "CB"],
  ["42c01f", "CB"],
  ["4d801f", "CB"],
  ["58c01f", "CB"],
  ["42001f", "B"],
  ["58801f", "B"],
  ["4d001f", "M"],
  ["58001f", "E"],
  ["640c1f", "CH"],
  ["64001f", "H"],
  ["6e001f", "H10"],
  ["7a001f", "H42"],
  ["f4001f", "H44"],
  ["00001f", "other"],
])("RFC 6184 §8.1, table 5: %s is %s", (id, expected) => expect(profile(id)).toBe(expected));

test("levels order, 1b between 1 and 1.1 in both spellings", () => {
  const level = (id: string) => h264Level(read(`profile-level-id=${id}`) ?? expect.fail(id));
  expect(level("42e00a")).toBeLessThan(level("42f00b"));
  expect(level("42f00b")).toBeLessThan(level("42e00b"));
  expect(level("640009")).toBe(level("42f00b"));
  expect(level("42e01f")).toBe(31);
});

test("what is no profile and no mode is refused", () => {
  for (const text of ["profile-level-id=42e0", "profile-level-id=42e01g"]) {
    expect(read(text)).toBeUndefined();
  }
  expect(read("packetization-mode=3")).toBeUndefined();
});

test("parse(format(x)) is x", () => {
  const any = fc.record({
    profileIdc: fc.nat(255),
    profileIop: fc.nat(255),
    levelIdc: fc.nat(255),
    packetizationMode: fc.constantFrom<0 | 1 | 2>(0, 1, 2),
    levelAsymmetryAllowed: fc.boolean(),
  });
  fc.assert(
    fc.property(any, (x) => {
      expect(ok(h264Params(h264Fmtp(x)))).toEqual(ok(x));
    }),
  );
});
