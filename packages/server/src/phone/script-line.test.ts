import fc from "fast-check";
import { expect, test } from "vitest";
import { readScriptLine } from "./script-line.ts";

test("words, and documents with a number that comes back", () => {
  const order = { kind: "Message", who: "bob", text: "Dinner is ready" };
  expect(readScriptLine("message bob Dinner is ready")).toEqual({
    ...{ id: undefined, read: { ok: true, order } },
  });
  expect(readScriptLine('{"id": 7, "do": ["message", "bob", "Dinner is ready"]}')).toEqual({
    ...{ id: 7, read: { ok: true, order } },
  });
  expect(readScriptLine('{"id": "x", "do": "hangup all"}')).toEqual({
    ...{ id: "x", read: { ok: true, order: { kind: "HangUp", call: "all" } } },
  });
  expect(readScriptLine("  ")).toBeUndefined();
});

test.each(["{", "{}", '{"do": 1}', '{"do": []}', '{"do": "call bob", "else": 1}'])(
  "%s is no document",
  (line) => {
    expect(readScriptLine(line)).toMatchObject({
      read: { ok: false, words: expect.stringContaining("A document is expected") },
    });
  },
);

test("a document with an order that is wrong keeps its number", () => {
  expect(readScriptLine('{"id": 3, "do": "dance"}')).toMatchObject({ id: 3, read: { ok: false } });
  expect(readScriptLine('{"id": 3, "do": ""}')).toMatchObject({ id: 3, read: { ok: false } });
});

test("no line of any kind throws", () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (line) => void readScriptLine(line)));
});
