import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CannotStart } from "../cannot-start.ts";
import { HOUSE_LIMITS, houseLimits, keepHouseLimits } from "./house-limits.ts";
import { migrations } from "./migrations.ts";
import { SESSION_IDLE_MS } from "./sessions.ts";
import { openStore, type Store } from "./store.ts";

let data: string;
let now = 1_700_000_000_000;
const opened: Store[] = [];

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "carillon-store-"));
});

afterEach(() => {
  for (const store of opened.splice(0)) store.close();
  rmSync(data, { recursive: true, force: true });
});

function open(domain?: string): Store {
  const store = openStore(
    { data: join(data, "house"), domain, hostname: "Tower" },
    { wall: () => now, steady: () => now },
  );
  if (!store.ok) throw new Error(store.refusal.message);
  opened.push(store.value);
  return store.value;
}

const hour = 3_600_000;
const inviteOf = (store: Store, uses = 5): string =>
  store.invites.make({ madeBy: null, uses, validMs: hour }).code;
const codeOf = (outcome: { ok: boolean; refusal?: { code: string } }): string =>
  outcome.ok ? "ok" : (outcome.refusal?.code ?? "?");

test("a house keeps its domain, realm and keys from its first start", () => {
  const first = open().house;
  expect(first.domain).toBe("tower");
  expect(first.key).toHaveLength(32);
  expect(open().house).toEqual(first);
  expect(() => open("other.example")).toThrow("since its first start");
});

test("the data folder is for its owner's eyes only", () => {
  open();
  expect(statSync(join(data, "house")).mode & 0o777).toBe(0o700);
  for (const file of readdirSync(join(data, "house"))) {
    expect(statSync(join(data, "house", file)).mode & 0o777, file).toBe(0o600);
  }
});

test("the first person to join owns the house, the second does not", () => {
  const store = open();
  const invite = inviteOf(store);
  const anna = store.join({ invite, name: "Anna Müller" });
  const bob = store.join({ invite, name: "Bob" });
  expect(anna.ok && anna.value.person).toEqual({
    name: "anna-muller",
    displayName: "Anna Müller",
    owner: true,
  });
  expect(bob.ok && bob.value.person.owner).toBe(false);
});

test("a phone added at the command line does not take the house from the first person", () => {
  const store = open();
  addPhone(store, "Hall", true);
  const anna = store.join({ invite: inviteOf(store), name: "Anna" });
  expect(anna.ok && anna.value.person.owner).toBe(true);
});

test("a name that is taken costs the invite nothing", () => {
  const store = open();
  const invite = inviteOf(store, 2);
  expect(codeOf(store.join({ invite, name: "Bob" }))).toBe("ok");
  expect(codeOf(store.join({ invite, name: " BOB " }))).toBe("NAME_TAKEN");
  expect(codeOf(store.join({ invite, name: "Bobby" }))).toBe("ok");
  expect(codeOf(store.join({ invite, name: "Carol" }))).toBe("INVITE_USED");
});

test("an invite ends at its time, and an unknown one tells nothing about names", () => {
  const store = open();
  const invite = inviteOf(store);
  store.join({ invite, name: "Bob" });
  expect(codeOf(store.join({ invite: "nonsense", name: "Bob" }))).toBe("INVITE_UNKNOWN");
  now += hour;
  expect(codeOf(store.invites.check(invite))).toBe("INVITE_EXPIRED");
});

test("two processes that want one name: one gets it", () => {
  const [one, two] = [open(), open()];
  const invite = inviteOf(one);
  // Both remember that nobody is called Bob, and neither looks again within this moment.
  expect([one.accounts.has("bob"), two.accounts.has("bob")]).toEqual([false, false]);
  const outcomes = [one, two, one, two].map((store) => codeOf(store.join({ invite, name: "Bob" })));
  expect(outcomes).toEqual(["ok", "NAME_TAKEN", "NAME_TAKEN", "NAME_TAKEN"]);
});

test("a full house says so, and how many it takes", () => {
  const store = open();
  const invite = inviteOf(store, HOUSE_LIMITS.people + 1);
  for (let i = 0; i < HOUSE_LIMITS.people; i++) store.join({ invite, name: `Guest ${i}` });
  const last = store.join({ invite, name: "One more" });
  expect(codeOf(last)).toBe("HOUSE_FULL");
  expect(!last.ok && last.refusal.message).toContain(`${HOUSE_LIMITS.people}`);
});

test("how many people and phones it takes is the operator's to say, to every process", () => {
  const [server, worker] = [open(), open()];
  keepHouseLimits(server.db, { people: 2 });
  expect(houseLimits(worker.db)).toEqual({ people: 2, phonesEach: HOUSE_LIMITS.phonesEach });
  const invite = inviteOf(server);
  const joins = ["One", "Two", "Three"].map((name) => codeOf(worker.join({ invite, name })));
  expect(joins).toEqual(["ok", "ok", "HOUSE_FULL"]);
  keepHouseLimits(server.db, { people: 3, phonesEach: 1 });
  expect(codeOf(worker.join({ invite, name: "Three" }))).toBe("ok");
  addPhone(worker, "Two", true);
  expect(() => addPhone(worker, "Two", true)).toThrow();
  // What is said no more is as it was.
  keepHouseLimits(server.db, {});
  expect(houseLimits(worker.db)).toEqual(HOUSE_LIMITS);
});

