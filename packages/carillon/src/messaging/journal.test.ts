import { describe, expect, test } from "vitest";
import { formatCpim, parseCpim } from "../documents/cpim.ts";
import { formatIsComposing } from "../documents/is-composing.ts";
import { type Entry, JOURNAL_TYPE, type JournalPage } from "../documents/journal.ts";
import type { JournalQuery } from "../documents/journal-query.ts";
import { formatResourceLists } from "../documents/resource-lists.ts";
import { header } from "../message/headers.ts";
import { answer, type Place, request, type Sent, titleOf } from "../testing/domain-stage.ts";
import { type Asking, pageIn, subscribeText } from "../testing/journal-asking.ts";
import {
  address,
  BOB,
  CAROL,
  messagesTo,
  type Office,
  office,
  receipt,
  wrapped,
} from "../testing/message-office.ts";

/** Subscribes to a journal; what comes of it. */
const subscribe = ({ stage }: Office, query: JournalQuery, asking: Asking = {}): readonly Sent[] =>
  stage.say(asking.from ?? BOB, subscribeText(stage, query, asking));

const notifyIn = (sent: readonly Sent[]): Sent => {
  const notifies = sent.filter((one) => titleOf(one) === "NOTIFY");
  expect(notifies, "one at a time").toHaveLength(1);
  return notifies[0] as Sent;
};

const words = (entries: readonly Entry[]) =>
  entries.map(({ what }) => ("body" in what ? what.body : what.kind));

/** Says 200 to each NOTIFY until nothing more comes; all that was said, and the NOTIFYs. */
function readAll({ stage }: Office, sent: readonly Sent[], from: Place = BOB) {
  const entries: Entry[] = [];
  const notifies: Sent[] = [];
  let next = sent;
  while (next.some((one) => titleOf(one) === "NOTIFY")) {
    const notify = notifyIn(next);
    notifies.push(notify);
    entries.push(...pageIn(notify).entries);
    next = stage.say(from, answer(notify.octets, 200, ""));
  }
  return { entries, notifies };
}

const write = (all: Office, count: number, content = "") => {
  for (let i = 1; i <= count; i++) all.say(wrapped(`m${i}`, { content: `${content}${i}` }));
};

