import { expect, test } from "vitest";
import { readNote, wordsOf } from "./note.ts";

test("a call is told with whom it is, and can be answered and declined", () => {
  const words = wordsOf({ kind: "call", name: "Anna", id: "1", video: true });
  expect(words.title).toBe("Anna is calling");
  expect(words.actions.map(({ action }) => action)).toEqual(["answer", "decline"]);
  expect(words.stays).toBe(true);
});

test("what was missed, written or answered elsewhere is told, and asks for nothing", () => {
  expect(wordsOf({ kind: "missed", name: "Anna" }).title).toBe("You missed a call from Anna");
  expect(wordsOf({ kind: "over", name: "Anna" }).body).toContain("another device");
  expect(wordsOf({ kind: "message", name: "Anna" }).body).toBe("Wrote to you.");
  expect(wordsOf({ kind: "message", name: "Anna", text: "Hello" }).body).toBe("Hello");
});

test("a name turns no text round, and is one line", () => {
  const name = `Bank${String.fromCodePoint(0x202e, 0x200b)}\n\nsecurity`;
  expect(readNote({ kind: "call", name })?.name).toBe("Bank security");
  const unseen = readNote({ kind: "call", name: String.fromCodePoint(0x202e, 0x2066) });
  expect(unseen && wordsOf(unseen).title).toBe("Somebody is calling");
});

test("what is no note is none, and what is one is cut to a line's length", () => {
  expect(readNote(undefined)).toBeUndefined();
  expect(readNote({ kind: "nonsense" })).toBeUndefined();
  expect(readNote({ kind: "call", name: 7 })).toEqual({ kind: "call", video: false });
  expect(readNote({ kind: "message", text: "a".repeat(1000) })?.text).toHaveLength(300);
});
