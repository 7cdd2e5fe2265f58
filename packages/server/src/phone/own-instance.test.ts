import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { ownInstance } from "./own-instance.ts";

const ANNA = "sip:anna@example.com";
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "carillon-instance-"));
  folders.push(made);
  return join(made, "carillon", "phones");
}

/** As if the program that claimed a name had ended: killed, or not. */
function ended(folder: string): void {
  const { pid } = spawnSync(process.execPath, ["--version"]);
  for (const name of readdirSync(folder)) {
    if (name.endsWith(".pid")) writeFileSync(join(folder, name), `${pid}`);
  }
}

//= RFC 5626 §4.1
//# This URN MUST be persistent across power cycles of the device. The instance ID MUST NOT change
//# as the device moves from one network to another.
//= RFC 5626 §4.1
//# A UA SHOULD create a Universally Unique Identifier (UUID) URN [RFC4122] as its instance-id.
test("RFC 5626 §4.1: a phone that starts again is the same device", () => {
  const at = folder();
  const first = ownInstance(ANNA, at);
  expect(first).toMatch(/^urn:uuid:[0-9a-f-]{36}$/);
  ended(at);
  expect(ownInstance(ANNA, at)).toBe(first);
  expect(statSync(at).mode & 0o077).toBe(0);
});

test("two that run at a time are two devices, and each is the same one again", () => {
  const at = folder();
  const both = [ownInstance(ANNA, at), ownInstance(ANNA, at)];
  expect(new Set(both).size).toBe(2);
  expect(ownInstance("sip:bert@example.com", at)).not.toBe(both[0]);
  ended(at);
  expect([ownInstance(ANNA, at), ownInstance(ANNA, at)]).toEqual(both);
});

test("more than are kept, and a folder that cannot be written, have names for once", () => {
  const at = folder();
  const all = Array.from({ length: 10 }, () => ownInstance(ANNA, at));
  expect(new Set(all).size).toBe(10);
  expect(readdirSync(at)).toHaveLength(16);
  const file = join(at, "file");
  writeFileSync(file, "");
  expect(ownInstance(ANNA, join(file, "below"))).toMatch(/^urn:uuid:/);
});

test("what somebody else wrote in its place is replaced", () => {
  const at = folder();
  const first = ownInstance(ANNA, at);
  ended(at);
  const [name = ""] = readdirSync(at).filter((one) => !one.endsWith(".pid"));
  writeFileSync(join(at, name), 'urn:uuid:"><sip:evil@example.com>');
  const second = ownInstance(ANNA, at);
  expect(second).not.toBe(first);
  ended(at);
  expect(ownInstance(ANNA, at)).toBe(second);
});
