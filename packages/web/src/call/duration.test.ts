import { expect, test } from "vitest";
import { durationText } from "./duration.ts";

test("seconds always have two digits and hours appear when there are any", () => {
  expect(durationText(0)).toBe("0:00");
  expect(durationText(7_999)).toBe("0:07");
  expect(durationText(754_000)).toBe("12:34");
  expect(durationText(3_723_000)).toBe("1:02:03");
});

test("a clock that runs behind shows zero, not a negative time", () => {
  expect(durationText(-5)).toBe("0:00");
});
