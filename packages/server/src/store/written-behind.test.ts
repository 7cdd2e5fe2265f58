import { Pending, StoreBusy } from "carillon/roles";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { KeptState } from "./event-states.ts";
import { WrittenBehind } from "./written-behind.ts";

/** What was asked of the disk, each to be answered by the test. */
let asked: { readonly what: string; readonly answer: Pending<void> }[];
let lost: unknown[];
let behind: WrittenBehind;

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  lost = [];
  const ask = (what: string): Pending<void> => {
    const answer = new Pending<void>();
    asked.push({ what, answer });
    return answer;
  };
  behind = new WrittenBehind(
    { save: ({ id, record }) => ask(`${id} ${record}`), remove: (id) => ask(`${id} over`) },
    (cause) => void lost.push(cause),
  );
});

afterEach(() => {
  vi.useRealTimers();
});

const state = (id: string, record: string): KeptState => ({ id, expiresAt: 1, record });
const whats = () => asked.map(({ what }) => what);

test("of what changes while it is written only the last is written next", () => {
  for (const record of ["1", "2", "3"]) behind.save(state("a", record));
  behind.save(state("b", "1"));
  expect(whats()).toEqual(["a 1", "b 1"]);
  asked[0]?.answer.resolve();
  expect(whats()).toEqual(["a 1", "b 1", "a 3"]);
  behind.remove("a");
  asked[2]?.answer.resolve();
  asked[3]?.answer.resolve();
  expect(whats()).toEqual(["a 1", "b 1", "a 3", "a over"]);
});

test("what a disk cannot take is tried again, unless something newer is there by then", () => {
  behind.save(state("a", "1"));
  behind.save(state("b", "1"));
  for (const { answer } of asked.splice(0)) answer.reject(new StoreBusy(5));
  behind.save(state("b", "2"));
  expect([lost.length, whats()]).toEqual([2, ["b 2"]]);
  vi.advanceTimersByTime(999);
  expect(whats()).toEqual(["b 2"]);
  vi.advanceTimersByTime(1);
  expect(whats(), "and b is on its way").toEqual(["b 2", "a 1"]);
  for (const { answer } of asked.splice(0)) answer.resolve();
  vi.advanceTimersByTime(10_000);
  expect(whats()).toEqual([]);
});
