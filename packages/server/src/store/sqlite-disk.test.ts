import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../clock.ts";
import type { BindingsChange, Change, CommandChange } from "./change.ts";
import type { Disk, Written } from "./disk.ts";
import { earlierBindings } from "./earlier-bindings.ts";
import { sqliteDisk } from "./sqlite-disk.ts";
import { openStore, type Store } from "./store.ts";
import { sweepBindings } from "./write-states.ts";

let data: string;
let store: Store;
let disk: Disk;

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "carillon-disk-"));
  const opened = openStore({ data, domain: "house.example", hostname: "tower" }, systemClock);
  if (!opened.ok) throw new Error(opened.refusal.message);
  store = opened.value;
  disk = sqliteDisk(data);
});

afterEach(async () => {
  await disk.close();
  store.close();
  rmSync(data, { recursive: true, force: true });
});

const write = (batch: readonly Change[]): Promise<Written> =>
  new Promise((done) => disk.write(batch, done));

const bindings = (
  account: string,
  contacts: readonly string[],
  credential = "",
): BindingsChange => ({
  kind: "Bindings",
  account,
  rows: contacts.map((contact) => [
    contact,
    1000,
    "call-1",
    7,
    Date.now() + 60_000,
    "192.0.2.1",
    5060,
    "203.0.113.4",
    5062,
    credential,
    "UDP",
    "",
    0,
    "",
    "",
  ]),
});
const command = (name: CommandChange["name"], ...args: readonly unknown[]): CommandChange => ({
  kind: "Command",
  name,
  args,
});
const earlier = () => earlierBindings(store.db, systemClock).after("");
const found = () =>
  [...earlier()].flatMap(([account, all]) => all.map(({ contact }) => `${account} ${contact}`));

test("what is written can be read once the disk says so, in the registrar's order", async () => {
  expect(await write([bindings("ann", ["sip:z", "sip:a"]), bindings("ben", ["sip:b"])])).toEqual({
    ok: true,
    values: [undefined, undefined],
  });
  expect(found()).toEqual(["ann sip:z", "ann sip:a", "ben sip:b"]);
  await write([bindings("ann", ["sip:n"]), bindings("ben", [])]);
  expect(found()).toEqual(["ann sip:n"]);
});

test("a row comes back as it was written, octets beyond ASCII included", async () => {
  await write([bindings("ann", ["sip:\u00e9\u00ff@x"])]);
  expect(earlier().get("ann")?.[0]).toMatchObject({
    contact: "sip:\u00e9\u00ff@x",
    q: 1000,
    callId: "call-1",
    cseq: 7,
    flow: {
      transport: "UDP",
      local: { host: "192.0.2.1", port: 5060 },
      remote: { host: "203.0.113.4", port: 5062 },
      connection: 0,
    },
  });
});

test("of a batch that fails nothing is there, and the next one is written", async () => {
  const failed = await write([bindings("ann", ["sip:a"]), command("addPhone" /* nothing */)]);
  expect(failed).toMatchObject({ ok: false });
  expect(found()).toEqual([]);
  expect(await write([bindings("ann", ["sip:a"])])).toMatchObject({ ok: true });
  expect(found()).toEqual(["ann sip:a"]);
});

test("a command's value comes back, and one that is refused leaves its batch alone", async () => {
  const { code } = store.invites.make({ madeBy: null, uses: 5, validMs: 60_000 });
  const written = await write([
    command("join", { invite: code, name: "Ann" }),
    command("join", { invite: code, name: "Ann" }),
    bindings("ann", ["sip:a"]),
  ]);
  if (!written.ok) throw new Error(String(written.cause));
  expect(written.values[0]).toMatchObject({ ok: true, value: { person: { name: "ann" } } });
  expect(written.values[1]).toMatchObject({ ok: false, refusal: { code: "NAME_TAKEN" } });
  expect(found()).toEqual(["ann sip:a"]);
  store.db.generation("Now");
  expect(store.accounts.has("ann")).toBe(true);
});

test("two batches at a time are a mistake of ours", async () => {
  const first = write([bindings("ann", ["sip:a"])]);
  expect(() => disk.write([], () => {})).toThrow("not done");
  await first;
});

test("bindings of a device or a person that has gone meanwhile do not come back", async () => {
  const phone = (name: string) => {
    const wanted = { name: { name, displayName: name }, deskPhone: true, now: 1 };
    const added = store.accounts.addPhone({ ...wanted, realm: "house.example" });
    if (!added.ok) throw new Error(added.refusal.message);
    return added.value.phone.id;
  };
  const [lost, kept, gone] = [phone("ann"), phone("ann"), phone("ben")];
  const all = () => [
    bindings("ann", ["sip:lost"], lost),
    bindings("ben", ["sip:gone"], gone),
    bindings("cem", ["sip:never"], "unknown"),
  ];
  await write(all());
  expect(found()).toEqual(["ann sip:lost", "ben sip:gone"]);
  expect(store.revocations.news("Now")).toEqual([]);
  expect(store.accounts.revokePhone("ann", lost)).toMatchObject({ ok: true, value: { left: 1 } });
  expect(store.accounts.remove("ben")).toMatchObject({ ok: true });
  // A server beside it may still write what it had on its way.
  await write(all());
  expect(found()).toEqual([]);
  expect(store.revocations.news("Now")).toEqual([
    { account: "ann", credential: lost },
    { account: "ben", credential: gone },
  ]);
  expect(store.revocations.news("Now")).toEqual([]);
  await write([bindings("ann", ["sip:kept"], kept)]);
  sweepBindings(store.db, Date.now());
  expect(store.db.all("SELECT account, contact FROM binding")).toEqual([
    { account: "ann", contact: "sip:kept" },
  ]);
  sweepBindings(store.db, Date.now() + 61_000);
  expect(store.db.all("SELECT account, contact FROM binding")).toEqual([]);
});
