import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatDateTime, readDateTime } from "./date-time.ts";

describe("RFC 3339 §5.6", () => {
  test("a date is read with its offset and its parts of a second", () => {
    const at = Date.UTC(2001, 1, 2, 15, 48, 54);
    for (const text of ["2001-02-02T10:48:54-05:00", "2001-02-02t15:48:54z"]) {
      expect(readDateTime(text)).toBe(at);
    }
    expect(readDateTime("2001-02-02T15:48:54.25Z")).toBe(at + 250);
    expect(readDateTime("1990-12-31T23:59:60Z")).toBe(Date.UTC(1991, 0, 1));
  });

  test("nothing else is one", () => {
    for (const text of [
      ...["", "2001-02-02", "2001-02-30T10:48:54Z", "2001-00-02T10:48:54Z", "2001-02-00T10:48:54Z"],
      ...[
        "2001-02-02T24:00:00Z",
        "2001-02-02T10:60:00Z",
        "2001-02-02T10:48:61Z",
        "2001-2-2T1:1:1Z",
      ],
      ...[
        "2001-02-02T10:48:54",
        "2001-02-02T10:48:54+25:00",
        "2001-02-02 10:48:54Z",
        "2001-13-01T00:00:00Z",
      ],
      ...[
        "2001-02-02T10:48:54.Z",
        "x2001-02-02T10:48:54Z",
        "2001-02-02T10:48:54Zx",
        "2023-02-29T00:00:00Z",
      ],
    ]) {
      expect([text, readDateTime(text)]).toEqual([text, undefined]);
    }
  });

  test("what is written is read as what it was", () => {
    const [first, last] = [Date.UTC(1000, 0, 1), Date.UTC(9999, 11, 31)];
    fc.assert(
      fc.property(fc.integer({ min: first, max: last }), (ms) => {
        expect(readDateTime(formatDateTime(ms))).toBe(ms);
      }),
    );
    expect(formatDateTime(0)).toBe("1970-01-01T00:00:00Z");
    for (const ms of [Number.NaN, Number.POSITIVE_INFINITY, Date.UTC(10_000, 0, 1), -1e15]) {
      expect(() => formatDateTime(ms)).toThrow(RangeError);
    }
  });
});
