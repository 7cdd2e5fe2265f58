import { expect, test } from "vitest";
import { meterLine } from "./meter-line.ts";

test("silence is empty, full scale is full, and speech in between", () => {
  expect(meterLine({ own: -Infinity, theirs: 0 })).toBe("you ▯▯▯▯▯▯▯▯ them ▮▮▮▮▮▮▮▮");
  expect(meterLine({ own: -27, theirs: 3 })).toBe("you ▮▮▮▮▯▯▯▯ them ▮▮▮▮▮▮▮▮");
  expect(meterLine({ own: Number.NaN, theirs: -90 })).toBe("you ▯▯▯▯▯▯▯▯ them ▯▯▯▯▯▯▯▯");
});
