import { expect, test } from "vitest";
import { HOSTILE_STRINGS } from "./hostile-strings.ts";

test("more than 200, each once", () => {
  expect(HOSTILE_STRINGS.length).toBeGreaterThan(200);
  expect(new Set(HOSTILE_STRINGS.map(({ name }) => name)).size).toBe(HOSTILE_STRINGS.length);
  expect(new Set(HOSTILE_STRINGS.map(({ octets }) => octets)).size).toBe(HOSTILE_STRINGS.length);
});

test.each([
  ["control characters", /[\0-\x1f]/],
  ["control characters of the upper half", /[\u0080-\u009f]/],
  ["sequences that steer a terminal", /\x1b[[\]PX^_]/],
  ["writing from the right", /[\u202e\u2067]/],
  ["what nobody sees", /\u200b/],
  ["what is no UTF-8", /\ufffd/],
  ["elements", /<script>/],
  ["addresses that are programs", /^javascript:/],
  ["line ends", /\r\n/],
  ["long words", /W{5000}/],
  ["paths", /\.\.\//],
  ["formulas", /^=/],
])("there are %s", (_, pattern) => {
  expect(HOSTILE_STRINGS.some(({ text }) => pattern.test(text))).toBe(true);
});
