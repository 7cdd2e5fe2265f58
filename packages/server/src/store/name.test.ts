import { expect, test } from "vitest";
import { isName, keptName, readName } from "./name.ts";

const nameOf = (typed: string): string => {
  const read = readName(typed);
  return read.ok ? read.value.name : read.refusal.code;
};

test.each([
  ["Anna Müller", "anna-muller"],
  ["  bob  ", "bob"],
  ["Łukasz Größe", "lukasz-grosse"],
  ["O'Brien & Söhne!", "o-brien-sohne"],
  ["1000", "1000"],
  ["ＷＩＤＥ", "wide"],
])("the name %s is called %s", (typed, name) => {
  expect(nameOf(typed)).toBe(name);
});

test("what is shown is what was typed, with outer and doubled spaces gone", () => {
  const read = readName("  Anna   Müller ");
  expect(read.ok && read.value.displayName).toBe("Anna Müller");
});

test("a name in another script gets an address of its own, the same one every time", () => {
  expect(nameOf("Анна")).toMatch(/^person-[0-9a-f]{8}$/);
  expect(nameOf("Анна")).toBe(nameOf("анна"));
  expect(nameOf("小明")).not.toBe(nameOf("Анна"));
});

test.each([
  ["nothing", ""],
  ["only spaces", "   "],
  ["65 characters", "a".repeat(65)],
  ["a line end", "bob\r\nVia: x"],
  ["a NUL", "bob\0"],
  ["text turned around", "bob\u202eecila"],
  ["half a surrogate", "bob\ud800"],
  ["only signs", "!?"],
])("%s is not a name", (_, typed) => {
  expect(nameOf(typed)).toBe("NAME_INVALID");
});

test("64 characters are a name, counted as people count them", () => {
  expect(nameOf("a".repeat(64))).toBe("a".repeat(64));
  expect(nameOf(`${"🔔".repeat(63)}a`)).toBe("a");
});

test("the addresses of the house's services are kept, and all others free", () => {
  for (const name of ["echo", "files", "contacts", "groups", "house", "tone", "clock"]) {
    expect(keptName(name)?.message).toBe(`The name ${name} is kept for a service of the house.`);
    expect(nameOf(name)).toBe(name);
  }
  expect([keptName("anna"), keptName("filess")]).toEqual([undefined, undefined]);
});

test("a name has the form that readName gives it, and nothing else has", () => {
  for (const name of ["a", "anna-muller", "1000", "a".repeat(64)]) expect(isName(name)).toBe(true);
  for (const name of ["", "-a", "a-", "a--b", "A", "a b", "ä", "a".repeat(65), "a\n"]) {
    expect(isName(name), name).toBe(false);
  }
});
