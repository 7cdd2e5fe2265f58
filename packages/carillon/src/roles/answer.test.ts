import { expect, test } from "vitest";
import { Pending, withAnswer } from "./answer.ts";

function heard<T>(answer: T | Pending<T>): unknown[] {
  const words: unknown[] = [];
  withAnswer(
    answer,
    (value) => words.push(value),
    (cause) => words.push("failed", cause),
  );
  return words;
}

test("a value at hand is used at once", () => {
  expect(heard(1)).toEqual([1]);
  expect(heard(undefined)).toEqual([undefined]);
});

test("a value that comes later is used once, when it comes", () => {
  const pending = new Pending<number>();
  const words = heard(pending);
  expect(words).toEqual([]);
  pending.resolve(1);
  pending.resolve(2);
  pending.reject("late");
  expect(words).toEqual([1]);
});

test("a value that came before anybody waited for it is not lost", () => {
  const pending = new Pending<number>();
  pending.resolve(1);
  expect(heard(pending)).toEqual([1]);
});

test("a store that fails is heard of, once", () => {
  const pending = new Pending<number>();
  const words = heard(pending);
  pending.reject("disk");
  pending.resolve(1);
  expect(words).toEqual(["failed", "disk"]);
});
