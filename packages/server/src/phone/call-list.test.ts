import type { CallState } from "carillon/ua";
import { expect, test } from "vitest";
import { CallList, type Numbered } from "./call-list.ts";

const talking: CallState = { name: "Established", sinceMs: 0 };
const held: CallState = { name: "Established", sinceMs: 0, held: "ByUs" };
const incoming: CallState = { name: "Incoming", video: false };
const ringing: CallState = { name: "Ringing" };

function listOf(...states: CallState[]): CallList<Numbered> {
  const list = new CallList<Numbered>();
  for (const state of states) list.add((number) => ({ number, call: { state } }));
  return list;
}

test("who says no number means the newest that fits", () => {
  const list = listOf(held, talking, incoming, incoming);
  expect(list.find(undefined, "Incoming")?.number).toBe(4);
  expect(list.find(undefined, "Talking")?.number).toBe(2);
  expect(list.find(undefined, "Held")?.number).toBe(1);
  expect(list.find(undefined, "Any")?.number).toBe(2);
  expect(listOf(ringing, held).find(undefined, "Any")?.number).toBe(2);
  expect(listOf(talking).find(undefined, "Incoming")).toBeUndefined();
});

test("a number means that call and no other", () => {
  const list = listOf(talking, held);
  expect(list.find(2, "Talking")?.number).toBe(2);
  expect(list.find(3, "Any")).toBeUndefined();
});

test("numbers begin anew once all calls are over, and none is given twice before", () => {
  const list = listOf(talking, held);
  const [first, second] = list.all;
  if (!first || !second) throw new Error("there are two");
  list.remove(first);
  expect(list.add((number) => ({ number, call: { state: ringing } })).number).toBe(3);
  for (const one of list.all) list.remove(one);
  expect(list.add((number) => ({ number, call: { state: ringing } })).number).toBe(1);
});
