import { expect, test } from "vitest";
import { openDrafts } from "./drafts.ts";

function drawer(content: Record<string, string> = {}) {
  const kept = new Map(Object.entries(content));
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
    kept,
  };
}

const BOB = "sip:bob@house.example";

test("a draft is there again when the page is loaded anew, for this seat alone", () => {
  const box = drawer();
  openDrafts(box, "/@anna/").keep(BOB, "Dear Bob");
  expect(openDrafts(box, "/@anna/").of(BOB)).toBe("Dear Bob");
  expect(openDrafts(box, "/@carol/").of(BOB)).toBe("");
});

test("what was sent or thrown away leaves nothing", () => {
  const box = drawer();
  const drafts = openDrafts(box, "/@anna/");
  drafts.keep(BOB, "Dear Bob");
  drafts.keep(BOB, "  ");
  expect(box.kept.size).toBe(0);
});

test("of too many the oldest are forgotten", () => {
  const drafts = openDrafts(drawer(), "/@anna/");
  for (let nth = 0; nth < 60; nth++) drafts.keep(`sip:p${nth}@h`, "x");
  expect([drafts.of("sip:p9@h"), drafts.of("sip:p10@h")]).toEqual(["", "x"]);
});

test("whatever stands in the storage is read without trusting it", () => {
  for (const text of ["", "{", "null", "[1]", '[["a"]]', '[["a",1]]', '{"a":"b"}']) {
    const drafts = openDrafts(drawer({ "carillon.drafts /@anna/": text }), "/@anna/");
    expect(drafts.of("a")).toBe("");
  }
});

test("a storage that is shut does not stop anybody from writing", () => {
  const shut = (): never => {
    throw new Error("QuotaExceededError");
  };
  const drafts = openDrafts({ getItem: shut, setItem: shut, removeItem: shut }, "/@anna/");
  drafts.keep(BOB, "Dear Bob");
  expect(drafts.of(BOB)).toBe("Dear Bob");
});
