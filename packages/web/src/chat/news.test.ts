import type { ConversationView, Item } from "carillon/chat";
import { expect, test } from "vitest";
import { type Known, newsOf } from "./news.ts";

const item = (id: string, atMs: number, more: Partial<Item> = {}): Item => ({
  ...{ id, from: "sip:bob@h", isOwn: false, at: new Date(atMs), contentType: "text/plain" },
  ...{
    text: id,
    seq: undefined,
    state: "Sent",
    displayedBy: [],
    isEdited: false,
    isRetracted: false,
  },
  ...more,
});
const talk = (items: readonly Item[], unread = 1): ConversationView => ({
  ...{ uri: "sip:bob@h", title: "Bob", isGroup: false, members: [], items, unread },
  ...{ composing: [], hasEarlier: false },
});
const told = (known: Known, one: ConversationView, isQuiet = false, nowMs = 100_000) =>
  newsOf(known, [one], { isQuiet, nowMs }).news.map(({ item: { id } }) => id);

test("what comes in is news once", () => {
  const first = newsOf(new Map(), [talk([item("a", 90_000)])], { isQuiet: false, nowMs: 100_000 });
  expect(first.news).toHaveLength(1);
  expect(told(first.known, talk([item("a", 90_000)]))).toEqual([]);
  expect(told(first.known, talk([item("a", 90_000), item("b", 95_000)]))).toEqual(["b"]);
});

test("what is there when the page opens is no news, and neither is what is read already", () => {
  const list = [talk([item("a", 90_000)])];
  const opened = newsOf(new Map(), list, { isQuiet: true, nowMs: 100_000 });
  expect(opened.news).toEqual([]);
  expect(told(opened.known, talk([item("a", 90_000)]))).toEqual([]);
  expect(told(new Map(), talk([item("a", 90_000)], 0))).toEqual([]);
});

test("what one wrote oneself, and what was kept for long, ring no bell", () => {
  expect(told(new Map(), talk([item("a", 90_000, { isOwn: true })]))).toEqual([]);
  expect(told(new Map(), talk([item("a", 90_000)]), false, 1_000_000)).toEqual([]);
});

test("a message that was deleted is not told of", () => {
  expect(told(new Map(), talk([item("a", 90_000, { isRetracted: true })]))).toEqual([]);
});
