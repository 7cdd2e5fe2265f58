import { expect, test } from "vitest";
import { EXIT_CODES, exitCode } from "./phone-exit.ts";

const message = "";

test.each([
  ["SIP_HUNG_UP", "local", true, 0],
  ["SIP_HUNG_UP", "remote", true, 0],
  ["SIP_TRANSPORT", "network", true, 15],
  ["SIP_MEDIA", "local", true, 15],
  ["SIP_BUSY", "remote", false, 10],
  ["SIP_DECLINED", "remote", false, 11],
  ["SIP_HUNG_UP", "local", false, 12],
  ["SIP_UNAVAILABLE", "remote", false, 12],
  ["SIP_NOT_FOUND", "remote", false, 13],
  ["SIP_FORBIDDEN", "remote", false, 14],
  ["SIP_MEDIA", "local", false, 1],
  ["SIP_UNAUTHORIZED", "remote", false, 1],
] as const)("%s by %s, talked: %s, is %i", (code, by, talked, expected) => {
  expect(exitCode({ code, by, message }, talked)).toBe(expected);
});

test("no two outcomes share a number", () => {
  const numbers = Object.values(EXIT_CODES).map(([number]) => number);
  expect(new Set(numbers).size).toBe(numbers.length);
});
