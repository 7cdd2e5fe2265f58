import { afterEach, beforeEach, expect, test } from "vitest";
import { PRESENCE_LIMITS } from "../store/presence-limits.ts";
import { codeOf, type Stage, testStage } from "./test-stage.ts";

let stage: Stage;
let anna: string;

beforeEach(async () => {
  stage = await testStage();
  anna = await stage.sit("Anna");
  await stage.sit("Bob");
});

afterEach(() => stage.close());

const read = async (what: string) =>
  (await stage.ask("GET", `/@anna/api/${what}`, { cookie: anna })).json();
const put = (what: string, body: unknown, cookie = anna) =>
  stage.ask("PUT", `/@anna/api/${what}`, { cookie }, JSON.stringify(body));

const bob = {
  uri: "sip:bob@house.example",
  name: "",
  favourite: false,
  displayName: "Bob",
  isOfHouse: true,
};

test("whoever has no list has the whole house in it, but for themselves", async () => {
  expect(await read("contacts")).toEqual({ contacts: [bob], house: true });
  await stage.sit("Carl");
  const { contacts } = await read("contacts");
  expect(contacts.map((one: { uri: string }) => one.uri)).toEqual([
    bob.uri,
    "sip:carl@house.example",
  ]);
});

test("a list is kept in its order, what is read can be written, each is in it once", async () => {
  const wanted = {
    contacts: [
      { uri: "sips:gran@Other.example;transport=tls", name: " Grandma  ", favourite: true },
      { uri: "Bob" },
      { uri: "sip:b%6fb@house.example", name: "again" },
    ],
    house: false,
  };
  const gran = { uri: "sip:gran@other.example", name: "Grandma", favourite: true };
  const kept = {
    contacts: [{ ...gran, displayName: "Grandma", isOfHouse: false }, bob],
    house: false,
  };
  const response = await put("contacts", wanted);
  expect([response.statusCode, response.json()]).toEqual([200, kept]);
  expect(await read("contacts")).toEqual(kept);
  expect((await put("contacts", await read("contacts"))).json()).toEqual(kept);
  expect(stage.changes).toEqual(["contacts of anna", "contacts of anna"]);
});

test("who may see one is what the house has it, until one says otherwise", async () => {
  const plain = { house: "allow", others: "confirm", watchers: [] };
  expect(await read("presence-rules")).toEqual(plain);
  const watchers = [
    { who: "sip:bob@house.example", action: "polite-block" },
    { who: "*@other.example", action: "allow" },
  ];
  const wanted = {
    house: "confirm",
    others: "block",
    watchers: [{ who: "bob", action: "allow" }, ...watchers],
  };
  const response = await put("presence-rules", wanted);
  expect([response.statusCode, response.json()]).toEqual([200, { ...wanted, watchers }]);
  expect(await read("presence-rules")).toEqual({ ...wanted, watchers });
  expect(stage.changes).toEqual(["rules of anna"]);
});

test("how one is has a note, and ends when one said", async () => {
  expect(await read("status")).toEqual({ status: "online", note: "", until: null });
  const until = stage.house.clock.now + 1000;
  const response = await put("status", { status: "away", note: " at\n lunch ", until });
  expect(response.json()).toEqual({ status: "away", note: "at lunch", until });
  expect(stage.changes).toEqual(["status of anna"]);
  stage.house.clock.now = until;
  expect(await read("status")).toEqual({ status: "online", note: "", until: null });
  await put("status", { status: "busy" });
  stage.house.clock.now += 1e9;
  expect(await read("status")).toEqual({ status: "busy", note: "", until: null });
});

test("who asks to see one waits for an answer, which is a rule from then on", async () => {
  const { presence } = stage.house.store;
  const { now } = stage.house.clock;
  presence.asked("anna", "sip:gran@other.example", now);
  presence.asked("anna", "sip:spy@evil.example", now + 1);
  presence.asked("anna", "sip:gran@other.example", now + 2);
  const [gran, spy] = [
    { who: "sip:gran@other.example", since: now },
    { who: "sip:spy@evil.example", since: now + 1 },
  ];
  expect(await read("watchers")).toEqual({ asking: [gran, spy] });
  const decide = (who: string, action: string) =>
    stage.ask("POST", "/@anna/api/watchers", { cookie: anna }, JSON.stringify({ who, action }));
  expect((await decide(gran.who, "allow")).json()).toEqual({ asking: [spy] });
  expect((await decide("*@evil.example", "polite-block")).json()).toEqual({ asking: [] });
  expect((await read("presence-rules")).watchers).toEqual([
    { who: gran.who, action: "allow" },
    { who: "*@evil.example", action: "polite-block" },
  ]);
  expect(stage.changes).toEqual(["rules of anna", "rules of anna"]);
  expect(codeOf(await decide(spy.who, "confirm"))).toBe("BAD_REQUEST");
});