describe("a subscription to one's own journal", () => {
  test("tells everything from where one was, and then what comes, one NOTIFY at a time", () => {
    const all = office();
    write(all, 5);
    const sent = subscribe(all, { after: 2 });
    expect(sent.map(titleOf)).toEqual(["200 SUBSCRIBE", "NOTIFY"]);
    const notify = notifyIn(sent);
    expect(header(notify.message, "Content-Type")).toBe(JOURNAL_TYPE);
    expect(pageIn(notify)).toMatchObject({ last: 5, isWhole: true });
    expect(words(pageIn(notify).entries)).toEqual(["3", "4", "5"]);
    // The next one waits until this one has its answer.
    write(all, 0);
    const quiet = all.sayRaw(all.written(wrapped("m6", { content: "6" })));
    expect(quiet.map(titleOf)).toEqual(["202 MESSAGE"]);
    all.say(wrapped("m7", { content: "7" }));
    const { entries } = readAll(all, all.stage.say(BOB, answer(notify.octets, 200, "")));
    expect(words(entries)).toEqual(["6", "7"]);
    const live = all.sayRaw(all.written(wrapped("m8", { content: "8" })));
    // Whoever sent it has their answer first.
    expect(live.map(titleOf)).toEqual(["202 MESSAGE", "NOTIFY"]);
    expect(words(readAll(all, live).entries)).toEqual(["8"]);
  });

  test("from the latest on tells only how far that is", () => {
    const all = office();
    write(all, 5);
    const notify = notifyIn(subscribe(all, { after: "latest" }));
    expect(pageIn(notify)).toEqual({ entries: [], last: 5, isWhole: true });
    all.stage.say(BOB, answer(notify.octets, 200, ""));
    const live = all.sayRaw(all.written(wrapped("m6", { content: "6" })));
    expect(words(readAll(all, live).entries)).toEqual(["6"]);
  });

  test("from beyond the end says where that is", () => {
    const all = office();
    write(all, 2);
    const notify = notifyIn(subscribe(all, { after: 40 }));
    expect(pageIn(notify)).toEqual({ entries: [], last: 2, isWhole: true });
  });

  test("tells again what a NOTIFY without an answer told", () => {
    const all = office();
    write(all, 2);
    const first = notifyIn(subscribe(all, {}));
    const silent = all.stage.say(BOB, answer(first.octets, 500, ""));
    const again = [...silent, ...all.stage.wait(30_000)].find((one) => titleOf(one) === "NOTIFY");
    expect(again && words(pageIn(again).entries)).toEqual(["1", "2"]);
  });

  test("keeps a NOTIFY over UDP below 1,300 octets, and one over a stream below 64 kB", () => {
    const all = office();
    write(all, 40, "x".repeat(100));
    const overUdp = readAll(all, subscribe(all, {}));
    expect(overUdp.entries.map(({ seq }) => seq)).toEqual(
      Array.from({ length: 40 }, (_, i) => i + 1),
    );
    expect(Math.max(...overUdp.notifies.map(({ octets }) => octets.length))).toBeLessThan(1300);
    expect(overUdp.notifies.length).toBeLessThan(25);
    for (let i = 1; i <= 12; i++) all.say(wrapped(`l${i}`, { content: "ü".repeat(8000) }));
    const page = all.stage.connect();
    const overWs = readAll(all, subscribe(all, {}, { from: page, callId: "s2" }), page);
    expect(overWs.entries).toHaveLength(52);
    expect(overWs.notifies.length).toBeGreaterThan(3);
    for (const { octets } of overWs.notifies) expect(octets.length).toBeLessThan(65_535);
  });

  test("is refused to others, and where nobody can tell what is asked", () => {
    const all = office();
    const status = (sent: readonly Sent[]) => sent[0] && titleOf(sent[0]);
    expect(status(subscribe(all, {}, { account: "alice", of: "bob", callId: "a" }))).toBe(
      "403 SUBSCRIBE",
    );
    expect(status(subscribe(all, { before: 3 }, { callId: "b" }))).toBe("400 SUBSCRIBE");
    const odd = request("SUBSCRIBE", {
      ...{ uri: address("bob"), from: `<${address("bob")}>;tag=w`, callId: "c" },
      lines: [
        `Proxy-Authorization: ${all.stage.token("bob")}`,
        ...[`Contact: <sip:bob@${BOB}>`, "Event: carillon-journal;after=x"],
      ],
    });
    expect(status(all.stage.say(BOB, odd))).toBe("400 SUBSCRIBE");
  });

  test("that refreshes says again how much it has", () => {
    const all = office();
    write(all, 3);
    const sent = subscribe(all, {});
    readAll(all, sent);
    const tag = /;tag=([^;\r]+)/.exec(header(notifyIn(sent).message, "From") ?? "")?.[1];
    const refreshed = all.stage.say(
      BOB,
      request("SUBSCRIBE", {
        ...{ uri: "sip:192.0.2.1:5060", to: `<${address("bob")}>;tag=${tag}`, callId: "s1" },
        ...{ from: `<${address("bob")}>;tag=w`, branch: "z9hG4bK-again", seq: 2 },
        lines: [
          `Proxy-Authorization: ${all.stage.token("bob")}`,
          ...[`Contact: <sip:bob@${BOB}>`, "Event: carillon-journal;after=1", "Expires: 600"],
        ],
      }),
    );
    expect(words(readAll(all, refreshed).entries)).toEqual(["2", "3"]);
  });
});

describe("a page of what was", () => {
  const once = (all: Office, query: JournalQuery, callId: string): JournalPage => {
    const notify = notifyIn(subscribe(all, query, { expires: 0, callId }));
    expect(header(notify.message, "Subscription-State")).toMatch(/^terminated;reason=timeout/);
    expect(all.stage.say(BOB, answer(notify.octets, 200, ""))).toEqual([]);
    return pageIn(notify);
  };

  test("comes once: before a number, of one conversation, or with a word in it", () => {
    const all = office();
    write(all, 4);
    all.say(wrapped("c1", { from: "carol", content: "Tea?" }));
    const before = once(all, { before: 4, limit: 2 }, "a");
    expect([words(before.entries), before.isWhole, before.last]).toEqual([["2", "3"], false, 5]);
    expect(words(once(all, { with: address("carol"), before: 99 }, "b").entries)).toEqual(["Tea?"]);
    const found = once(all, { find: "tea" }, "c");
    expect([words(found.entries), found.isWhole]).toEqual([["Tea?"], true]);
    expect(words(once(all, { after: 3 }, "d").entries)).toEqual(["4", "Tea?"]);
    // The newest that there is room for.
    write(all, 0);
    for (let i = 0; i < 9; i++) all.say(wrapped(`x${i}`, { content: `${i}${"y".repeat(300)}` }));
    const cut = once(all, { before: 99 }, "e");
    expect(cut.entries.at(-1)?.seq).toBe(14);
    expect([cut.isWhole, cut.entries.length < 9]).toEqual([false, true]);
  });
});

