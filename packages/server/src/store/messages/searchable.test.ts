import { DatabaseSync } from "node:sqlite";
import { beforeEach, expect, test } from "vitest";
import { questionFor, readerWord, searchable } from "./searchable.ts";

let index: DatabaseSync;

beforeEach(() => {
  index = new DatabaseSync(":memory:");
  index.exec(
    `CREATE VIRTUAL TABLE words USING fts5 (text, readers,
       content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 2")`,
  );
});

function put(number: number, text: string, readers: readonly number[] = [1]): void {
  index
    .prepare("INSERT INTO words (rowid, text, readers) VALUES (?, ?, ?)")
    .run(number, searchable(text), readers.map(readerWord).join(" "));
}

function find(typed: string, journal = 1): readonly number[] {
  const question = questionFor(journal, typed);
  if (question === undefined) return [];
  const rows = index.prepare("SELECT rowid AS number FROM words WHERE words MATCH ?").all(question);
  return rows.map(({ number }) => Number(number));
}

test("every word is found, whole or by its beginning, in any order, case and accent", () => {
  put(1, "Grüße aus Łódź, bis Sonntag!");
  put(2, "bis Montag");
  expect(find("GRUSSE")).toEqual([]);
  for (const typed of ["grüße", "Gruße", "sonn", "sonntag gr", "Gru\u0308ße", "bis so", "łódz"]) {
    expect(find(typed), typed).toEqual([1]);
  }
  expect(find("bis")).toEqual([1, 2]);
  expect(find("bis dienstag")).toEqual([]);
});

test("one letter is a word, and the beginning of none: it would be of far too many", () => {
  put(1, "plan b");
  put(2, "bread");
  expect([find("b"), find("br"), find("plan b")]).toEqual([[1], [2], [1]]);
});

test("a word with something in it that is no letter is a row of words", () => {
  put(1, "read http://house.example/f/picture.jpg, o'neill");
  put(2, "example: the house of neill");
  for (const typed of ["house.example", "picture.jpg", "/f/pic", "o'neill"]) {
    expect(find(typed), typed).toEqual([1]);
  }
});

test("where a script has no spaces, what is inside is found", () => {
  put(1, "明日は東京駅で会いましょう");
  put(2, "京都の東");
  expect(find("東京")).toEqual([1]);
  expect(find("東京駅 会い")).toEqual([1]);
  expect(find("東")).toEqual([1, 2]);
  put(3, "สวัสดีครับ");
  expect(find("ครับ")).toEqual([3]);
});

test("a journal's owner finds what is in it, and nothing of others", () => {
  put(1, "secret", [1, 2]);
  put(2, "secret j1", [3, 12]);
  expect([find("secret", 1), find("secret", 2), find("secret", 3)]).toEqual([[1], [1], [2]]);
  expect([find("j1", 1), find("j12", 1)]).toEqual([[], []]);
});

test("nothing that is typed means anything to the index but the words in it", () => {
  put(1, "one two");
  put(2, "NEAR OR NOT");
  const odd = [
    ...['"', '""', "'", "*", "one OR two)", '" OR readers : j3', "text : one", "^one", "-one"],
    ...["one + two", "NEAR(one two)", "a".repeat(10_000), "a ".repeat(10_000), "\0", "\ud800"],
    ...["🔔", "😀 one", "(", "{text}", "\u0301", "\u0e31", "𝔬𝔫𝔢"],
  ];
  for (const typed of odd) expect(() => find(typed), JSON.stringify(typed)).not.toThrow();
  expect(find("^one")).toEqual([1]);
  expect(find("NEAR")).toEqual([2]);
  expect(find("one OR two)")).toEqual([]);
  expect(find('" OR readers : j3')).toEqual([]);
  expect([find(""), find("  "), find("🔔"), find('"*"')]).toEqual([[], [], [], []]);
});
