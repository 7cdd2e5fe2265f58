import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { KeptConversations } from "./kept-conversations.ts";

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "carillon-kept-"));
  path = join(folder, "chat");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const all = (kept: KeptConversations) =>
  Object.fromEntries([...kept.names()].map((name) => [name, kept.read(name)]));

test("what was kept is there the next time", () => {
  const kept = new KeptConversations(path);
  kept.set("a", "1");
  kept.set("b", "two\nlines, ☎");
  kept.set("a", "3");
  kept.set("c", "gone");
  kept.remove("c");
  kept.remove("never");
  expect(all(new KeptConversations(path))).toEqual({ a: "3", b: "two\nlines, ☎" });
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("a change whose writing was cut short is none", () => {
  new KeptConversations(path).set("a", "1");
  appendFileSync(path, '["a","half of a te');
  expect(all(new KeptConversations(path))).toEqual({ a: "1" });
});

test("the file does not grow for ever", () => {
  const kept = new KeptConversations(path);
  for (let i = 0; i < 25_000; i++) kept.set("a", String(i));
  expect(readFileSync(path, "utf8").split("\n").length).toBeLessThan(12_000);
  expect(all(new KeptConversations(path))).toEqual({ a: "24999" });
});

test("a file that cannot be written to is refused in words", () => {
  expect(() => new KeptConversations(folder)).toThrow("--keep");
});
