import type { Item } from "carillon/chat";
import { expect, test } from "vitest";
import { firstNew, timeline } from "./timeline.ts";

const item = (id: string, from: string, minute: number, more: Partial<Item> = {}): Item => ({
  id,
  from: `sip:${from}@house.example`,
  isOwn: from === "anna",
  at: new Date(2026, 10, 28, 12, minute),
  contentType: "text/plain",
  text: id,
  seq: undefined,
  state: "Sent",
  displayedBy: [],
  isEdited: false,
  isRetracted: false,
  ...more,
});

const BOBS = (id: string) => `sip:bob@house.example ${id}`;

const drawn = (items: readonly Item[], newFrom?: string) =>
  timeline(items, newFrom).map((row) => {
    if (row.kind !== "Item") return row.kind;
    return `${row.item.id}${row.goesOn ? " goes on" : ""}${row.isLast ? " last" : ""}`;
  });

test("messages of one person that are close belong together", () => {
  const items = [item("a", "bob", 0), item("b", "bob", 1), item("c", "bob", 20)];
  expect(drawn(items)).toEqual(["Day", "a", "b goes on last", "c last"]);
});

test("another person, and another day, begin anew", () => {
  const next = { at: new Date(2026, 10, 29, 0, 1) };
  const items = [item("a", "bob", 0), item("b", "anna", 1), item("c", "anna", 2, next)];
  expect(drawn(items)).toEqual(["Day", "a last", "b last", "Day", "c last"]);
});

test("the line of what is new stands above the first, and parts what belongs together", () => {
  const items = [item("a", "bob", 0), item("b", "bob", 1), item("c", "bob", 2)];
  expect(drawn(items, BOBS("b"))).toEqual(["Day", "a last", "New", "b", "c goes on last"]);
});

test("what is new are the last messages of others, whatever one wrote between them", () => {
  const items = [
    item("a", "bob", 0),
    item("b", "bob", 1),
    item("c", "anna", 2),
    item("d", "bob", 3),
  ];
  expect(firstNew(items, 0)).toBeUndefined();
  expect(firstNew(items, 1)).toBe(BOBS("d"));
  expect(firstNew(items, 2)).toBe(BOBS("b"));
  expect(firstNew(items, 9)).toBe(BOBS("a"));
  expect(firstNew([item("c", "anna", 2)], 3)).toBeUndefined();
});

test("every row has a key of its own", () => {
  const items = [item("a", "bob", 0), item("b", "anna", 1), item("c", "bob", 2)];
  const keys = timeline(items, BOBS("c")).map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
});
