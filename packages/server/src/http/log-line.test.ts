import { expect, test } from "vitest";
import { logLine } from "./log-line.ts";

const line = (more: object): string =>
  `${JSON.stringify({ level: 30, time: "2026-11-29T03:40:00.123Z", ...more, msg: "Refused" })}\n`;

test("for people: when, how grave, what, and the rest as words", () => {
  const text = logLine(line({ method: "INVITE", why: "no such user", status: 404 }), "plain");
  expect(text).toBe(
    '2026-11-29 03:40:00.123  info   Refused  method=INVITE  why="no such user"  status=404\n',
  );
});

test("nobody moves the terminal's cursor, or writes lines of their own, in either form", () => {
  const from = 'sip:a\u009b2J\r\n{"level":50}\u202e@b\u001b[2J\u007f';
  for (const format of ["json", "plain"] as const) {
    const text = logLine(line({ from }), format);
    expect(text.split("\n")).toHaveLength(2);
    expect(text.slice(0, -1)).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e]/);
    expect(text).toContain("\\u009b2J");
  }
  expect(JSON.parse(logLine(line({ from }), "json")).from).toBe(from);
});
