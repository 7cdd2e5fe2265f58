import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "./clock.ts";
import { defaultSettings } from "./settings.ts";
import { credentialsFor } from "./store/credentials.ts";
import { openStore } from "./store/store.ts";
import { addUser, listUsers } from "./users.ts";

const world = { clock: systemClock, hostname: "tower" };
let data: string;

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "carillon-users-"));
});

afterEach(() => rmSync(data, { recursive: true, force: true }));

const settings = () => ({ ...defaultSettings, data });
const add = (person: string, deskPhone = true): string =>
  addUser({ settings: settings(), person, deskPhone }, world);

test("what is printed is what the phone signs in with", () => {
  const text = add("Anna Müller");
  const password = /^ {2}Password {3}(\S+)$/m.exec(text)?.[1] ?? "";
  expect(text).toContain("Added Anna Müller, with a desk phone.");
  expect(text).toContain("sip:anna-muller@tower");
  const store = openStore({ data, domain: undefined, hostname: "tower" }, systemClock);
  if (!store.ok) throw new Error("not opened");
  const [device] = store.value.accounts.devices("anna-muller");
  store.value.close();
  const { ha1 } = credentialsFor("anna-muller", password, { realm: "tower", deskPhone: true });
  expect(device?.ha1).toEqual(ha1);
});

test("a known name gets one more phone, and is told so", () => {
  add("Bob");
  expect(add("bob", false)).toContain("Bob was here already and has one more phone now.");
  expect(listUsers(settings(), world)).toBe("bob  Bob, 2 phones\n");
});

test("a running server sees a new phone within a second", async () => {
  const running = openStore({ data, domain: undefined, hostname: "tower" }, systemClock);
  if (!running.ok) throw new Error("not opened");
  const { accounts } = running.value;
  expect(accounts.has("bob")).toBe(false);
  add("Bob");
  await expect.poll(() => accounts.has("bob"), { timeout: 1000 }).toBe(true);
  expect(accounts.devices("bob")).toHaveLength(1);
  running.value.close();
});

test("an empty house says what to do", () => {
  expect(listUsers(settings(), world)).toContain("npm start");
});

test("a name that is none is refused in words", () => {
  expect(() => add("\u0007")).toThrow("1 to 64 characters");
  expect(() => add("echo")).toThrow("kept for a service");
});