describe("a device that reads its journal", () => {
  test("is no plain phone, and gets no MESSAGEs, as long as it reads", () => {
    const all = office();
    all.stage.register("bob", BOB);
    readAll(all, subscribe(all, {}, { expires: 60 }));
    all.stage.wait(11_000);
    const live = all.sayRaw(all.written(wrapped("m1", { content: "1" })));
    expect([messagesTo(BOB, live), words(readAll(all, live).entries)]).toEqual([[], ["1"]]);
    expect(all.store.cursor("bob", "page")).toBe(undefined);
    // When it has ended, it has a moment to begin again.
    all.stage.wait(60_000);
    all.say(wrapped("m2", { content: "2" }));
    const [plain] = messagesTo(BOB, all.stage.wait(45_000));
    expect(plain?.message.body).toMatch(/\r\n\r\n2$/);
  });

  test("of somebody who has a plain phone, too, leaves that its messages", () => {
    const all = office();
    all.stage.register("bob", BOB);
    all.stage.register("bob", CAROL);
    readAll(all, subscribe(all, {}));
    all.stage.wait(11_000);
    const sent = all.sayRaw(all.written(wrapped("m1", { content: "1" })));
    expect([messagesTo(BOB, sent).length, messagesTo(CAROL, sent).length]).toEqual([0, 1]);
  });

  test("RFC 5438 §7.2.1: has got what it answered for: their sender is told, once", () => {
    const all = office();
    all.stage.register("alice", CAROL);
    all.stage.wait(11_000);
    all.say(wrapped("m1", { asks: "positive-delivery" }));
    const told = (sent: readonly Sent[]) => messagesTo(CAROL, sent).map(({ message }) => message);
    const notify = notifyIn(subscribe(all, {}));
    const [imdn, ...more] = told(all.stage.say(BOB, answer(notify.octets, 200, "")));
    expect([imdn?.body.includes("<delivered/>"), more.length]).toEqual([true, 0]);
    expect(all.journal("alice").at(-1)).toMatchObject({
      what: { kind: "Receipt", id: "m1", by: address("bob"), status: "delivered" },
    });
    // Another device of theirs gets it, and the first one once more.
    const page = all.stage.connect();
    readAll(all, subscribe(all, {}, { from: page, callId: "s2" }), page);
    expect(all.journal("alice")).toHaveLength(2);
    // What one says oneself has no receipts.
    const own = subscribe(all, {}, { account: "alice", from: CAROL, callId: "s3" });
    readAll(all, own, CAROL);
    expect(all.journal("bob")).toHaveLength(1);
    all.say(receipt("bob", "m1", "delivery", "delivered"));
    expect(all.journal("alice")).toHaveLength(2);
  });

  test("RFC 3994 §3: sees who is writing to a group", () => {
    const all = office();
    const members = ["bob", "carol"].map((one) => ({ uri: address(one) }));
    const list = { name: undefined, displayName: "Lunch", lists: [], entries: members };
    const made = { to: "lunch", contentType: "application/resource-lists+xml" };
    all.say({ ...made, body: formatResourceLists([list]) });
    all.stage.register("bob", BOB);
    all.stage.register("carol", CAROL);
    readAll(all, subscribe(all, {}));
    const body = formatIsComposing({ state: "active" });
    const composing = { to: "lunch", contentType: "application/im-iscomposing+xml", body };
    const sent = all.sayRaw(all.written(composing));
    const [told] = messagesTo(BOB, sent);
    expect(told && header(told.message, "From")).toMatch(/^<sip:lunch@house.example>/);
    const cpim = parseCpim(told?.message.body ?? "");
    expect(cpim).toMatchObject({ value: { from: { uri: address("alice") }, content: body } });
    expect(messagesTo(CAROL, sent)).toEqual([]);
    expect(sent.map(titleOf)).toContain("200 MESSAGE");
    const inCpim = formatCpim({
      ...{ from: { name: "", uri: address("bob") }, to: { name: "", uri: address("lunch") } },
      ...{ contentHeaders: [["Content-Type", "application/im-iscomposing+xml"]], content: body },
    });
    expect(all.say({ from: "bob", to: "lunch", contentType: "message/cpim", body: inCpim })).toBe(
      "200",
    );
  });
});
