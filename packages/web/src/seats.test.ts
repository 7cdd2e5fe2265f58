import { expect, test } from "vitest";
import { parseSeats, withoutSeat, withSeat } from "./seats.ts";

const anna = { path: "/@anna/", displayName: "Anna", house: "house.example" };
const bob = { path: "/@bob/", displayName: "Bob", house: "house.example" };

test("an empty, broken or foreign storage means no seats", () => {
  for (const text of [null, "", "{", "7", '{"path":"/@a/"}', '[1,{"path":"http://evil/"}]']) {
    expect(parseSeats(text)).toEqual([]);
  }
});

test("seats survive being written and read", () => {
  expect(parseSeats(JSON.stringify([anna, bob]))).toEqual([anna, bob]);
});

test("a seat used again moves to the front and is there once", () => {
  expect(withSeat([anna, bob], { ...bob, displayName: "Robert" })).toEqual([
    { ...bob, displayName: "Robert" },
    anna,
  ]);
});

test("a forgotten seat is gone", () => {
  expect(withoutSeat([anna, bob], anna.path)).toEqual([bob]);
});