test("a phone added by another process is there for the running one within a second", () => {
  const [server, command] = [open(), open()];
  expect(server.accounts.has("bob")).toBe(false);
  expect(addPhone(command, "Bob", true).isNewPerson).toBe(true);
  now += 1000;
  expect(server.accounts.has("bob")).toBe(true);
  expect(server.accounts.devices("bob")).toHaveLength(1);
  expect(server.accounts.devices("bob")[0]).toMatchObject({ account: "bob", deskPhone: true });
});

test("a phone may sign in the moment another process has printed its password", () => {
  const [server, command] = [open(), open()];
  expect(server.accounts.devices("bob")).toEqual([]);
  expect(server.accounts.hasDeskPhones).toBe(false);
  addPhone(command, "Bob", true);
  expect(server.accounts.hasDeskPhones).toBe(true);
  expect(server.accounts.devices("bob")).toHaveLength(1);
});

test("a second phone of one person has a password of its own, and no MD5 if told", () => {
  const store = open();
  const second = addPhone(store, "Bob", false);
  expect(store.accounts.hasDeskPhones).toBe(false);
  const first = addPhone(store, "Bob", true);
  expect(store.accounts.hasDeskPhones).toBe(true);
  expect([second.isNewPerson, first.isNewPerson]).toEqual([true, false]);
  expect(second.password).not.toBe(first.password);
  const devices = store.accounts.devices("bob");
  expect(devices.filter((device) => device.ha1.MD5 !== undefined)).toHaveLength(1);
  expect(new Set(devices.map((device) => device.ha1["SHA-256"])).size).toBe(2);
});

test("a session is found by its secret and named by its fingerprint, until it ends", () => {
  const store = open();
  const joined = store.join({ invite: inviteOf(store), name: "Bob" });
  if (!joined.ok) throw new Error("not joined");
  const session = store.sessions.find(joined.value.secret);
  expect(session?.account).toBe("bob");
  expect(store.accounts.session(session?.id ?? "")).toBe(true);
  expect(store.sessions.find(session?.id ?? "")).toBe(undefined);
  // Another process still sees it, and both see its end.
  const other = open();
  expect(other.accounts.session(session?.id ?? "")).toBe(true);
  store.sessions.end(session?.id ?? "");
  expect(store.sessions.find(joined.value.secret)).toBe(undefined);
  now += 1000;
  expect(other.accounts.session(session?.id ?? "")).toBe(false);
});

test("a session that is used stays, one that is left alone ends", () => {
  const store = open();
  const joined = store.join({ invite: inviteOf(store), name: "Bob" });
  if (!joined.ok) throw new Error("not joined");
  now += SESSION_IDLE_MS - hour;
  expect(store.sessions.find(joined.value.secret)?.account).toBe("bob");
  now += SESSION_IDLE_MS - hour;
  expect(store.sessions.find(joined.value.secret)?.account).toBe("bob");
  now += SESSION_IDLE_MS + hour;
  expect(store.sessions.find(joined.value.secret)).toBe(undefined);
});

test("no secret is in the files: neither code, nor session, nor password", () => {
  const store = open();
  const invite = inviteOf(store);
  const joined = store.join({ invite, name: "Bob" });
  const { password } = addPhone(store, "Hall", true);
  store.close();
  for (const file of readdirSync(join(data, "house"))) {
    const bytes = readFileSync(join(data, "house", file), "latin1");
    expect(bytes).not.toContain(invite);
    expect(bytes).not.toContain(password);
    expect(bytes).not.toContain(joined.ok ? joined.value.secret : "?");
  }
});

test("names are values and never SQL", () => {
  const store = open();
  const invite = inviteOf(store);
  expect(codeOf(store.join({ invite, name: "'); DROP TABLE account; --" }))).toBe("ok");
  expect(store.accounts.people().map((person) => person.name)).toEqual(["drop-table-account"]);
  expect(store.accounts.has("' OR '1'='1")).toBe(false);
});

test("data of a newer version is left alone, in words", () => {
  open().close();
  const sqlite = new DatabaseSync(join(data, "house", "carillon.sqlite"));
  sqlite.exec(`PRAGMA user_version = ${migrations.length + 1}`);
  sqlite.close();
  expect(() => open()).toThrow("written by a newer Carillon");
});

