import { expect, test } from "vitest";
import { Rush } from "./give-back.ts";

const MB = 1 << 20;

test("what a rush has left is collected once, when it has been over for two looks", () => {
  const rush = new Rush();
  expect(rush.look(0.02, 60 * MB)).toBe(false);
  expect(rush.look(0.9, 150 * MB)).toBe(false);
  expect(rush.look(0.05, 150 * MB)).toBe(false);
  expect(rush.look(0.05, 150 * MB)).toBe(true);
  for (let nth = 0; nth < 100; nth++) expect(rush.look(0.05, 90 * MB)).toBe(false);
});

test("nobody waits for it while there is something to do, nor for little", () => {
  const busy = new Rush();
  busy.look(0.02, 60 * MB);
  for (let nth = 0; nth < 100; nth++) expect(busy.look(nth % 2 ? 0.1 : 0.3, 200 * MB)).toBe(false);
  expect(busy.look(0.9, 200 * MB)).toBe(false);
  for (let nth = 0; nth < 100; nth++) expect(busy.look(nth % 2 ? 0.1 : 0.3, 200 * MB)).toBe(false);
  const small = new Rush();
  small.look(0.02, 60 * MB);
  small.look(0.9, 70 * MB);
  for (let nth = 0; nth < 100; nth++) expect(small.look(0.05, 70 * MB)).toBe(false);
});
