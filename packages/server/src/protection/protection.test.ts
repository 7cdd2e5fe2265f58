import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Ban, MAX_BANS, type Shield } from "carillon/roles";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { BansCommand } from "../bans-command.ts";
import { CannotStart } from "../cannot-start.ts";
import { protectionOf } from "../config/protection-config.ts";
import { createLog } from "../http/log.ts";
import { defaultSettings } from "../settings.ts";
import { openStore, type Store } from "../store/store.ts";
import { forgetOldBans, readBans, removeBan, writeBan } from "./ban-table.ts";
import { carryOutBans } from "./bans.ts";
import { houseShield } from "./house-shield.ts";

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2030, 0, 1, 12);
let data: string;
let store: Store;
/** The endpoint's clock is a minute behind the calendar, and has fractions. */
const time = { wall: NOW };
const clock = { wall: () => time.wall, steady: () => time.wall - 59_999.75 };

beforeEach(() => {
  time.wall = NOW;
  data = mkdtempSync(join(tmpdir(), "carillon-bans-"));
  const opened = openStore({ data, domain: "house.example", hostname: "h" }, clock);
  if (!opened.ok) throw new Error(opened.refusal.message);
  store = opened.value;
});

afterEach(() => {
  store.close();
  rmSync(data, { recursive: true, force: true });
});

const ban = (source: string, more: Partial<Ban> = {}): Ban => ({
  ...{ source, reason: "guessed passwords", by: "behaviour", times: 1 },
  ...{ since: NOW, until: NOW + DAY_MS, ...more },
});

const bans = (command: Omit<BansCommand, "json">, json = false): string =>
  carryOutBans(
    { ...command, json } as BansCommand,
    { ...defaultSettings, data, domain: "house.example" },
    { clock, hostname: "h" },
  );

function started(config = protectionOf({})) {
  const writes = {
    putBan: async (one: Ban) => {
      await Promise.resolve();
      writeBan(store.db, one);
    },
  };
  const log = createLog({ level: "silent", now: clock.steady });
  const trusts = (host: string) => host === "192.0.2.50";
  return houseShield({ store, writes, clock, config: { protection: config, trusts }, log });
}

const flow = (host: string): Parameters<Shield["hears"]>[0] => ({
  ...{ transport: "TCP", connection: 7, local: { host: "192.0.2.1", port: 5060 } },
  remote: { host, port: 40_000 },
});

test("the table keeps one ban a source, the first one first, and forgets what is long over", () => {
  writeBan(store.db, ban("192.0.2.7", { since: NOW + 1, times: 2 }));
  writeBan(store.db, ban("192.0.2.8", { until: NOW + 10 }));
  writeBan(store.db, ban("192.0.2.7", { since: NOW + 2, times: 3 }));
  expect(readBans(store.db).map(({ source, times }) => [source, times])).toEqual([
    ["192.0.2.8", 1],
    ["192.0.2.7", 3],
  ]);
  forgetOldBans(store.db, NOW + DAY_MS);
  expect(readBans(store.db)).toHaveLength(2);
  forgetOldBans(store.db, NOW + DAY_MS + 11);
  expect(readBans(store.db)).toEqual([ban("192.0.2.7", { since: NOW + 2, times: 3 })]);
  expect([removeBan(store.db, "192.0.2.7"), removeBan(store.db, "192.0.2.7")]).toEqual([
    true,
    false,
  ]);
});

test("the table has an end: who was banned first goes", () => {
  store.db.transaction(() => {
    for (let i = 0; i <= MAX_BANS; i++) {
      writeBan(store.db, ban(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, { since: NOW + i }));
    }
  });
  const all = readBans(store.db);
  expect([all.length, all[0]?.source]).toEqual([MAX_BANS, "10.0.0.1"]);
});

