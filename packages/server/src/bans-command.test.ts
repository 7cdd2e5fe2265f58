import { expect, test } from "vitest";
import { readBansCommand } from "./bans-command.ts";

const read = (words: string, flags: Readonly<Record<string, string>> = {}) =>
  readBansCommand(words.split(" ").filter(Boolean), new Map(Object.entries(flags)));

test("alone it lists; an address is lifted or added, for a day if not told otherwise", () => {
  expect(read("")).toEqual({ kind: "List", json: false });
  expect(read("list", { json: "" })).toEqual({ kind: "List", json: true });
  expect(read("lift 192.0.2.7")).toEqual({ kind: "Lift", address: "192.0.2.7", json: false });
  expect(read("add ::1")).toEqual({ kind: "Add", address: "::1", hours: 24, json: false });
  expect(read("add ::1", { hours: "0.5" })).toMatchObject({ hours: 0.5 });
});

test("says in words what is wrong", () => {
  expect(read("drop")).toBe('Expected one of list, lift, add after bans; found "drop".');
  expect(read("lift")).toBe("carillon bans lift expects ADDRESS; found nothing.");
  expect(read("list now")).toBe("carillon bans list expects nothing more; found 1 word.");
  expect(read("list", { hours: "3" })).toBe("--hours means nothing to: carillon bans list");
  for (const hours of ["", "0", "-1", "never", "1e9"]) {
    expect(read("add 192.0.2.7", { hours })).toContain("--hours expects a number of hours");
  }
});
