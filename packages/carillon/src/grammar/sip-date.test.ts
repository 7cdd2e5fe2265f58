import fc from "fast-check";
import { expect, test } from "vitest";
import { formatSipDate, readSipDate } from "./sip-date.ts";

test("RFC 3261 §20.17: a date as RFC 1123 has it, in GMT", () => {
  expect(readSipDate("Sat, 13 Nov 2010 23:29:00 GMT")).toBe(Date.UTC(2010, 10, 13, 23, 29));
  expect(formatSipDate(Date.UTC(2010, 10, 13, 23, 29, 0, 999))).toBe(
    "Sat, 13 Nov 2010 23:29:00 GMT",
  );
  expect(readSipDate("Thu, 29 Feb 2024 00:00:00 GMT")).toBe(Date.UTC(2024, 1, 29));
});

test("RFC 3261 §25.1: wkday and month as they are called, to the last second there is", () => {
  const days = ["Sun, 07", "Mon, 08", "Tue, 09", "Wed, 10", "Thu, 11", "Fri, 12", "Sat, 13"];
  for (const [i, day] of days.entries()) {
    expect(readSipDate(`${day} Nov 2010 00:00:00 GMT`)).toBe(Date.UTC(2010, 10, 7 + i));
  }
  const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
  for (const [i, month] of months.entries()) {
    expect(formatSipDate(Date.UTC(2010, i, 1))).toContain(`, 01 ${month} 2010 `);
  }
  expect(readSipDate("Fri, 31 Dec 9999 23:59:59 GMT")).toBe(253_402_300_799_000);
  expect(readSipDate("Fri, 31 Dec 9999 24:00:00 GMT")).toBeUndefined();
  expect(readSipDate("Mon, 01 Xyz 2010 00:00:00 GMT")).toBeUndefined();
});

//= RFC 3261 §20.17
//# SIP restricts the time zone in SIP-date to "GMT", while RFC 1123 allows any time zone.
test("RFC 3261 §20.17: another zone, another form, or a day that never was", () => {
  const bad = [
    ...["Fri, 01 Jan 2010 16:00:00 EST", "Fri, 01 Jan 2010 16:00:00 gmt", "", "Thu, 29 Feb 2023"],
    ...[
      "Wed, 29 Feb 2023 00:00:00 GMT",
      "Fri, 01 Jan 2010 25:00:00 GMT",
      "fri, 01 Jan 2010 16:00:00 GMT",
    ],
    ...[
      "Mon, 01 Jan 2010 16:00:00 GMT",
      "Fri, 1 Jan 2010 16:00:00 GMT ",
      "Fri, 01 Jan 2010 16-00-00 GMT",
    ],
    ...[
      "Fri, +1 Jan 2010 16:00:00 GMT",
      "Fri, 01 Jan 2010 16:00:60 GMT",
      "Fri  01 Jan 2010 16:00:00 GMT",
    ],
  ];
  for (const text of bad) expect([text, readSipDate(text)]).toEqual([text, undefined]);
});

test("what is written is read, from the year 0 to the year 9999", () => {
  const seconds = fc.integer({ min: -62_167_219_200, max: 253_402_300_799 });
  fc.assert(
    fc.property(seconds, (second) => {
      expect(readSipDate(formatSipDate(second * 1000))).toBe(second * 1000);
    }),
  );
  for (const ms of [Number.NaN, 253_402_300_800_000, -62_167_219_201_000, Infinity]) {
    expect(() => formatSipDate(ms)).toThrow(new RangeError(`no date: ${ms}`));
  }
});
