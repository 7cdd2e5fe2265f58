/** Messages by the whole program: real phones over UDP and TCP, a page's HTTP, and a restart. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { conversations } from "carillon/chat";
import { Phone } from "carillon/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../clock.ts";
import { carryOutMessages } from "../messages.ts";
import { type Running, serve } from "../serve.ts";
import { defaultSettings } from "../settings.ts";
import { carryOutForUser } from "../users.ts";

const world = { clock: systemClock, hostname: "tower", colour: false };
const off = { tlsPort: undefined, httpsPort: undefined };
let data: string;
let server: Running;
const cookies = new Map<string, string>();
const passwords = new Map<string, string>();

const settings = () => ({
  ...{ ...defaultSettings, ...off, data, domain: "house.example", logLevel: "silent" },
  ...{ host: "127.0.0.1", port: 0, sipPort: 0 },
});

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), "carillon-mail-"));
  server = await serve(settings(), world);
  for (const person of ["Anna", "Bob", "Carl"]) {
    await sit(person);
    const add = { kind: "Add", person, deskPhone: false, label: "", json: true } as const;
    const { password } = JSON.parse(carryOutForUser(add, settings(), world));
    passwords.set(person.toLowerCase(), password);
  }
});

afterAll(async () => {
  await server.close();
  rmSync(data, { recursive: true, force: true });
});

const base = () => `http://127.0.0.1:${server.port}`;
const aor = (name: string) => `sip:${name}@house.example`;

async function sit(name: string): Promise<void> {
  const invite = /\/join\/(\w+)$/m.exec(server.welcome)?.[1] ?? "";
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ invite, name });
  const joined = await fetch(`${base()}/api/join`, { method: "POST", headers, body });
  cookies.set(name.toLowerCase(), joined.headers.getSetCookie()[0]?.split(";")[0] ?? "");
}

async function http(who: string, path: string, body?: object) {
  const headers = { cookie: cookies.get(who) ?? "", "content-type": "application/json" };
  const method = body === undefined ? "GET" : "POST";
  return fetch(`${base()}/@${who}/api/${path}`, {
    ...{ method, headers },
    ...(body && { body: JSON.stringify(body) }),
  });
}

/** Signed in, with its conversations, until the end of a block. */
async function person(name: string, transport = "udp") {
  const phone = await Phone.open({
    ...{ aor: aor(name), password: passwords.get(name) ?? "", local: { host: "127.0.0.1" } },
    ...{ servers: [`sip:127.0.0.1:${server.sipPort};transport=${transport}`], accept: "server" },
  });
  await phone.register();
  const all = conversations(phone);
  await expect.poll(() => all.state).toBe("Current");
  const items = (other: string) => all.open(aor(other)).view().items;
  return { all, items, [Symbol.asyncDispose]: () => phone.close() };
}

async function restart(): Promise<void> {
  await server.close();
  server = await serve(settings(), world);
}

test("what was accepted is there after a restart, for whoever was away, once", async () => {
  {
    await using anna = await person("anna");
    for (const text of ["Are you there?", "Lunch at noon!"]) anna.all.open(aor("bob")).send(text);
    await expect.poll(() => anna.items("bob").map(({ state }) => state)).toEqual(["Sent", "Sent"]);
  }
  await restart();
  await using bob = await person("bob", "tcp");
  const shown = bob.items("anna").map(({ text, from }) => `${from} ${text}`);
  expect(shown).toEqual([`${aor("anna")} Are you there?`, `${aor("anna")} Lunch at noon!`]);
  expect(bob.all.unread).toBe(2);
  const list = await (await http("bob", "conversations")).json();
  expect(list).toMatchObject({ unread: 2, conversations: [{ uri: aor("anna"), title: "Anna" }] });
  const found = await (await http("anna", "search?q=lunch")).json();
  expect(found.entries).toMatchObject([{ conversation: aor("bob"), seq: 2 }]);
  bob.all.open(aor("anna")).read();
  const unread = async () => (await (await http("bob", "conversations")).json()).unread;
  await expect.poll(unread).toBe(0);
  await using anna = await person("anna");
  await expect
    .poll(() => anna.items("bob").map(({ state }) => state))
    .toEqual([...["Displayed", "Displayed"]]);
});

test("a group made over HTTP is there for phones, and what is said in it for all", async () => {
  await using bob = await person("bob");
  const made = await http("anna", "groups", {
    ...{ name: "club", title: "The club", members: ["bob", "carl"] },
  });
  expect(made.status).toBe(201);
  await expect.poll(() => bob.all.open(aor("club")).view().title).toBe("The club");
  bob.all.open(aor("club")).send("Hello all");
  await using carl = await person("carl", "tcp");
  await expect.poll(() => carl.items("club").map(({ text }) => text)).toEqual(["Hello all"]);
  const exported: string[] = [];
  const print = (text: string) => void exported.push(text);
  const command = { kind: "Export", person: "carl", json: false } as const;
  await carryOutMessages(command, settings(), { ...world, print });
  const lines = exported
    .join("")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.map(({ kind, what }) => `${kind} ${what?.kind ?? ""}`.trim())).toEqual([
    ...["Export", "InGroup", "Entry Group", "Entry Message"],
  ]);
});
