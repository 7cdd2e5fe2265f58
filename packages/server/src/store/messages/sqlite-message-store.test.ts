import type { What } from "carillon/documents";
import { MemoryMessageStore, type MessageStore, type Posting } from "carillon/messaging";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { addPerson, settled, type TestMessages, testMessages } from "./test-store.ts";

const ANNA = "sip:anna@house.example";
const BOB = "sip:bob@house.example";
const CAROL = "sip:carol@house.example";
const DAY_MS = 86_400_000;
const BOTH = [
  { account: "anna", conversation: BOB },
  { account: "bob", conversation: ANNA },
];

let on: TestMessages;

beforeEach(() => {
  on = testMessages(["anna", "bob", "carol"]);
});

afterEach(() => on.close());

const said = (id: string, body = "hello"): Extract<What, { kind: "Message" }> => {
  return { kind: "Message", id, from: ANNA, contentType: "text/plain", body };
};
const posting = (id: string, what: What = said(id), at = 0): Posting => {
  return { key: { from: ANNA, id: `m ${id}` }, at, what, journals: BOTH };
};
const post = (store: MessageStore, one: Posting) => settled(store.post(one));
const pageOf = (store: MessageStore, account: string, query: Parameters<MessageStore["page"]>[1]) =>
  settled(store.page(account, query));
const all = (store: MessageStore, account: string) =>
  pageOf(store, account, { kind: "After", after: 0, limit: 1000 }).entries;

