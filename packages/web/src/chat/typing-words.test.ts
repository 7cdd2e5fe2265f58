import { expect, test } from "vitest";
import { typingWords } from "./typing-words.ts";

test("it says who is typing, or how many", () => {
  expect(typingWords([], true)).toBeUndefined();
  expect(typingWords(["Bob"], false)).toBe("is typing…");
  expect(typingWords(["Bob"], true)).toBe("Bob is typing…");
  expect(typingWords(["Bob", "Carol"], true)).toBe("Bob and Carol are typing…");
  expect(typingWords(["A", "B", "C", "D"], true)).toBe("4 people are typing…");
});
