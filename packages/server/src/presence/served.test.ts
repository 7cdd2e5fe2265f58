/** Presence by the whole program: real phones over UDP, and what their people say over HTTP. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isOpen } from "carillon/documents";
import {
  dialogs,
  messageSummary,
  presence,
  presenceList,
  subscribe,
  watcherInfo,
} from "carillon/events";
import { Phone } from "carillon/node";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { systemClock } from "../clock.ts";
import { type Running, serve } from "../serve.ts";
import { defaultSettings } from "../settings.ts";
import { carryOutForUser } from "../users.ts";

const world = { clock: systemClock, hostname: "tower", colour: false };
let data: string;
let server: Running;
const seats = new Map<string, Readonly<Record<string, string>>>();
const passwords = new Map<string, string>();

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), "carillon-presence-"));
  const off = { tlsPort: undefined, httpsPort: undefined };
  // Quicker than people need it.
  const config = join(data, "config.json");
  writeFileSync(config, '{ "presence": { "minGapSeconds": 0.1 } }');
  const settings = {
    ...{ ...defaultSettings, data, domain: "house.example", logLevel: "silent", config },
  };
  server = await serve({ ...settings, host: "127.0.0.1", port: 0, sipPort: 0, ...off }, world);
  for (const person of ["Anna", "Bob", "Carl"]) {
    await sit(person);
    const add = { kind: "Add", person, deskPhone: false, label: "", json: true } as const;
    const { password } = JSON.parse(carryOutForUser(add, settings, world));
    passwords.set(person.toLowerCase(), password);
  }
});

afterAll(async () => {
  await server.close();
  rmSync(data, { recursive: true, force: true });
});

const base = () => `http://127.0.0.1:${server.port}`;

async function sit(name: string): Promise<void> {
  const invite = /\/join\/(\w+)$/m.exec(server.welcome)?.[1] ?? "";
  const headers = { "content-type": "application/json", origin: base() };
  const body = JSON.stringify({ invite, name });
  const joined = await fetch(`${base()}/api/join`, { method: "POST", headers, body });
  const cookie = joined.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  seats.set(name.toLowerCase(), { ...headers, cookie });
}

async function http(method: string, who: string, what: string, body?: object) {
  const response = await fetch(`${base()}/@${who}/api/${what}`, {
    ...{ method, headers: { ...seats.get(who) } },
    ...(body && { body: JSON.stringify(body) }),
  });
  expect(response.status, `${method} ${what}`).toBe(200);
  return (await response.json()) as Record<string, unknown>;
}

const aor = (name: string) => `sip:${name}@house.example`;

async function signIn(name: string): Promise<Phone> {
  const phone = await Phone.open({
    ...{ aor: aor(name), username: name, password: passwords.get(name) ?? "" },
    ...{ servers: [`sip:127.0.0.1:${server.sipPort}`], local: { host: "127.0.0.1" } },
    accept: "server",
  });
  await phone.register();
  return phone;
}

let [anna, bob]: Phone[] = [];
const phones = () => {
  if (!anna || !bob) throw new Error("there are two");
  return { anna, bob };
};

beforeEach(async () => {
  [anna, bob] = await Promise.all([signIn("anna"), signIn("bob")]);
  await http("PUT", "anna", "presence-rules", { house: "allow", others: "confirm", watchers: [] });
  await http("PUT", "anna", "status", { status: "online" });
});

afterEach(async () => {
  await Promise.all([anna, bob].map((one) => one?.close()));
});

/** What a subscription said last. */
function last<T>(subscription: { values(): AsyncIterable<T> }): { value: T | undefined } {
  const seen: { value: T | undefined } = { value: undefined };
  void (async () => {
    for await (const value of subscription.values()) seen.value = value;
  })();
  return seen;
}

const soon = (ask: () => unknown) => expect.poll(ask, { timeout: 12_000 });

test("somebody who says how they are is seen so, and offline where they hide", async () => {
  const { bob } = phones();
  const seen = last(subscribe(bob, presence, aor("anna")));
  await soon(() => seen.value && isOpen(seen.value)).toBe(true);
  await http("PUT", "anna", "status", { status: "away", note: "at lunch" });
  await soon(() => seen.value).toMatchObject({ activities: ["away"], notes: ["at lunch"] });
  await http("PUT", "anna", "status", { status: "offline", note: "secret" });
  await soon(() => seen.value && isOpen(seen.value)).toBe(false);
  expect(seen.value).toMatchObject({ activities: [], notes: [] });
});

test("a call lights the busy lamp and makes one on the phone, until it is over", async () => {
  const { anna, bob } = phones();
  const carl = await signIn("carl");
  const lamp = last(subscribe(carl, dialogs, aor("anna")));
  const seen = last(subscribe(carl, presence, aor("anna")));
  const states = () => lamp.value?.dialogs.map(({ state }) => state);
  await soon(states).toEqual([]);
  const incoming = bob.calls().next();
  const call = anna.call(aor("bob"), { audio: true, video: false });
  await soon(states).toEqual(["early"]);
  const { value: rung } = await incoming;
  await rung?.answer({ audio: true, video: false });
  await soon(states).toEqual(["confirmed"]);
  const [shown] = lamp.value?.dialogs ?? [];
  expect(shown, "with whom is nobody's business").toMatchObject({ remote: undefined });
  expect(shown?.callId).toBeUndefined();
  await soon(() => seen.value?.activities).toEqual(["on-the-phone"]);
  call.hangUp();
  await soon(() => states()?.filter((one) => one !== "terminated")).toEqual([]);
  await soon(() => seen.value?.activities).toEqual([]);
  await carl.close();
});

