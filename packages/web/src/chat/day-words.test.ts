import { expect, test } from "vitest";
import { dayKey, dayWords, listTime, timeWords } from "./day-words.ts";

const now = new Date(2026, 10, 28, 9, 30);
const at = (day: number, hour = 14, minute = 5, month = 10, year = 2026) =>
  new Date(year, month, day, hour, minute);

test("days are told as people tell them", () => {
  expect(dayWords(at(28, 0, 1), now)).toBe("Today");
  expect(dayWords(at(27, 23, 59), now)).toBe("Yesterday");
  expect(dayWords(at(24), now, "en-GB")).toBe("Tuesday");
  expect(dayWords(at(12), now, "en-GB")).toBe("12 November");
  expect(dayWords(at(12, 1, 1, 2, 2025), now, "en-GB")).toBe("12 March 2025");
});

test("a clock that is ahead does not make a weekday of tomorrow", () => {
  expect(dayWords(at(29), now, "en-GB")).toBe("29 November");
});

test("the list has the time of today, and the day before that", () => {
  expect(listTime(at(28, 8, 3), now, "en-GB")).toBe("08:03");
  expect(listTime(at(27), now, "en-GB")).toBe("Yesterday");
  expect(listTime(at(24), now, "en-GB")).toBe("Tue");
  expect(listTime(at(12), now, "en-GB")).toBe("12/11/26");
  expect(timeWords(at(1), "en-GB")).toBe("14:05");
});

test("two times of one day have one key", () => {
  expect(dayKey(at(28, 0, 0))).toBe(dayKey(at(28, 23, 59)));
  expect(dayKey(at(28, 0, 0))).not.toBe(dayKey(at(27, 23, 59)));
});
