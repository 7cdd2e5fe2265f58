import { HOSTILE_STRINGS } from "carillon/testing";
import { expect, test } from "vitest";
import { plainName } from "./plain-name.ts";

test("a name stays as it is, in any script", () => {
  for (const name of ["Anna Müller", "Søren", "שרה", "محمد", "山田太郎", "Ana 👩‍👧"]) {
    expect(plainName(name)).toBe(name);
  }
});

test("what breaks a line becomes a space, and what turns it is left out", () => {
  expect(plainName("a\r\nb\u0000c\u2028d")).toBe("a b c d");
  expect(plainName("holiday\u202egpj.exe")).toBe("holidaygpj.exe");
  expect(plainName("\u2067Anna\u2069\u200b")).toBe("Anna");
});

test("markup is text like any other", () => {
  expect(plainName('<img src=x onerror="alert(1)">')).toBe('<img src=x onerror="alert(1)">');
});

test("a name that is too long ends in an ellipsis, and no letter is cut in two", () => {
  const long = plainName("👩".repeat(500));
  expect([...long]).toHaveLength(120);
  expect(long.endsWith("👩…")).toBe(true);
});

test("marks do not pile up over other lines", () => {
  expect(plainName(`Z${"\u0301".repeat(100)}`)).toHaveLength(5);
});

test("where nothing is left, another name stands for it", () => {
  for (const text of ["", "\u202e \u0007", "\u3164\u115f", "\u{e0061}", "\u200b".repeat(2000)]) {
    expect(plainName(text, "Nameless")).toBe("Nameless");
  }
});

test("whatever others call themselves is one short line that turns nothing around it", () => {
  for (const { text } of HOSTILE_STRINGS) {
    const name = plainName(text);
    expect([...name].length).toBeLessThanOrEqual(120);
    expect(name).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069\u200b]/u);
  }
});