describe.each([
  ["in memory", () => new MemoryMessageStore()],
  ["in the house's database", () => on.store],
])("messages %s", (_, storeOf) => {
  test("are in all journals they concern, and once whatever is sent again", () => {
    const store = storeOf();
    expect(post(store, posting("1"))).toEqual({ kind: "New", seqs: [1, 1] });
    expect(post(store, posting("1", said("1", "other")))).toEqual({ kind: "Known" });
    const toSelf = [{ account: "anna", conversation: ANNA }];
    expect(post(store, { ...posting("2"), journals: toSelf })).toMatchObject({ seqs: [2] });
    expect(post(store, posting("3"))).toEqual({ kind: "New", seqs: [3, 2] });
    const last = ["anna", "bob", "carol"].map((account) => settled(store.last(account)));
    expect(last).toEqual([3, 2, 0]);
    const entry = { seq: 2, at: 0, conversation: ANNA, what: said("3") };
    expect([settled(store.entry("bob", 2)), settled(store.entry("bob", 3))]).toEqual([
      entry,
      undefined,
    ]);
    expect(settled(store.said("bob", "1"))).toMatchObject([{ seq: 1 }]);
    expect(settled(store.said("carol", "1"))).toEqual([]);
    const keys = ["1", "2", "9"].map((id) => ({ from: ANNA, id: `m ${id}` }));
    expect(settled(store.knows(keys))).toEqual([true, true, false]);
    expect(settled(store.knows([{ from: BOB, id: "m 1" }]))).toEqual([false]);
  });

  test("come back as they were said, with all there is to them", () => {
    const store = storeOf();
    const file = { url: "https://house.example/f/x/a.jpg", name: "a.jpg", size: 7, type: "x/y" };
    const whats: readonly What[] = [
      { ...said("1", "Grüße ☎ 🔔 \0 \u2028"), file, replyTo: "0", wants: ["displayed"] },
      { ...said("2", "AAEC/w=="), contentType: "image/png", encoding: "base64" },
      { kind: "Edited", id: "1", from: ANNA, contentType: "text/plain", body: "better" },
      { kind: "Receipt", id: "1", by: BOB, status: "delivered" },
      { kind: "Read", upTo: 3 },
      { kind: "Group", title: "Lunch", members: [ANNA, BOB], by: ANNA },
      { kind: "Retracted", id: "x", from: ANNA },
    ];
    for (const [i, what] of whats.entries()) post(store, posting(`k${i}`, what, i));
    expect(all(store, "bob")).toEqual(
      whats.map((what, i) => ({ seq: i + 1, at: i, conversation: ANNA, what })),
    );
  });

  test("are read on from a number, or back from one, and searched", () => {
    const store = storeOf();
    for (let i = 1; i <= 9; i++) post(store, posting(`${i}`, said(`${i}`, i % 2 ? "Tea" : "milk")));
    const seqs = (query: Parameters<typeof store.page>[1]) => {
      const { entries, last, isWhole } = pageOf(store, "bob", query);
      expect(last).toBe(9);
      return [entries.map(({ seq }) => seq), isWhole];
    };
    expect(seqs({ kind: "After", after: 6, limit: 2 })).toEqual([[7, 8], false]);
    expect(seqs({ kind: "After", after: 7, limit: 2 })).toEqual([[8, 9], true]);
    expect(seqs({ kind: "Before", before: 4, limit: 2 })).toEqual([[2, 3], false]);
    expect(seqs({ kind: "Before", before: 3, limit: 2 })).toEqual([[1, 2], true]);
    const beyond = Number.MAX_SAFE_INTEGER;
    expect(seqs({ kind: "Before", before: beyond, limit: 2 })).toEqual([[8, 9], false]);
    const tea = { kind: "Before", find: "tea", limit: 2 } as const;
    expect(seqs({ ...tea, before: 9 })).toEqual([[5, 7], false]);
    expect(seqs({ ...tea, before: 5 })).toEqual([[1, 3], true]);
    expect(seqs({ ...tea, before: beyond, with: ANNA })).toEqual([[7, 9], false]);
    expect(seqs({ ...tea, before: beyond, with: CAROL })).toEqual([[], true]);
    expect(seqs({ kind: "After", after: 0, limit: 2, with: BOB })).toEqual([[], true]);
    expect(seqs({ kind: "After", after: 0, limit: 2, with: ANNA })).toEqual([[1, 2], false]);
    expect(seqs({ kind: "Before", before: 5, limit: 2, with: ANNA })).toEqual([[3, 4], false]);
  });

  test("lose their words when they are taken back, in every journal", () => {
    const store = storeOf();
    post(store, posting("1"));
    const edited = { kind: "Edited", id: "1", from: ANNA, contentType: "text/plain" } as const;
    post(store, posting("2", { ...edited, body: "better" }));
    post(store, posting("other"));
    // Another message with that id, to somebody else: it stays.
    const elsewhere = [{ account: "carol", conversation: ANNA }];
    post(store, { ...posting("to carol", said("1", "hello Carol")), journals: elsewhere });
    post(store, posting("3", { kind: "Retracted", id: "1", from: BOB }));
    expect(settled(store.entry("bob", 1))).toMatchObject({ what: { body: "hello" } });
    const find = (text: string) =>
      pageOf(store, "bob", { kind: "Before", before: 99, limit: 9, find: text }).entries.length;
    expect([find("hello"), find("better")]).toEqual([2, 1]);
    post(store, posting("4", { kind: "Retracted", id: "1", from: ANNA }));
    expect([find("hello"), find("better")]).toEqual([1, 0]);
    for (const account of ["anna", "bob"]) {
      expect(all(store, account).map(({ what }) => "body" in what && what.body)).toEqual([
        ...["", "", "hello", false, false],
      ]);
    }
    expect(all(store, "carol")).toMatchObject([{ what: { body: "hello Carol" } }]);
  });

  test("make groups, of which one has each name", () => {
    const store = storeOf();
    const group = { name: "lunch", title: "Lunch", owner: "anna", members: ["bob", "anna"] };
    const change = (id: string, version: number, members = group.members): Posting => ({
      ...posting(id, { kind: "Group", title: "Lunch", members: [ANNA, BOB], by: ANNA }),
      group: { group: { ...group, members, version }, replaces: version - 1 },
    });
    expect(post(store, change("1", 1)).kind).toBe("New");
    expect(post(store, change("2", 1)).kind).toBe("Conflict");
    expect(post(store, change("2", 2)).kind).toBe("New");
    expect(settled(store.group("lunch"))).toEqual({ ...group, version: 2 });
    expect(settled(store.groupsOf("bob"))).toEqual([{ ...group, version: 2 }]);
    expect([settled(store.groupsOf("carol")), settled(store.group("x"))]).toEqual([[], undefined]);
    expect(settled(store.last("bob"))).toBe(2);
    post(store, change("3", 3, ["anna", "carol"]));
    expect(settled(store.groupsOf("bob"))).toEqual([]);
    expect(settled(store.groupsOf("carol"))).toMatchObject([{ members: ["anna", "carol"] }]);
  });

  test("know how far each phone has got, and who lags behind", () => {
    const store = storeOf();
    post(store, posting("1"));
    const begin = (account: string) => settled(store.beginCursor(account, "desk"));
    const cursor = (account: string, device = "desk") => settled(store.cursor(account, device));
    const behind = (after: string, limit: number) => settled(store.behind(after, limit));
    expect(cursor("bob")).toBe(undefined);
    expect([begin("bob"), begin("anna"), begin("carol")]).toEqual([1, 1, 0]);
    expect(behind("", 9)).toEqual([]);
    post(store, posting("2"));
    post(store, posting("3"));
    expect(behind("", 9)).toEqual(["anna", "bob"]);
    expect([behind("anna", 9), behind("", 1)]).toEqual([["bob"], ["anna"]]);
    store.advance("bob", "desk", 3);
    store.advance("bob", "desk", 2);
    store.advance("bob", "stranger", 2);
    expect([cursor("bob"), cursor("bob", "stranger")]).toEqual([3, undefined]);
    expect([begin("bob"), behind("", 9)]).toEqual([3, ["anna"]]);
    settled(store.dropCursor("anna", "desk"));
    expect([cursor("anna"), behind("", 9)]).toEqual([undefined, []]);
    expect(begin("anna")).toBe(3);
  });

  test("may be no more than their keys, which are known as long as anything", () => {
    const store = storeOf();
    const key = { ...posting("1"), journals: [] };
    expect([post(store, key), post(store, key)]).toEqual([
      { kind: "New", seqs: [] },
      { kind: "Known" },
    ]);
    for (let i = 0; i < 3; i++) settled(store.expire(700 * DAY_MS, 100));
    expect(settled(store.knows([key.key]))).toEqual([true]);
    expect(settled(store.last("anna"))).toBe(0);
  });

  test("go when their time is over, and their numbers are not given again", () => {
    const store = storeOf();
    expect(settled(store.retention("bob"))).toEqual({ days: 730, entries: 100_000 });
    for (let i = 1; i <= 9; i++) post(store, posting(`${i}`, said(`${i}`), i * DAY_MS));
    settled(store.setRetention("bob", { days: 3, entries: 100 }));
    expect(settled(store.retention("bob"))).toEqual({ days: 3, entries: 100 });
    const expire = () => settled(store.expire(10 * DAY_MS, 4));
    expect([expire(), expire()]).toEqual([4, 2]);
    expect(all(store, "bob").map(({ seq }) => seq)).toEqual([7, 8, 9]);
    settled(store.setRetention("bob", { days: 3, entries: 0 }));
    // It may have been at the end.
    expect(expire() || expire() || expire()).toBe(3);
    expect(settled(store.last("bob"))).toBe(9);
    expect(post(store, posting("10"))).toEqual({ kind: "New", seqs: [10, 10] });
    expect(post(store, posting("1"))).toEqual({ kind: "Known" });
  });
});

