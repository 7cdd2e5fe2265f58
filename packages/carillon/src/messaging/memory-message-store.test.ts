import { describe, expect, test } from "vitest";
import type { What } from "../documents/journal.ts";
import { MemoryMessageStore } from "./memory-message-store.ts";
import type { Posting } from "./message-store.ts";

const ANNA = "sip:anna@b";
const BOB = "sip:bob@b";
const BOTH = [
  { account: "anna", conversation: BOB },
  { account: "bob", conversation: ANNA },
];
const said = (id: string, body = "hello"): What => {
  return { kind: "Message", id, from: ANNA, contentType: "text/plain", body };
};
const posting = (id: string, what: What = said(id), at = 0): Posting => {
  return { key: { from: ANNA, id: `m ${id}` }, at, what, journals: BOTH };
};

describe("messages in memory", () => {
  test("are in all journals they concern, and once whatever is sent again", () => {
    const store = new MemoryMessageStore();
    expect(store.post(posting("1"))).toEqual({ kind: "New", seqs: [1, 1] });
    expect(store.post(posting("1", said("1", "other")))).toEqual({ kind: "Known" });
    const toSelf = [{ account: "anna", conversation: ANNA }];
    expect(store.post({ ...posting("2"), journals: toSelf })).toEqual({ kind: "New", seqs: [2] });
    expect(store.post(posting("3"))).toEqual({ kind: "New", seqs: [3, 2] });
    expect([store.last("anna"), store.last("bob"), store.last("carol")]).toEqual([3, 2, 0]);
    expect(store.entry("bob", 2)).toEqual({ seq: 2, at: 0, conversation: ANNA, what: said("3") });
    expect(store.said("bob", "1")).toMatchObject([{ seq: 1 }]);
    const keys = ["1", "2", "9"].map((id) => ({ from: ANNA, id: `m ${id}` }));
    expect(store.knows(keys)).toEqual([true, true, false]);
    expect(store.knows([{ from: BOB, id: "m 1" }])).toEqual([false]);
  });

  test("are read on from a number, or back from one, and searched", () => {
    const store = new MemoryMessageStore();
    for (let i = 1; i <= 9; i++) store.post(posting(`${i}`, said(`${i}`, i % 2 ? "Tea" : "milk")));
    const seqs = (query: Parameters<typeof store.page>[1]) => {
      const { entries, last, isWhole } = store.page("bob", query);
      expect(last).toBe(9);
      return [entries.map(({ seq }) => seq), isWhole];
    };
    expect(seqs({ kind: "After", after: 6, limit: 2 })).toEqual([[7, 8], false]);
    expect(seqs({ kind: "After", after: 7, limit: 2 })).toEqual([[8, 9], true]);
    expect(seqs({ kind: "Before", before: 4, limit: 2 })).toEqual([[2, 3], false]);
    expect(seqs({ kind: "Before", before: 3, limit: 2 })).toEqual([[1, 2], true]);
    expect(seqs({ kind: "Before", before: 9, limit: 2, find: "tea" })).toEqual([[5, 7], false]);
    expect(seqs({ kind: "After", after: 0, limit: 2, with: BOB })).toEqual([[], true]);
  });

  test("lose their words when they are taken back, in every journal", () => {
    const store = new MemoryMessageStore();
    store.post(posting("1"));
    const edited = { kind: "Edited", id: "1", from: ANNA, contentType: "text/plain" } as const;
    store.post(posting("2", { ...edited, body: "better" }));
    store.post(posting("other"));
    store.post(posting("3", { kind: "Retracted", id: "1", from: BOB }));
    expect(store.entry("bob", 1)).toMatchObject({ what: { body: "hello" } });
    store.post(posting("4", { kind: "Retracted", id: "1", from: ANNA }));
    for (const account of ["anna", "bob"]) {
      const { entries } = store.page(account, { kind: "After", after: 0, limit: 9 });
      expect(entries.map(({ what }) => "body" in what && what.body)).toEqual([
        ...["", "", "hello", false, false],
      ]);
    }
  });

  test("make groups, of which one has each name", () => {
    const store = new MemoryMessageStore();
    const group = { name: "lunch", title: "Lunch", owner: "anna", members: ["anna", "bob"] };
    const change = (id: string, version: number): Posting => ({
      ...posting(id, { kind: "Group", title: "Lunch", members: [ANNA, BOB], by: ANNA }),
      group: { group: { ...group, version }, replaces: version - 1 },
    });
    expect(store.post(change("1", 1)).kind).toBe("New");
    expect(store.post(change("2", 1)).kind).toBe("Conflict");
    expect(store.post(change("2", 2)).kind).toBe("New");
    expect(store.group("lunch")).toEqual({ ...group, version: 2 });
    expect(store.groupsOf("bob")).toEqual([{ ...group, version: 2 }]);
    expect([store.groupsOf("carol"), store.group("dinner")]).toEqual([[], undefined]);
    expect(store.last("bob")).toBe(2);
  });

  test("know how far each phone has got, and who lags behind", () => {
    const store = new MemoryMessageStore();
    store.post(posting("1"));
    expect(store.cursor("bob", "desk")).toBe(undefined);
    expect([store.beginCursor("bob", "desk"), store.beginCursor("anna", "desk")]).toEqual([1, 1]);
    expect(store.behind("", 9)).toEqual([]);
    store.post(posting("2"));
    store.post(posting("3"));
    expect(store.behind("", 9)).toEqual(["anna", "bob"]);
    expect([store.behind("anna", 9), store.behind("", 1)]).toEqual([["bob"], ["anna"]]);
    store.advance("bob", "desk", 3);
    store.advance("bob", "desk", 2);
    store.advance("bob", "stranger", 2);
    expect([store.cursor("bob", "desk"), store.cursor("bob", "stranger")]).toEqual([3, undefined]);
    expect([store.beginCursor("bob", "desk"), store.behind("", 9)]).toEqual([3, ["anna"]]);
    store.dropCursor("anna", "desk");
    expect([store.cursor("anna", "desk"), store.behind("", 9)]).toEqual([undefined, []]);
  });

  test("go when their time is over, and their numbers are not given again", () => {
    const store = new MemoryMessageStore();
    expect(store.retention("bob")).toEqual({ days: 730, entries: 100_000 });
    const day = 86_400_000;
    for (let i = 1; i <= 9; i++) store.post(posting(`${i}`, said(`${i}`), i * day));
    store.setRetention("bob", { days: 3, entries: 100 });
    expect([store.expire(10 * day, 4), store.expire(10 * day, 4)]).toEqual([4, 2]);
    const { entries, last } = store.page("bob", { kind: "After", after: 0, limit: 99 });
    expect([entries.map(({ seq }) => seq), last]).toEqual([[7, 8, 9], 9]);
    store.setRetention("bob", { days: 3, entries: 0 });
    expect([store.expire(10 * day, 4), store.last("bob")]).toEqual([3, 9]);
    expect(store.post(posting("10"))).toEqual({ kind: "New", seqs: [10, 10] });
    expect(store.post(posting("1"))).toEqual({ kind: "Known" });
  });
});
