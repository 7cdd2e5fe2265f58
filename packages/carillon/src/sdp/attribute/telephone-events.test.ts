import fc from "fast-check";
import { expect, test } from "vitest";
import { ok } from "../../grammar/result.ts";
import { DEFAULT_EVENTS, formatEvents, parseEvents } from "./telephone-events.ts";

test("RFC 4733 §2.4.1: 0-15,66,70", () => {
  expect(parseEvents("0-15,66,70")).toEqual([...DEFAULT_EVENTS, 66, 70]);
  expect(parseEvents("events=0-2")).toEqual([0, 1, 2]);
  expect(parseEvents("16, 3-4,4")).toEqual([3, 4, 16]);
  expect(formatEvents([...DEFAULT_EVENTS, 66, 70])).toBe("0-15,66,70");
});

test("codes over 255, ranges that run backwards, and others", () => {
  const many = Array.from({ length: 200 }, () => "1").join(",");
  for (const text of ["", "256", "0-4294967296", "5-3", "0-1-2", "-1", "a", ",", "1,", many]) {
    expect([text, parseEvents(text)]).toEqual([text, undefined]);
  }
});

test("parse(format(x)) is x", () => {
  const any = fc
    .uniqueArray(fc.nat(255), { minLength: 1, maxLength: 80 })
    .map((events) => events.toSorted((a, b) => a - b));
  fc.assert(
    fc.property(any, (x) => {
      expect(ok(parseEvents(formatEvents(x)))).toEqual(ok(x));
    }),
  );
});