test("a house of the first schema is brought up to date with all it holds", () => {
  mkdirSync(join(data, "house"));
  const sqlite = new DatabaseSync(join(data, "house", "carillon.sqlite"));
  sqlite.exec(migrations[0] ?? "");
  sqlite.exec("PRAGMA user_version = 1");
  sqlite.exec("INSERT INTO account VALUES ('bob', 'Bob', 1, 5)");
  sqlite.exec("INSERT INTO device VALUES ('d1', 'bob', 0, NULL, 'x', 'y', 6)");
  sqlite.close();
  const store = open();
  expect(store.accounts.people()).toEqual([{ name: "bob", displayName: "Bob", owner: true }]);
  expect(store.accounts.devices("bob")).toMatchObject([{ id: "d1", label: "", createdAt: 6 }]);
});

test("what people subscribed to stays when calls are kept beside it", () => {
  mkdirSync(join(data, "house"));
  const sqlite = new DatabaseSync(join(data, "house", "carillon.sqlite"));
  const before = migrations.findIndex((one) => one.includes("event_state_2"));
  for (const one of migrations.slice(0, before)) sqlite.exec(one);
  sqlite.exec(`PRAGMA user_version = ${before}`);
  const add = (kind: string) => `INSERT INTO event_state VALUES ('${kind}', 's1', 5, '{}')`;
  sqlite.exec(add("subscription"));
  expect(() => sqlite.exec(add("leg"))).toThrow("CHECK");
  sqlite.close();
  const { db } = open();
  for (const kind of ["bridged", "call", "leg", "spending"]) db.run(add(kind));
  expect(() => db.run(add("other"))).toThrow("CHECK");
  expect(db.all("SELECT kind, id FROM event_state ORDER BY kind")).toEqual(
    ["bridged", "call", "leg", "spending", "subscription"].map((kind) => ({ kind, id: "s1" })),
  );
});

test("a name that the house keeps for itself goes to nobody new, and stays with who has it", () => {
  const store = open();
  const invite = inviteOf(store);
  expect(codeOf(store.join({ invite, name: "Files" }))).toBe("NAME_TAKEN");
  store.db.run("INSERT INTO account VALUES ('files', 'Files', 0, 0)");
  expect(addPhone(store, "Files", true)).toMatchObject({ isNewPerson: false });
  const [phone] = store.accounts.devices("files");
  expect(codeOf(store.accounts.revokePhone("files", phone?.id ?? ""))).toBe("ok");
  expect(codeOf(store.accounts.remove("files"))).toBe("ok");
  expect(() => addPhone(store, "Files", true)).toThrow("kept for a service of the house");
});

test("a commit is synced before it counts: WAL with synchronous=FULL", () => {
  const { db } = open();
  expect(db.one("PRAGMA journal_mode")).toEqual({ journal_mode: "wal" });
  expect(db.one("PRAGMA synchronous")).toEqual({ synchronous: 2 });
});

test("a transaction inside another can fail alone", () => {
  const { db } = open();
  const add = (name: string) => db.run("INSERT INTO account VALUES (?, ?, 0, 0)", name, name);
  db.transaction(() => {
    add("ann");
    const inner = () =>
      db.transaction(() => {
        add("ben");
        throw new Error("no");
      });
    expect(inner).toThrow("no");
    db.transaction(() => add("cem"));
  });
  expect(db.all("SELECT name FROM account")).toEqual([{ name: "ann" }, { name: "cem" }]);
});

test("a person takes as many phones as a sign-in can try, and no more", () => {
  const store = open();
  for (let i = 0; i < HOUSE_LIMITS.phonesEach; i++) addPhone(store, "Bob", true);
  const wanted = { name: { name: "bob", displayName: "Bob" }, deskPhone: true, now };
  const more = store.accounts.addPhone({ ...wanted, realm: store.house.realm });
  expect(codeOf(more)).toBe("TOO_MANY_PHONES");
  const [first] = store.accounts.devices("bob");
  expect(codeOf(store.accounts.revokePhone("ann", first?.id ?? ""))).toBe("PHONE_UNKNOWN");
  expect(codeOf(store.accounts.revokePhone("bob", first?.id ?? ""))).toBe("ok");
  expect(codeOf(store.accounts.addPhone({ ...wanted, realm: store.house.realm }))).toBe("ok");
  const odd = { ...wanted, realm: store.house.realm, label: "a\u0007b" };
  expect(codeOf(store.accounts.addPhone(odd))).toBe("LABEL_INVALID");
});

test("a file that is no database is refused in words", () => {
  expect(() =>
    openStore(
      { data: "/dev/null/house", domain: undefined, hostname: "tower" },
      { wall: () => now, steady: () => now },
    ),
  ).toThrow(CannotStart);
});

function addPhone(store: Store, name: string, deskPhone: boolean) {
  const wanted = { name: { name: name.toLowerCase(), displayName: name }, deskPhone, now };
  const added = store.accounts.addPhone({ ...wanted, realm: store.house.realm });
  if (!added.ok) throw new Error(added.refusal.message);
  return added.value;
}
