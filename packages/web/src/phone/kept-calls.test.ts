import { expect, test } from "vitest";
import { type KeptCall, keepCalls, takeCalls } from "./kept-calls.ts";

function drawer() {
  const kept = new Map<string, string>();
  return {
    kept,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
}

const call: KeptCall = {
  dialog: { callId: "c", localTag: "l", remoteTag: "r", remoteTarget: "sip:b@x" },
  peer: { name: "Bob", uri: "sip:bob@house.example" },
  video: false,
  establishedMs: 1000,
  leftMs: 50_000,
};

test("a call that a page had is there for the next one, once, and for its own seat only", () => {
  const tab = drawer();
  keepCalls(tab, "/seat/a", [call]);
  expect(takeCalls(tab, "/seat/b", 51_000)).toEqual([]);
  expect(takeCalls(tab, "/seat/a", 51_000)).toEqual([call]);
  expect(takeCalls(tab, "/seat/a", 51_000)).toEqual([]);
});

test("whoever stays away too long does not come back", () => {
  const tab = drawer();
  keepCalls(tab, "/seat/a", [call]);
  expect(takeCalls(tab, "/seat/a", 65_000)).toEqual([]);
});

test("nothing is kept of no call, and what cannot be read is nothing", () => {
  const tab = drawer();
  keepCalls(tab, "/seat/a", []);
  expect(tab.kept.size).toBe(0);
  for (const text of ["", "{", "null", "[1]", '[{"dialog":{}}]', '[{"video":true}]']) {
    tab.setItem("carillon.calls /seat/a", text);
    expect([text, takeCalls(tab, "/seat/a", 0)]).toEqual([text, []]);
  }
});