test("who is politely kept out, or sees somebody who hides, sees no lamp lit", async () => {
  const { anna, bob } = phones();
  const carl = await signIn("carl");
  const call = anna.call(aor("bob"), { audio: true, video: false });
  const { value: rung } = await bob.calls().next();
  await rung?.answer({ audio: true, video: false });
  const lamp = last(subscribe(carl, dialogs, aor("anna")));
  const lit = () => lamp.value?.dialogs.filter(({ state }) => state === "confirmed").length;
  await soon(lit).toBe(1);
  await http("PUT", "anna", "status", { status: "offline" });
  await soon(lit).toBe(0);
  await http("PUT", "anna", "status", { status: "online" });
  await soon(lit).toBe(1);
  await http("POST", "anna", "watchers", { who: "carl", action: "polite-block" });
  await soon(lit).toBe(0);
  const anew = last(subscribe(carl, dialogs, aor("anna")));
  await soon(() => anew.value?.dialogs).toEqual([]);
  call.hangUp();
  await carl.close();
});

test("RFC 5025: a rule that changes is a rule for those who watch already", async () => {
  const { bob } = phones();
  const rules = (action: string) =>
    http("PUT", "anna", "presence-rules", {
      ...{ house: "allow", others: "confirm", watchers: [{ who: "bob", action }] },
    });
  const watched = subscribe(bob, presence, aor("anna"), { again: false });
  const lamp = subscribe(bob, dialogs, aor("anna"), { again: false });
  const seen = last(watched);
  await soon(() => seen.value && isOpen(seen.value)).toBe(true);
  await rules("polite-block");
  await soon(() => seen.value && isOpen(seen.value)).toBe(false);
  expect(watched.state.name).toBe("Active");
  await rules("block");
  await soon(() => [watched.state, lamp.state]).toMatchObject([
    { name: "Ended", reason: "rejected" },
    { name: "Ended", reason: "rejected" },
  ]);
  const refused = subscribe(bob, dialogs, aor("anna"), { again: false });
  await expect(refused.established).rejects.toMatchObject({ status: 403 });
});

test("who asks is shown to whom they ask for, and seen once they are let", async () => {
  const { anna, bob } = phones();
  const wanted = { house: "confirm", others: "confirm", watchers: [] };
  await http("PUT", "anna", "presence-rules", wanted);
  const asking = last(subscribe(anna, watcherInfo, anna.aor));
  const watched = subscribe(bob, presence, aor("anna"));
  const seen = last(watched);
  await soon(() => watched.state.name).toBe("Pending");
  await soon(() => asking.value).toMatchObject([{ uri: aor("bob"), status: "pending" }]);
  await soon(() => http("GET", "anna", "watchers")).toMatchObject({
    asking: [{ who: aor("bob") }],
  });
  expect(seen.value).toBeUndefined();
  const answer = { who: aor("bob"), action: "allow" };
  expect(await http("POST", "anna", "watchers", answer)).toEqual({ asking: [] });
  await soon(() => seen.value && isOpen(seen.value)).toBe(true);
  await soon(() => asking.value).toMatchObject([{ status: "active" }]);
});

test("RFC 4662: one's contact list is one subscription, which follows the list", async () => {
  const { bob } = phones();
  const list = last(subscribe(bob, presenceList, "sip:contacts@house.example"));
  const open = () =>
    [...(list.value ?? [])].map(([uri, { value }]) => `${uri} ${value && isOpen(value)}`);
  await soon(open).toEqual([`${aor("anna")} true`, `${aor("carl")} false`]);
  const carl = await signIn("carl");
  await soon(open).toContain(`${aor("carl")} true`);
  const contacts = [{ uri: "carl", name: "Charlie" }];
  await http("PUT", "bob", "contacts", { contacts, house: false });
  await soon(() => [...(list.value ?? [])].map(([uri, { name }]) => `${name} ${uri}`)).toEqual([
    `Charlie ${aor("carl")}`,
  ]);
  await http("PUT", "bob", "contacts", { contacts: [], house: true });
  await carl.close();
});

test("who moves in is in the lists of all who have said nothing else", async () => {
  const { bob } = phones();
  const list = last(subscribe(bob, presenceList, "sip:contacts@house.example"));
  await soon(() => list.value?.size).toBe(2);
  await sit("Dora");
  await soon(() => list.value?.get(aor("dora"))?.name).toBe("Dora");
});

test("RFC 3842: what is new to somebody lights the lamp of their phones alone", async () => {
  const { anna, bob } = phones();
  const waiting = last(subscribe(anna, messageSummary, anna.aor));
  await soon(() => waiting.value).toMatchObject({ isWaiting: false });
  await bob.message(anna.aor, "Dinner is ready");
  await soon(() => waiting.value?.counts.get("text-message")?.new).toBe(1);
  const spied = subscribe(bob, messageSummary, anna.aor, { again: false });
  await expect(spied.established).rejects.toMatchObject({ status: 403 });
});

test("a phone that is revoked is told nothing more, while others of its person go on", async () => {
  const { bob } = phones();
  const seen = last(subscribe(bob, presence, aor("anna")));
  const carl = await signIn("carl");
  const lost = last(subscribe(carl, presence, aor("anna")));
  await soon(() => lost.value && isOpen(lost.value)).toBe(true);
  const { devices } = await http("GET", "carl", "devices");
  const [{ id } = { id: "" }] = devices as readonly { id: string }[];
  await http("POST", "carl", `devices/${id}/revoke`, {});
  for (const note of ["for friends", "of mine"]) {
    await http("PUT", "anna", "status", { status: "busy", note });
    await soon(() => seen.value?.notes).toEqual([note]);
  }
  expect(lost.value?.notes).toEqual([]);
  await carl.close();
});
