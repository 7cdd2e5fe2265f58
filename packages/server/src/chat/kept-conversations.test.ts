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

test("a full disk spoils nothing but what it had no room for", () => {
  let room = Number.POSITIVE_INFINITY;
  const kept = new KeptConversations(path, (file, line) => {
    appendFileSync(file, line.slice(0, room));
    if (line.length > room) throw Object.assign(new Error("no room"), { code: "ENOSPC" });
  });
  kept.set("a", "1");
  kept.set("b", "1");
  room = 5;
  expect(() => kept.set("a", "2")).toThrow("no room");
  expect(() => kept.set("c", "1")).toThrow("no room");
  // What has been sent meanwhile is no reason to fall over.
  kept.remove("b");
  expect(all(kept)).toEqual({ a: "1" });
  room = Number.POSITIVE_INFINITY;
  kept.set("d", "a letter that waits");
  expect(all(new KeptConversations(path))).toEqual({ a: "1", b: "1", d: "a letter that waits" });
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
