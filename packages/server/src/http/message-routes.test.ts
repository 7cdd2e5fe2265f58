import type { What } from "carillon/documents";
import { afterEach, beforeEach, expect, test } from "vitest";
import { addPerson, settled } from "../store/messages/test-store.ts";
import { codeOf, type Stage, testStage } from "./test-stage.ts";

let stage: Stage;
let cookie: string;

const ANNA = "sip:anna@house.example";
const BOB = "sip:bob@house.example";

beforeEach(async () => {
  stage = await testStage();
  cookie = await stage.sit("Anna");
  addPerson(stage.house, "bob");
});

afterEach(() => stage.close());

let count = 0;
function post(body: string, what: Partial<What> = {}, conversation = BOB): void {
  const id = `m${++count}`;
  const said = { kind: "Message", id, from: BOB, contentType: "text/plain", body, ...what } as What;
  settled(
    stage.messages.store.post({
      ...{ key: { from: BOB, id: `m ${id}` }, at: count, what: said },
      journals: [
        { account: "anna", conversation },
        { account: "bob", conversation: ANNA },
      ],
    }),
  );
}

const get = (path: string, who = cookie) => stage.ask("GET", `/@anna/api/${path}`, { cookie: who });
const seqs = (page: { entries: { seq: number }[]; isWhole: boolean }) => [
  page.entries.map(({ seq }) => seq),
  page.isWhole,
];

test("conversations come with their titles, what was said last and what is unread", async () => {
  expect((await get("conversations")).json()).toEqual({ conversations: [], unread: 0 });
  post("one");
  post("two");
  post("", { kind: "Receipt", id: "x", by: BOB, status: "delivered" } as Partial<What>);
  post("hello", { from: "sip:carol@other.example" }, "sip:carol@other.example");
  const { conversations, unread } = (await get("conversations")).json();
  expect(unread).toBe(3);
  expect(conversations).toMatchObject([
    { uri: "sip:carol@other.example", title: "sip:carol@other.example", unread: 1, last: 4 },
    { uri: BOB, title: "bob", isGroup: false, unread: 2, last: 3, latest: { seq: 2 } },
  ]);
  expect((await get("conversations?limit=1")).json().conversations).toHaveLength(1);
});

test("a conversation is read back from its end, a page at a time", async () => {
  for (let i = 1; i <= 5; i++) post(`${i}`);
  post("other", {}, "sip:carol@other.example");
  const at = `conversations/${encodeURIComponent(BOB)}/messages`;
  expect(seqs((await get(`${at}?limit=2`)).json())).toEqual([[4, 5], false]);
  expect(seqs((await get(`${at}?limit=2&before=4`)).json())).toEqual([[2, 3], false]);
  expect(seqs((await get(`${at}?limit=2&before=2`)).json())).toEqual([[1], true]);
  const { entries } = (await get(`${at}?limit=1`)).json();
  expect(entries).toMatchObject([{ seq: 5, conversation: BOB, what: { body: "5", from: BOB } }]);
  expect((await get("conversations/sip%3Anobody/messages")).json().entries).toEqual([]);
});

test("what was said is found by its words", async () => {
  for (const body of ["Lunch at noon?", "dinner", "LUNCH tomorrow"]) post(body);
  expect(seqs((await get("search?q=lunch")).json())).toEqual([[1, 3], true]);
  expect(seqs((await get("search?q=lunch&limit=1")).json())).toEqual([[3], false]);
  expect(seqs((await get("search?q=lunch&before=3")).json())).toEqual([[1], true]);
  expect(seqs((await get("search?q=lunch&with=sip:carol@x")).json())).toEqual([[], true]);
  expect(seqs((await get(`search?q=${encodeURIComponent('"*" OR (')}`)).json())[0]).toEqual([]);
});

test.each([
  ["conversations?limit=0"],
  ["conversations?limit=201"],
  ["search"],
  ["search?q="],
  [`search?q=${"a".repeat(201)}`],
  ["search?q=a&limit=x"],
  ["conversations/sip:bob/messages?before=0"],
  ["conversations/sip:bob/messages?before=1e99"],
])("%s is no question", async (path) => {
  const response = await get(path);
  expect([response.statusCode, codeOf(response)]).toEqual([400, "BAD_REQUEST"]);
});

test("how long it is kept is each person's to say, within what the house keeps", async () => {
  const most = { days: 730, entries: 100_000 };
  expect((await get("retention")).json()).toEqual({ ...most, most });
  const put = (body: object) =>
    stage.ask("PUT", "/@anna/api/retention", { cookie }, JSON.stringify(body));
  expect((await put({ days: 30 })).json()).toEqual({ days: 30, entries: 100_000, most });
  expect((await put({ days: 9999, entries: 500 })).json()).toEqual({
    days: 730,
    entries: 500,
    most,
  });
  expect((await get("retention")).json()).toMatchObject({ entries: 500 });
  expect((await put({})).json()).toEqual({ ...most, most });
  for (const body of [
    { days: 0 },
    { days: 1.5 },
    { entries: 99 },
    { entries: "1" },
    { years: 1 },
  ]) {
    expect(codeOf(await put(body))).toBe("BAD_REQUEST");
  }
});

test("everything of a person's, and nothing of others, is one file of lines", async () => {
  for (let i = 1; i <= 450; i++) post(`${i}`);
  stage.house.store.db.run("INSERT INTO chat_group VALUES ('lunch', 'Lunch', 'bob', 1)");
  stage.house.store.db.run(
    "INSERT INTO chat_member VALUES ('lunch', 0, 'bob'), ('lunch', 1, 'anna')",
  );
  const response = await get("export");
  expect(response.headers).toMatchObject({
    "content-type": "application/x-ndjson; charset=utf-8",
    "content-disposition": 'attachment; filename="carillon-anna.jsonl"',
    "cache-control": "no-store",
  });
  const lines = response.body.split("\n");
  expect(lines.pop()).toBe("");
  const [head, group, ...entries] = lines.map((line) => JSON.parse(line));
  expect(head).toMatchObject({ kind: "Export", version: 1, address: ANNA, last: 450 });
  expect(group).toEqual({
    ...{ kind: "InGroup", name: "lunch", title: "Lunch", owner: "bob" },
    members: ["bob", "anna"],
  });
  expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: 450 }, (_, i) => i + 1));
  expect(entries[449]).toMatchObject({ kind: "Entry", conversation: BOB, what: { body: "450" } });
});

test("one export at a time, and the next when it has been read or was given up", async () => {
  for (let i = 0; i < 900; i++) post("x".repeat(16_000));
  const at = `http://127.0.0.1:${await stage.port()}/@anna/api/export`;
  const [first, stop] = [new AbortController(), { headers: { cookie } }];
  const reading = await fetch(at, { ...stop, signal: first.signal });
  expect([reading.status, (await fetch(at, stop)).status]).toEqual([200, 429]);
  first.abort();
  await expect.poll(async () => (await fetch(at, stop)).status).toBe(200);
});

test("nobody reads what is said to others", async () => {
  post("secret");
  const bob = await stage.sit("Ben");
  for (const path of ["conversations", "search?q=secret", "export", "retention"]) {
    for (const who of [bob, "carillon=x"]) expect(codeOf(await get(path, who))).toBe("SIGNED_OUT");
  }
  const own = await stage.ask("GET", "/@ben/api/search?q=secret", { cookie: bob });
  expect(own.json().entries).toEqual([]);
});
