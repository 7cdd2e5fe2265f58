import { expect, test } from "vitest";
import { forgetConversations, localStore, type Shelf } from "./local-store.ts";

function shelf(): Shelf & { readonly kept: Map<string, string> } {
  const kept = new Map<string, string>();
  return {
    kept,
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
    key: (nth) => [...kept.keys()][nth] ?? null,
    get length() {
      return kept.size;
    },
  };
}

test("two seats in one browser keep their conversations apart", () => {
  const box = shelf();
  const [anna, bob] = [localStore(box, "/@anna/"), localStore(box, "/@bob/")];
  anna.set("a", "1");
  bob.set("a", "2");
  bob.set("b", "3");
  box.setItem("carillon.seats", "[]");
  expect([anna.read("a"), anna.read("b"), bob.read("a")]).toEqual(["1", undefined, "2"]);
  expect([[...anna.names()], [...bob.names()]]).toEqual([["a"], ["a", "b"]]);
  bob.remove("a");
  expect([[...anna.names()], [...bob.names()]]).toEqual([["a"], ["b"]]);
});

test("who signs out leaves nothing that was said, and what is others' stays", () => {
  const box = shelf();
  for (const name of ["a", "b", "c"]) localStore(box, "/@anna/").set(name, "x");
  localStore(box, "/@bob/").set("a", "y");
  box.setItem("carillon.drafts /@anna/", "[]");
  forgetConversations(box, "/@anna/");
  expect([...box.kept.keys()]).toEqual(["carillon.chat /@bob/ a"]);
});
