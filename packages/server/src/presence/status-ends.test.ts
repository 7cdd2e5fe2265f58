import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { OwnStatus } from "../store/presence-settings.ts";
import { type TestHouse, testHouse } from "../test-house.ts";
import { StatusEnds } from "./status-ends.ts";

let house: TestHouse;
let ended: string[];
let ends: StatusEnds;

beforeEach(() => {
  house = testHouse();
  ended = [];
  for (const name of ["Anna", "Bob"]) house.store.join({ invite: house.invite(), name });
  vi.useFakeTimers();
});

afterEach(() => {
  ends.close();
  vi.useRealTimers();
  house.close();
});

const begin = () => {
  const { store, clock } = house;
  const parts = { presence: store.presence, clock };
  ends = new StatusEnds({ ...parts, ended: (account) => void ended.push(account) });
};
const put = (account: string, inMs: number | null) => {
  const until = inMs === null ? null : house.clock.now + inMs;
  const status: OwnStatus = { status: "away", note: "", until };
  house.store.presence.putStatus(account, status);
};
const later = (ms: number) => {
  house.clock.now += ms;
  vi.advanceTimersByTime(ms);
};

test("statuses are told as they end, each once, those of an earlier run too", () => {
  put("anna", 5000);
  begin();
  put("bob", 1000);
  ends.plan();
  later(999);
  expect(ended).toEqual([]);
  later(1);
  expect(ended).toEqual(["bob"]);
  later(4000);
  later(100_000);
  expect(ended).toEqual(["bob", "anna"]);
  expect(vi.getTimerCount()).toBe(0);
});

test("an end that was taken back is no end, and one far away is waited for", () => {
  begin();
  put("anna", 1000);
  ends.plan();
  put("anna", null);
  ends.plan();
  const days = 60 * 24 * 3_600_000;
  put("bob", days);
  ends.plan();
  later(2000);
  expect(ended).toEqual([]);
  for (let passed = 2000; passed < days; passed += 3_600_000) later(3_600_000);
  expect(ended).toEqual(["bob"]);
});
