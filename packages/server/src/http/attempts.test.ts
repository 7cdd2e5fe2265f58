import { expect, test } from "vitest";
import { Attempts } from "./attempts.ts";

const limits = { burst: 3, refillMs: 10_000, addresses: 2 };

function fresh() {
  const clock = { now: 0 };
  return { clock, attempts: new Attempts(() => clock.now, { limits }) };
}

function fail(attempts: Attempts, address: string, times: number): void {
  for (let i = 0; i < times; i++) attempts.failed(address);
}

test("after a burst of failures an address waits, and only that one", () => {
  const { attempts } = fresh();
  fail(attempts, "192.0.2.1", 2);
  expect(attempts.waitSeconds("192.0.2.1")).toBe(0);
  fail(attempts, "192.0.2.1", 1);
  expect(attempts.waitSeconds("192.0.2.1")).toBe(10);
  expect(attempts.waitSeconds("192.0.2.2")).toBe(0);
});

test("time gives one try back after the other, and never more than a burst", () => {
  const { clock, attempts } = fresh();
  fail(attempts, "192.0.2.1", 3);
  clock.now = 4000;
  expect(attempts.waitSeconds("192.0.2.1")).toBe(6);
  clock.now = 10_000;
  expect(attempts.waitSeconds("192.0.2.1")).toBe(0);
  fail(attempts, "192.0.2.1", 1);
  expect(attempts.waitSeconds("192.0.2.1")).toBe(10);
  clock.now = 10_000_000;
  fail(attempts, "192.0.2.1", 3);
  expect(attempts.waitSeconds("192.0.2.1")).toBe(10);
});

test("all addresses of one IPv6 network share a bucket", () => {
  const { attempts } = fresh();
  for (const host of [":1", "2:3:4:5", ":7:8"]) attempts.failed(`2001:db8:0:9:${host}`);
  expect(attempts.waitSeconds("2001:db8:0:9::ffff")).toBeGreaterThan(0);
  expect(attempts.waitSeconds("2001:db8:0:a::1")).toBe(0);
});

test("the table does not grow: the address longest unheard of is forgotten", () => {
  const { attempts } = fresh();
  fail(attempts, "192.0.2.1", 3);
  fail(attempts, "192.0.2.2", 3);
  fail(attempts, "192.0.2.3", 3);
  expect(attempts.waitSeconds("192.0.2.1")).toBe(0);
  expect(attempts.waitSeconds("192.0.2.3")).toBeGreaterThan(0);
});

test("whoever goes on all the same is told of, each time", () => {
  const told: string[] = [];
  const judge = { misbehaved: (host: string, what: string) => told.push(`${host} ${what}`) };
  const attempts = new Attempts(() => 0, { limits, judge });
  fail(attempts, "192.0.2.1", 2);
  expect(attempts.waitSeconds("192.0.2.1")).toBe(0);
  expect(told).toHaveLength(2);
  fail(attempts, "192.0.2.1", 1);
  expect(attempts.waitSeconds("192.0.2.1")).toBe(10);
  expect(told).toEqual(new Array(4).fill("192.0.2.1 guessed invites"));
});