describe("messages in the house's database", () => {
  test("are answered when they are on the disk, and read from then on", () => {
    on.hold();
    const answer = on.store.post(posting("1"));
    expect(() => settled(answer)).toThrow("not there yet");
    expect(on.store.last("bob")).toBe(0);
    const again = on.store.post(posting("1"));
    on.settle();
    expect([settled(answer), settled(again)]).toEqual([
      { kind: "New", seqs: [1, 1] },
      { kind: "Known" },
    ]);
    expect(on.store.last("bob")).toBe(1);
  });

  test("are kept once, however many have them", () => {
    const people = Array.from({ length: 200 }, (_, i) => `p${i}`);
    for (const name of people) addPerson(on.house, name);
    const conversation = "sip:lunch@house.example";
    const journals = people.map((account) => ({ account, conversation }));
    const body = "x".repeat(16_000);
    post(on.store, { ...posting("1", said("1", body)), journals });
    expect(all(on.store, "p199")).toMatchObject([{ conversation, what: { body } }]);
    const row = on.house.store.db.one("SELECT count(*) AS n, sum(length(what)) AS size FROM said");
    expect(row).toMatchObject({ n: 1, size: expect.toSatisfy((size: number) => size < 17_000) });
  });

  test("of a person who has gone meanwhile are nobody's, and the others have theirs", () => {
    on.house.store.accounts.remove("bob");
    expect(post(on.store, posting("1"))).toEqual({ kind: "New", seqs: [1, 0] });
    expect([on.store.last("anna"), on.store.last("bob")]).toEqual([1, 0]);
    // Whoever has the name next has nothing of what was said to the one before.
    addPerson(on.house, "bob");
    expect(post(on.store, posting("2"))).toEqual({ kind: "New", seqs: [2, 1] });
    on.house.store.accounts.remove("bob");
    addPerson(on.house, "bob");
    expect([all(on.store, "bob"), on.store.last("bob")]).toEqual([[], 0]);
  });

  test("that cannot be written fail alone", () => {
    const odd = { ...posting("1"), at: Number.NaN };
    on.hold();
    const [failed, other] = [on.store.post(odd), on.store.post(posting("2"))];
    on.settle();
    expect(() => settled(failed)).toThrow("NOT NULL");
    expect(settled(other)).toEqual({ kind: "New", seqs: [1, 1] });
    expect(settled(on.store.knows([odd.key, posting("2").key]))).toEqual([false, true]);
  });

  test("wait for a slow disk up to a bound, and are refused beyond it", () => {
    on.hold();
    const body = "x".repeat(16_000);
    let refused: unknown;
    for (let i = 0; i < 2000 && refused === undefined; i++) {
      on.store.post(posting(`${i}`, said(`${i}`, body))).whenSettled(
        () => {},
        (cause) => {
          refused = cause;
        },
      );
    }
    expect(refused).toMatchObject({ name: "StoreBusy", retryAfterSeconds: 5 });
    on.settle();
    expect(on.store.last("bob")).toBeGreaterThan(900);
    expect(post(on.store, posting("after")).kind).toBe("New");
  });

  test("are unread until their reader has seen them, on whichever device", () => {
    const unread = () => on.store.conversations("bob").map(({ uri, unread }) => [uri, unread]);
    for (const id of ["1", "2", "3"]) post(on.store, posting(id));
    const toCarol = [{ account: "bob", conversation: CAROL }];
    post(on.store, { ...posting("4", { ...said("4"), from: CAROL }), journals: toCarol });
    post(on.store, { ...posting("5", { ...said("5"), from: BOB }), journals: toCarol });
    expect(unread()).toEqual([
      [CAROL, 1],
      [ANNA, 3],
    ]);
    expect([on.store.heard("bob"), on.store.heard("anna")]).toEqual([
      { unread: 4, read: 0 },
      { unread: 0, read: 0 },
    ]);
    const heard: string[] = [];
    on.store.whenHeard((account) => void heard.push(`${account} ${on.store.unread(account)}`));
    const read = (id: string, upTo: number) => {
      const what = { kind: "Read", upTo } as const;
      post(on.store, { ...posting(id, what), journals: [BOTH[1] ?? toCarol[0]] as never });
    };
    read("r1", 2);
    expect([on.store.unread("bob"), unread()[0]]).toEqual([2, [ANNA, 1]]);
    read("r2", 1);
    expect(on.store.unread("bob")).toBe(2);
    // Beyond the end is the end: what comes later has not been seen.
    read("r3", 1_000_000);
    expect(on.store.unread("bob")).toBe(1);
    post(on.store, posting("6"));
    expect(unread()[0]).toEqual([ANNA, 1]);
    expect(on.store.heard("bob")).toEqual({ unread: 2, read: 3 });
    expect(heard).toEqual(["bob 2", "bob 2", "bob 1", "bob 2"]);
  });

  test("that are swept are not unread any more, and what nobody has is gone from the disk", () => {
    for (let i = 1; i <= 5; i++) post(on.store, posting(`${i}`, said(`${i}`, `word${i}`), i));
    const count = (table: string) =>
      on.house.store.db.one<{ n: number }>(`SELECT count(*) AS n FROM ${table}`)?.n;
    settled(on.store.setRetention("bob", { entries: 2, days: 730 }));
    settled(on.store.expire(10, 1000));
    expect(on.store.unread("bob")).toBe(2);
    expect(on.store.conversations("bob")).toMatchObject([{ unread: 2, last: 5 }]);
    expect(on.store.heard("bob")).toEqual({ unread: 2, read: 0 });
    expect([count("said"), count("entry")]).toEqual([5, 7]);
    settled(on.store.setRetention("anna", { entries: 1, days: 730 }));
    for (let i = 0; i < 3; i++) settled(on.store.expire(10, 1000));
    expect([count("said"), count("entry")]).toEqual([2, 3]);
    const find = (text: string) =>
      pageOf(on.store, "anna", { kind: "Before", before: 99, limit: 9, find: text }).entries.length;
    expect([find("word4"), find("word5")]).toEqual([0, 1]);
    on.house.store.accounts.remove("anna");
    on.house.store.accounts.remove("bob");
    for (let i = 0; i < 3; i++) settled(on.store.expire(10, 1000));
    expect([count("said"), count("entry"), count("words")]).toEqual([0, 0, 0]);
    post(on.store, { ...posting("key"), journals: [] });
    for (let i = 0; i < 3; i++) settled(on.store.expire(800 * DAY_MS, 1000));
    expect(count("said")).toBe(0);
  });

  test("go by the thousand, with all that they are found by", () => {
    on.hold();
    for (let i = 1; i <= 3000; i++) on.store.post(posting(`${i}`, said(`${i}`, `word${i} and`), i));
    on.settle();
    for (const account of ["anna", "bob"]) {
      settled(on.store.setRetention(account, { entries: 10, days: 730 }));
    }
    for (let i = 0; i < 9; i++) settled(on.store.expire(10, 1000));
    const count = on.house.store.db.one("SELECT count(*) AS n FROM said");
    expect([count, all(on.store, "bob").length]).toEqual([{ n: 10 }, 10]);
    const query = { kind: "Before", before: 9999, limit: 99, find: "and" } as const;
    expect(pageOf(on.store, "bob", query).entries).toHaveLength(10);
    expect(on.store.heard("bob")).toEqual({ unread: 10, read: 0 });
  });

  test("are counted, and not what became of them", () => {
    const receipt = { kind: "Receipt", by: BOB, status: "delivered" } as const;
    for (let i = 1; i <= 6; i++) {
      post(on.store, posting(`${i}`, said(`${i}`), i));
      for (let n = 0; n < 3; n++) post(on.store, posting(`r${i} ${n}`, { ...receipt, id: `${i}` }));
    }
    settled(on.store.setRetention("bob", { entries: 2, days: 99_999 }));
    settled(on.store.expire(0, 1000));
    const kinds = all(on.store, "bob").map(({ seq, what }) => `${seq} ${what.kind}`);
    expect(kinds).toEqual([
      ...["14 Receipt", "15 Receipt", "16 Receipt", "17 Message", "18 Receipt", "19 Receipt"],
      ...["20 Receipt", "21 Message", "22 Receipt", "23 Receipt", "24 Receipt"],
    ]);
    for (let i = 0; i < 40; i++) post(on.store, posting(`more ${i}`, { ...receipt, id: "6" }));
    for (let i = 0; i < 4; i++) settled(on.store.expire(0, 1000));
    // There is an end to it, too.
    expect(all(on.store, "bob")).toHaveLength(20);
  });

  test("that say who is in a group stay as long as they say it", () => {
    const group = (id: string, title: string, at: number) =>
      post(on.store, posting(id, { kind: "Group", title, members: [ANNA, BOB], by: ANNA }, at));
    group("g1", "Lunch", 1);
    for (let i = 1; i <= 5; i++) post(on.store, posting(`${i}`, said(`${i}`), i));
    settled(on.store.setRetention("bob", { entries: 2, days: 730 }));
    const sweep = () => settled(on.store.expire(10, 1000));
    sweep();
    expect(all(on.store, "bob").map(({ seq }) => seq)).toEqual([1, 5, 6]);
    group("g2", "Dinner", 6);
    expect(all(on.store, "bob").map(({ seq }) => seq)).toEqual([5, 6, 7]);
    for (let i = 0; i < 4; i++) sweep();
    expect(all(on.store, "bob").map(({ seq }) => seq)).toEqual([6, 7]);
  });

  test("take a group's name from no person, and a person none from a group", () => {
    const make = (id: string, name: string) =>
      post(on.store, {
        ...posting(id, { kind: "Group", title: "Lunch", members: [ANNA], by: ANNA }),
        group: {
          group: { name, title: "Lunch", owner: "anna", members: ["anna", "bob"], version: 1 },
          replaces: 0,
        },
      }).kind;
    expect([make("1", "bob"), make("2", "files"), make("3", "lunch")]).toEqual([
      ...["Conflict", "Conflict", "New"],
    ]);
    expect(settled(on.store.knows([{ from: ANNA, id: "m 1" }]))).toEqual([false]);
    const invite = on.house.invite();
    const joined = on.house.store.join({ invite, name: "Lunch" });
    expect(joined).toMatchObject({ refusal: { code: "NAME_TAKEN" } });
    // Whoever leaves the house leaves its groups, which go on.
    on.house.store.accounts.remove("anna");
    expect(on.store.group("lunch")).toMatchObject({ owner: "bob", members: ["bob"] });
    expect(on.store.groupsOf("anna")).toEqual([]);
  });

  test("are sent to a phone no more once it is revoked, and from the end to the next", () => {
    const { store } = on.house;
    const wanted = { name: { name: "bob", displayName: "Bob" }, deskPhone: true, now: 1 };
    const added = store.accounts.addPhone({ ...wanted, realm: "house.example" });
    if (!added.ok) throw new Error("not added");
    const { id } = added.value.phone;
    settled(on.store.beginCursor("bob", id));
    settled(on.store.beginCursor("bob", "a contact"));
    post(on.store, posting("1"));
    store.accounts.revokePhone("bob", id);
    expect(on.store.cursor("bob", id)).toBe(undefined);
    expect(on.store.cursor("bob", "a contact")).toBe(0);
  });

  test("remember how far a phone has got while the disk does not know yet", () => {
    post(on.store, posting("1"));
    const desk = ["bob", "desk"] as const;
    settled(on.store.beginCursor(...desk));
    post(on.store, posting("2"));
    post(on.store, posting("3"));
    on.hold();
    on.store.advance(...desk, 2);
    on.store.advance(...desk, 3);
    expect([on.store.cursor(...desk), on.store.behind("", 9)]).toEqual([3, []]);
    const dropped = on.store.dropCursor(...desk);
    expect(on.store.cursor(...desk)).toBe(undefined);
    const begun = on.store.beginCursor(...desk);
    on.settle();
    settled(dropped);
    expect([settled(begun), on.store.cursor(...desk)]).toEqual([3, 3]);
  });
});