test("who guesses is banned, and still is after a restart", async () => {
  const first = started();
  const attempt = { flow: flow("203.0.113.66"), account: "ann", callId: "c" };
  for (let i = 0; i < 200; i++) {
    if (first.shield.mayTry(attempt, clock.steady())) first.shield.failed(attempt, clock.steady());
  }
  expect(first.banOf("203.0.113.66")).toMatchObject({ reason: "guessed passwords", since: NOW });
  expect(first.census()).toMatchObject({ bans: 1, wrong: 5 });
  first.close();
  await new Promise((later) => setTimeout(later, 5));
  const second = started();
  expect(second.shield.hears(flow("203.0.113.66"), clock.steady())).toBe(false);
  expect(second.shield.hears(flow("203.0.113.67"), clock.steady())).toBe(true);
  time.wall += 600_000;
  expect(second.shield.hears(flow("203.0.113.66"), clock.steady())).toBe(true);
  expect(second.banOf("203.0.113.66")).toBeUndefined();
  second.close();
});

test("a ban that is on its way to the disk holds while others are read from there", async () => {
  const guarded = started();
  for (let i = 0; i < 61; i++) {
    guarded.shield.misbehaved("203.0.113.66", "guessed", clock.steady() + 1);
  }
  writeBan(store.db, ban("192.0.2.9"));
  time.wall += 300;
  await eventually(() => guarded.banOf("192.0.2.9") !== undefined);
  expect(guarded.banOf("203.0.113.66")).toBeDefined();
  guarded.close();
});

test("this machine, trusted places and own networks are never banned; or nobody is", () => {
  const never = protectionOf({ protection: { never: ["10.0.0.0/8"] } });
  for (const host of ["127.0.0.1", "::1", "192.0.2.50", "10.1.2.3"]) {
    const guarded = started(never);
    for (let i = 0; i < 300; i++) guarded.shield.misbehaved(host, "guessed", clock.steady());
    expect([host, guarded.banOf(host), guarded.census().bans]).toEqual([host, undefined, 0]);
    guarded.close();
  }
  const off = started(protectionOf({ protection: { bans: false } }));
  for (let i = 0; i < 300; i++) off.shield.misbehaved("192.0.2.9", "guessed", clock.steady());
  expect(off.census().bans).toBe(0);
  off.close();
});

test("carillon bans lists, lifts and adds, and a running server hears of it", async () => {
  const guarded = started();
  const hears = (host: string) => guarded.shield.hears(flow(host), clock.steady());
  expect(bans({ kind: "List" })).toBe("Nobody is banned.\n");
  expect(bans({ kind: "Add", address: "2001:db8::9", hours: 2 } as BansCommand)).toContain(
    "2001:db8:0:0::/64 is not listened to until 2030-01-01 14:00.",
  );
  bans({ kind: "Add", address: "192.0.2.9", hours: 24 } as BansCommand);
  expect(JSON.parse(bans({ kind: "List" }, true))).toMatchObject([
    { source: "192.0.2.9", by: "person", until: "2030-01-02T12:00:00.000Z" },
    { source: "2001:db8:0:0::/64", by: "person" },
  ]);
  await eventually(() => !hears("192.0.2.9") && !hears("2001:db8::1"));
  expect(bans({ kind: "Lift", address: "192.0.2.9" } as BansCommand)).toBe(
    "192.0.2.9 is listened to again.\n",
  );
  await eventually(() => hears("192.0.2.9"));
  expect(bans({ kind: "Lift", address: "2001:db8:0:0::/64" } as BansCommand)).toContain("again");
  for (const address of ["192.0.2.9", "nonsense", "192.0.2.0/24"]) {
    expect(() => bans({ kind: "Lift", address } as BansCommand)).toThrow(CannotStart);
  }
  guarded.close();
});

/** The clock goes on, as what follows the disk looks by it. */
async function eventually(isSo: () => boolean): Promise<void> {
  for (let i = 0; i < 100 && !isSo(); i++) {
    time.wall += 300;
    await new Promise((later) => setTimeout(later, 50));
  }
  expect(isSo()).toBe(true);
}
