import { expect, test } from "vitest";
import { filePath, rangeOf } from "./file-routes.ts";

test.each([
  [undefined, undefined],
  ["bytes=0-9", { start: 0, end: 9 }],
  ["bytes=90-", { start: 90, end: 99 }],
  ["bytes=-5", { start: 95, end: 99 }],
  ["bytes=-500", { start: 0, end: 99 }],
  ["bytes=50-5000", { start: 50, end: 99 }],
  ["bytes=100-", "unsatisfiable"],
  ["bytes=-0", "unsatisfiable"],
  ["bytes=5-4", undefined],
  ["bytes=0-1,3-4", undefined],
  ["bytes=-", undefined],
  ["bytes=a-b", undefined],
  ["octets=0-1", undefined],
  ["bytes=99999999999999999999-", undefined],
])("RFC 9110 §14.2 of 100 octets %s is %j", (header, expected) => {
  expect(rangeOf(header, 100)).toEqual(expected);
});

test("a name is one part of a path, whatever is in it", () => {
  expect(filePath("0".repeat(32), "../a b/ü?#.jpg")).toBe(
    `/f/${"0".repeat(32)}/..%2Fa%20b%2F%C3%BC%3F%23.jpg`,
  );
});
