import { expect, test } from "vitest";
import { offerAnswerTables } from "./examples.ts";

test("RFC 6337: none of its figures is left out, and each row says what comes of it", () => {
  const tables = offerAnswerTables();
  const names = tables.flatMap(({ rows }) => rows.map(({ name }) => name));
  const isDrawn = (n: number) =>
    names.some((name) => new RegExp(`(figure|and) ${n}\\b`).test(name));
  // Figure 3 is what messages that cross look like: the form of those after it.
  const figures = Array.from({ length: 19 }, (_, at) => at + 1).filter((n) => n !== 3);
  expect(figures.filter((n) => !isDrawn(n))).toEqual([]);
  expect(tables.map(({ rows }) => rows.length)).toEqual([18, 7, 2, 17, 14, 13]);
  for (const { messages } of tables.flatMap(({ rows }) => rows)) {
    expect(messages.some((line) => line.includes(": "))).toBe(true);
  }
});