test.each([
  ["contacts", { contacts: [{ uri: "sip:@house" }], house: true }, "ADDRESS_INVALID"],
  ["contacts", { contacts: [{ uri: "https://house" }], house: true }, "ADDRESS_INVALID"],
  ["contacts", { contacts: [{ uri: `a${"b".repeat(300)}` }], house: true }, "ADDRESS_INVALID"],
  ["contacts", { contacts: [{ uri: "bob", name: "a\u0000" }], house: true }, "LABEL_INVALID"],
  ["contacts", { contacts: [{ uri: "bob", name: 7 }], house: true }, "BAD_REQUEST"],
  ["contacts", { contacts: [] }, "BAD_REQUEST"],
  ["contacts", [], "BAD_REQUEST"],
  ["presence-rules", { house: "perhaps", others: "allow", watchers: [] }, "BAD_REQUEST"],
  [
    "presence-rules",
    { house: "allow", others: "allow", watchers: [{ who: "*@", action: "allow" }] },
    "ADDRESS_INVALID",
  ],
  ["status", { status: "asleep" }, "BAD_REQUEST"],
  ["status", { status: "busy", note: "x".repeat(201) }, "NOTE_INVALID"],
  ["status", { status: "busy", note: "\u202egnihton" }, "NOTE_INVALID"],
  ["status", { status: "busy", until: "soon" }, "BAD_REQUEST"],
])("PUT %s %j is refused with %s, and nothing is changed", async (what, body, code) => {
  const before = await read(what);
  expect(codeOf(await put(what, body))).toBe(code);
  expect(await read(what)).toEqual(before);
  expect(stage.changes).toEqual([]);
});

test("a list and rules have a limit, below which all of it is kept", async () => {
  const uris = (count: number) => Array.from({ length: count }, (_, i) => `sip:p${i}@a.example`);
  const { contacts, rules } = PRESENCE_LIMITS;
  const list = (count: number) =>
    put("contacts", {
      contacts: uris(count).map((uri) => ({ uri, name: "x".repeat(64) })),
      house: false,
    });
  expect((await list(contacts)).json().contacts).toHaveLength(contacts);
  expect(codeOf(await list(contacts + 1))).toBe("TOO_MANY_CONTACTS");
  const watchers = (count: number) => uris(count).map((who) => ({ who, action: "block" }));
  const some = { house: "allow", others: "block" };
  expect((await put("presence-rules", { ...some, watchers: watchers(rules) })).statusCode).toBe(
    200,
  );
  const more = await put("presence-rules", { ...some, watchers: watchers(rules + 1) });
  expect(codeOf(more)).toBe("TOO_MANY_RULES");
  const decide = { who: "sip:new@a.example", action: "allow" };
  const one = await stage.ask(
    "POST",
    "/@anna/api/watchers",
    { cookie: anna },
    JSON.stringify(decide),
  );
  expect(codeOf(one)).toBe("TOO_MANY_RULES");
});

test("nobody's list, rules or status are shown or changed without their cookie", async () => {
  const carl = await stage.sit("Carl");
  for (const cookie of ["", carl]) {
    for (const what of ["contacts", "presence-rules", "status", "watchers"]) {
      const response = await stage.ask("GET", `/@anna/api/${what}`, { cookie });
      expect([response.statusCode, codeOf(response)], what).toEqual([401, "SIGNED_OUT"]);
    }
    expect(codeOf(await put("status", { status: "away" }, cookie))).toBe("SIGNED_OUT");
  }
  const other = { cookie: anna, origin: "http://evil.example" };
  const response = await stage.ask("PUT", "/@anna/api/status", other, '{"status":"away"}');
  expect(codeOf(response)).toBe("ORIGIN_REFUSED");
  expect(await read("status")).toMatchObject({ status: "online" });
});

test("none of it is in the log", async () => {
  await put("status", { status: "away", note: "at the doctor's" });
  await put("contacts", { contacts: [{ uri: "sip:lover@a.example" }], house: false });
  expect(stage.lines.join("")).toContain("/@:name/api/status");
  expect(stage.lines.join("")).not.toMatch(/doctor|lover|away/);
});
