/** The whole program stopped and started again while people watch each other over UDP. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { notify, ownPresence, presence, subscribe } from "carillon/events";
import { Phone } from "carillon/node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../clock.ts";
import { type Running, serve } from "../serve.ts";
import { defaultSettings, type Settings } from "../settings.ts";
import { openStore } from "../store/store.ts";
import { carryOutForUser } from "../users.ts";

const world = { clock: systemClock, hostname: "tower", colour: false };
let data: string;
const closing: (() => Promise<unknown>)[] = [];

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "carillon-watching-"));
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  rmSync(data, { recursive: true, force: true });
});

async function start(presence: object, wanted: Partial<Settings> = {}): Promise<Running> {
  const config = join(data, "config.json");
  writeFileSync(config, JSON.stringify({ presence }));
  const off = { tlsPort: undefined, httpsPort: undefined, msrpPort: undefined };
  const ports = { host: "127.0.0.1", port: 0, sipPort: 0, ...off };
  const own = { ...defaultSettings, data, domain: "house.example", logLevel: "silent", config };
  const server = await serve({ ...own, ...ports, ...wanted }, world);
  closing.push(() => server.close());
  return server;
}

async function signIn(name: string, server: Running): Promise<Phone> {
  const add = { kind: "Add", person: name, deskPhone: false, label: "", json: true } as const;
  const { password } = JSON.parse(carryOutForUser(add, { ...defaultSettings, data }, world));
  const phone = await Phone.open({
    ...{ aor: `sip:${name}@house.example`, username: name, password },
    ...{ servers: [`sip:127.0.0.1:${server.sipPort}`], local: { host: "127.0.0.1" } },
    accept: "server",
  });
  closing.push(() => phone.close());
  await phone.register();
  return phone;
}

/** As a page has it written. */
function say(account: string, note: string): void {
  const opened = openStore({ data, domain: undefined, hostname: "tower" }, systemClock);
  if (!opened.ok) throw new Error(opened.refusal.message);
  opened.value.presence.putStatus(account, { status: "away", note, until: null });
  opened.value.close();
}

test("a subscription over UDP goes on through a restart, and is told how things are", async () => {
  const first = await start({ minGapSeconds: 0.1 });
  const [anna, bob] = [await signIn("anna", first), await signIn("bob", first)];
  const watched = subscribe(bob, presence, anna.aor);
  const notes: string[] = [];
  void (async () => {
    for await (const value of watched.values()) notes.push(value.notes.join());
  })();
  const states: string[] = [];
  void (async () => {
    for await (const { name } of watched.states()) states.push(name);
  })();
  await expect.poll(() => notes).toEqual([""]);
  await first.close();
  say("anna", "back at noon");
  await start({ minGapSeconds: 0.1 }, { sipPort: first.sipPort });
  await expect.poll(() => notes.at(-1), { timeout: 10_000 }).toBe("back at noon");
  expect(states, "it was never asked for again").toEqual(["Subscribing", "Active"]);
});

test("where presence is not served, people's own phones are asked", async () => {
  const server = await start({ served: false });
  const [anna, bob] = [await signIn("anna", server), await signIn("bob", server)];
  const own = ownPresence(anna, { note: "by my own phone" });
  notify(anna, presence, own, { allow: () => true });
  const values = subscribe(bob, presence, anna.aor).values();
  expect((await values.next()).value?.notes).toEqual(["by my own phone"]);
});
