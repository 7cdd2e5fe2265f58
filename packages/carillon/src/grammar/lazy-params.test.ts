import { expect, test } from "vitest";
import { LazyParams } from "./lazy-params.ts";
import { readParams } from "./params.ts";

test("parameters that are read late are those that are read at once", () => {
  const text = "<sip:a>;tag=1;LR;x=%41";
  const early = readParams(text, 7, text.length);
  const late = new LazyParams(text, 7, text.length, readParams);
  expect([...late]).toEqual([...(early ?? [])]);
  expect([...late.entries()]).toEqual([...(early ?? [])]);
  expect([...late.keys()]).toEqual(["tag", "lr", "x"]);
  expect([...late.values()]).toEqual(["1", "", "%41"]);
  expect([late.size, late.get("tag"), late.get("TAG"), late.has("lr"), late.has("y")]).toEqual([
    ...[3, "1", undefined, true, false],
  ]);
  const each: unknown[] = [];
  late.forEach((value, name, all) => void each.push([name, value, all === late]));
  expect(each).toEqual([
    ["tag", "1", true],
    ["lr", "", true],
    ["x", "%41", true],
  ]);
});

test("nothing is read before somebody asks, and nothing twice", () => {
  const asked: unknown[] = [];
  const late = new LazyParams(";a=1", 0, 4, (...where) => {
    asked.push(where);
    return readParams(...where);
  });
  expect(asked).toEqual([]);
  expect([late.get("a"), late.size]).toEqual(["1", 1]);
  expect(asked).toEqual([[";a=1", 0, 4]]);
});

test("what turns out to break the grammar has none", () => {
  const late = new LazyParams(";;", 0, 2, readParams);
  expect([late.size, late.has(""), [...late]]).toEqual([0, false, []]);
});
