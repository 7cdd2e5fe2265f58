import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "./clock.ts";
import { defaultSettings } from "./settings.ts";
import { credentialsFor } from "./store/credentials.ts";
import { openStore } from "./store/store.ts";
import type { UserCommand } from "./user-command.ts";
import { carryOutForUser } from "./users.ts";

const world = { clock: systemClock, hostname: "tower" };
let data: string;

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "carillon-users-"));
});

afterEach(() => rmSync(data, { recursive: true, force: true }));

const settings = () => ({ ...defaultSettings, data });
const carryOut = (command: UserCommand): string => carryOutForUser(command, settings(), world);
const flags = { json: false, label: "", deskPhone: true };
const add = (person: string, more: Partial<typeof flags> = {}): string =>
  carryOut({ kind: "Add", person, ...flags, ...more });
const inJson = <T>(command: UserCommand): T =>
  JSON.parse(carryOut({ ...command, json: true })) as T;
const list = () => carryOut({ kind: "List", json: false });
const phones = (person: string) =>
  inJson<{ id: string; label: string }[]>({ kind: "ListDevices", person, json: true });

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
  const second = add("bob", { deskPhone: false, label: "Kitchen" });
  expect(second).toContain("Bob was here already and has one more phone, Kitchen now.");
  expect(list()).toBe("bob  Bob, 2 phones\n");
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
  expect(list()).toContain("npm start");
  expect(inJson({ kind: "List", json: true })).toEqual([]);
});

test("a name that is none is refused in words", () => {
  expect(() => add("\u0007")).toThrow("1 to 64 characters");
  expect(() => add("echo")).toThrow("kept for a service");
});

test("a program reads what a person reads, and the password once", () => {
  const added = inJson<Record<string, unknown>>({
    kind: "Add",
    person: "Anna Müller",
    ...flags,
    label: "Hall",
  });
  const person = { name: "anna-muller", displayName: "Anna Müller", owner: false };
  const device = { label: "Hall", deskPhone: true };
  expect(added).toMatchObject({
    person: { ...person, address: "sip:anna-muller@tower" },
    isNewPerson: true,
    device,
    server: { port: 5060, transport: "udp" },
    user: "anna-muller",
    realm: "tower",
    password: expect.stringMatching(/^[0-9a-z]{20}$/),
  });
  expect(inJson({ kind: "List", json: true })).toMatchObject([{ ...person, devices: [device] }]);
  expect(JSON.stringify(phones("Anna Müller"))).not.toContain(added["password"]);
});

test("a phone is revoked by its id or its name, and the others stay", () => {
  add("Bob", { label: "Hall" });
  carryOut({ kind: "AddDevice", person: "bob", ...flags, label: "Kitchen" });
  add("Bob", { label: "Hall" });
  const [first] = phones("bob");
  const revoke = (device: string) =>
    carryOut({ kind: "RevokeDevice", person: "bob", device, json: false });
  expect(() => revoke("Hall")).toThrow("Several phones of this person are called that.");
  expect(() => revoke("Cellar")).toThrow("no such phone");
  expect(revoke("Kitchen")).toContain("Kitchen is revoked");
  expect(revoke(first?.id ?? "")).toContain("Bob has 1 phone left.");
  expect(phones("bob").map(({ label }) => label)).toEqual(["Hall"]);
  const gone = inJson({ kind: "RevokeDevice", person: "bob", device: "Hall", json: true });
  expect(gone).toMatchObject({ revoked: { label: "Hall" }, left: 0 });
  const none = carryOut({ kind: "ListDevices", person: "bob", json: false });
  expect(none).toBe("Bob has no phone yet. Add one: carillon user device add bob\n");
});

test("a list of phones has their ids, names and days", () => {
  add("Bob", { label: "Hall" });
  add("Bob", { deskPhone: false });
  const lines = carryOut({ kind: "ListDevices", person: "Bob", json: false });
  expect(lines.split("\n")).toHaveLength(3);
  expect(lines).toMatch(/^[0-9a-z]{12} {2} {4} {2}phone since \d{4}-\d\d-\d\d$/m);
  expect(lines).toMatch(/^[0-9a-z]{12} {2}Hall {2}desk phone since \d{4}-\d\d-\d\d$/m);
});

test("a person is removed with everything, and somebody unknown is refused in words", () => {
  add("Bob");
  expect(carryOut({ kind: "Remove", person: "Bob", json: false })).toContain("signed out");
  expect(list()).toContain("Nobody lives here yet");
  for (const command of [
    { kind: "Remove", person: "Bob", json: false },
    { kind: "ListDevices", person: "Bob", json: false },
    { kind: "AddDevice", person: "Bob", ...flags },
    { kind: "RevokeDevice", person: "Bob", device: "x", json: false },
  ] as const) {
    expect(() => carryOut(command), command.kind).toThrow("Nobody of this name lives here.");
  }
});
