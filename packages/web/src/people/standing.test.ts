import type { Presence } from "carillon/documents";
import { expect, test } from "vitest";
import { standingOf } from "./standing.ts";

const told = (activities: readonly string[], note = ""): Presence => ({
  entity: "sip:bob@house.example",
  tuples: [],
  notes: note === "" ? [] : [note],
  activities,
});
const of = (presence?: Presence, online = true, stale = false) =>
  standingOf({ online, stale, presence });

test("without a word of their own they are online or not", () => {
  expect(of()).toEqual({ tone: "live", words: "Online", note: "" });
  expect(of(undefined, false).words).toBe("Offline");
});

test("who talks is on the phone, whatever else they are", () => {
  expect(of(told(["away", "on-the-phone"]))).toMatchObject({ tone: "busy", words: "On the phone" });
  expect(of(told(["meeting"])).words).toBe("In a meeting");
  expect(of(told(["Away"]))).toMatchObject({ tone: "away", words: "Away" });
  expect(of(told(["something-new"])).words).toBe("Online");
});

test("who touches no device of theirs is away, unless they talk", () => {
  expect(of({ ...told([]), userInput: "idle" }).words).toBe("Away");
  expect(of({ ...told(["on-the-phone"]), userInput: "idle" }).words).toBe("On the phone");
  expect(of({ ...told([]), userInput: "active" }).words).toBe("Online");
});

test("a name that every object has is no activity", () => {
  expect(of(told(["constructor", "__proto__", "toString"])).words).toBe("Online");
});

test("who is offline is so, and their note stays", () => {
  expect(of(told(["on-the-phone"], "Back on Monday"), false)).toEqual({
    ...{ tone: "off", words: "Offline", note: "Back on Monday" },
  });
});

test("who does not want to be seen is offline, though the house knows better", () => {
  const tuple = {
    ...{ id: "none", contact: undefined, priority: undefined },
    basic: "closed" as const,
    ...{ notes: [], timestamp: undefined },
  };
  expect(of({ ...told([]), tuples: [tuple] }).words).toBe("Offline");
  expect(of({ ...told([]), tuples: [tuple, { ...tuple, basic: "open" }] }).words).toBe("Online");
});

test("while the line to the house is down nothing is said", () => {
  expect(of(told(["away"], "x"), true, true)).toEqual({
    ...{ tone: "off", words: "Not known just now", note: "" },
  });
});

test("a note is one short line without what turns it", () => {
  expect(of(told([], "a\u202e\nb")).note).toBe("a b");
  expect([...of(told([], "x".repeat(500))).note]).toHaveLength(80);
});
