import type { BelowEntry } from "carillon/endpoint";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createLog } from "../http/log.ts";
import { RefusedBelow } from "./refused-below.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const entry = (host: string, more: Partial<BelowEntry> = {}): BelowEntry => ({
  ...{ at: 0, what: "Malformed", why: "expected a SIP version", method: "INVITE", status: 400 },
  flow: {
    ...{ transport: "UDP", connection: 0 },
    ...{ local: { host: "192.0.2.1", port: 5060 }, remote: { host, port: 5070 } },
  },
  ...more,
});

function stage(level = "info") {
  const lines: Record<string, unknown>[] = [];
  const raw: string[] = [];
  const log = createLog(
    { level, now: () => 0 },
    {
      write: (line) => {
        raw.push(line);
        lines.push(JSON.parse(line));
      },
    },
  );
  return { below: new RefusedBelow(log), lines, raw };
}

test("each refusal has its source, its reason and what was answered", () => {
  const { below, lines } = stage();
  below.take(entry("192.0.2.9"));
  expect(lines).toMatchObject([
    {
      ...{ msg: "Malformed", method: "INVITE", source: "udp 192.0.2.9:5070" },
      ...{ why: "expected a SIP version", status: 400 },
    },
  ]);
});

test("of one source three lines in ten seconds, of all twenty; the rest is counted", () => {
  const { below, lines } = stage();
  for (let i = 0; i < 50; i++) below.take(entry("192.0.2.9"));
  expect(lines).toHaveLength(3);
  for (let i = 0; i < 5000; i++) below.take(entry(`2001:db8::${i.toString(16)}`));
  for (let i = 0; i < 7; i++) below.take(entry("192.0.2.9", { what: "Banned" }));
  expect(lines).toHaveLength(20);
  vi.advanceTimersByTime(10_000);
  expect(lines).toHaveLength(21);
  const rest = 50 - 3 + 5000 - 17;
  expect(lines[20]).toMatchObject({ Malformed: rest, Banned: 7, seconds: 10 });
  below.take(entry("192.0.2.9"));
  expect(lines).toHaveLength(22);
  below.close();
  expect(lines).toHaveLength(22);
});

test("nobody writes a line of their own, moves a cursor, or leaves a secret", () => {
  const { below, raw } = stage();
  const method = 'IN\u001b[2J\u009b\r\n{"level":60}';
  below.take(entry("192.0.2.9", { method, why: `x${"\u0000".repeat(500)}` }));
  expect(raw).toHaveLength(1);
  expect(raw[0]).toMatch(/^[ -~]+\n$/);
  expect(JSON.parse(raw[0] ?? "").method).toBe('IN%1B[2J%9B%0D%0A{"level":60}');
  expect(raw[0]?.length).toBeLessThan(1000);
});

test("connections that break or say nothing are for whoever wants to see everything", () => {
  const idle = { what: "Ended", why: "nothing was said for too long" } as const;
  const lost = { what: "Lost", why: "ECONNRESET" } as const;
  const usual = stage();
  for (const one of [idle, lost]) usual.below.take(entry("192.0.2.9", one));
  expect(usual.lines).toEqual([]);
  const all = stage("debug");
  for (const one of [idle, lost]) all.below.take(entry("192.0.2.9", one));
  expect(all.lines).toHaveLength(2);
  usual.below.take(entry("192.0.2.9", { what: "Ended", why: "a message took too long" }));
  expect(usual.lines).toHaveLength(1);
});
