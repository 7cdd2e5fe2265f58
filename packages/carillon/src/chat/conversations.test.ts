import { describe, expect, test } from "vitest";
import { chatHeadersOf } from "../documents/chat-headers.ts";
import { extensionsOf } from "../documents/cpim.ts";
import { IMDN_NAMESPACE } from "../documents/imdn.ts";
import { formatJournalPage, JOURNAL_TYPE } from "../documents/journal.ts";
import { toText } from "../grammar/octets.ts";
import { header } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import { BOB, cpimIn, entry, journalDesk, OWN, said } from "../testing/journal-desk.ts";
import { MemoryConversationStore } from "./conversation-store.ts";

const chatHeaders = (request: Request) => {
  const read = chatHeadersOf(cpimIn(request));
  return read.ok ? read.value : read.error;
};
const event = (request: Request) => header(request, "Event");

describe("a device that knows nothing", () => {
  test("goes on from the end of the journal, and reads what was before", async () => {
    const { all, next, answer, notify, granted, states } = await journalDesk();
    const live = next("SUBSCRIBE");
    expect([live.uri, event(live)]).toEqual([OWN, "carillon-journal;after=latest"]);
    expect(header(live, "Accept")).toBe(JOURNAL_TYPE);
    await answer(live, 200, granted);
    await notify(live, [], 7);
    expect(all.state).toBe("Syncing");
    const before = next("SUBSCRIBE");
    expect([event(before), header(before, "Expires")]).toEqual([
      ...["carillon-journal;before=8;limit=200", "0"],
    ]);
    await answer(before, 200, granted);
    const entries = [said(5, BOB, "five"), said(7, OWN, "seven")];
    const over = { isWhole: false, state: "terminated;reason=timeout" };
    await notify(before, entries, 7, over);
    const rest = next("SUBSCRIBE");
    expect(event(rest)).toBe("carillon-journal;before=5;limit=200");
    await answer(rest, 200, granted);
    await notify(rest, [said(2, BOB, "two")], 7, { ...over, isWhole: true });
    expect([all.state, ...states]).toEqual(["Current", "Syncing", "Current"]);
    expect(all.list()).toMatchObject([{ uri: BOB, unread: 2, hasEarlier: false }]);
    expect(
      all
        .open(BOB)
        .view()
        .items.map(({ text }) => text),
    ).toEqual(["two", "five", "seven"]);
    // What comes from now on, is told once.
    const [list, view] = [all.changes(), all.open(`${BOB};transport=tcp`).changes()];
    expect([(await list.next()).value, (await view.next()).value]).toMatchObject([
      ...[[{ unread: 2 }], { unread: 2 }],
    ]);
    expect(await notify(live, [said(8, BOB, "eight")])).toMatchObject({ status: 200 });
    expect([(await list.next()).value, (await view.next()).value]).toMatchObject([
      ...[[{ unread: 3 }], { unread: 3 }],
    ]);
    expect(all.unread).toBe(3);
  });

  test("may begin before the phone has registered", async () => {
    const { all, begin, next, answer, phone, wait } = await journalDesk({}, false);
    const registered = phone.register();
    for (let i = 0; i < 4; i++) await wait(1000);
    await begin([said(1, BOB, "one")]);
    const register = next("REGISTER");
    const contact = header(register, "Contact") ?? "";
    await answer(register, 200, { lines: [`Contact: ${contact};expires=600`] });
    await registered;
    expect([all.state, all.unread]).toEqual(["Current", 1]);
    all.open(BOB).send("x");
    await answer(next("MESSAGE"), 202);
  });

  test("asks again, later, for what it did not get", async () => {
    const { all, next, answer, notify, granted, wait } = await journalDesk();
    const live = next("SUBSCRIBE");
    await answer(live, 200, granted);
    await notify(live, [], 3);
    await answer(next("SUBSCRIBE"), 500);
    expect(all.state).toBe("Syncing");
    await wait(2500);
    const again = next("SUBSCRIBE");
    await answer(again, 200, granted);
    await notify(again, [said(3, BOB, "three")], 3, { state: "terminated;reason=timeout" });
    expect([all.state, all.unread]).toEqual(["Current", 1]);
  });
});

describe("a device that was away", () => {
  test("shows what it knew, and goes on from there", async () => {
    const store = new MemoryConversationStore();
    const first = await journalDesk({ store });
    await first.begin([said(1, BOB, "one"), said(4, BOB, "four")]);
    first.all.close();
    const { all, next, answer, notify, granted } = await journalDesk({ store });
    expect(
      all
        .open(BOB)
        .view()
        .items.map(({ text }) => text),
    ).toEqual(["one", "four"]);
    const live = next("SUBSCRIBE");
    expect(event(live)).toBe("carillon-journal;after=4");
    await answer(live, 200, granted);
    await notify(live, [said(5, BOB, "five")], 6, { isWhole: false });
    expect(all.state).toBe("Syncing");
    await notify(live, [said(6, BOB, "six")], 6);
    expect([all.state, all.unread]).toEqual(["Current", 4]);
  });

  test("asks for what is between, where the server goes on elsewhere", async () => {
    const { all, begin, next, answer, notify, granted, wait, hasNone } = await journalDesk();
    const live = await begin([said(1, BOB, "one")]);
    // As a server that was down while three more came, and forgot where we were.
    await notify(live, [said(4, BOB, "four")]);
    expect([all.state, all.unread]).toEqual(["Syncing", 2]);
    await answer(next("SUBSCRIBE"), 503);
    await wait(4000);
    const between = next("SUBSCRIBE");
    expect(event(between)).toBe("carillon-journal;after=1;limit=200");
    await answer(between, 200, granted);
    const over = { isWhole: false, state: "terminated;reason=timeout" };
    await notify(between, [said(2, BOB, "two")], 4, over);
    const rest = next("SUBSCRIBE");
    expect(event(rest)).toBe("carillon-journal;after=2;limit=200");
    await answer(rest, 200, granted);
    await notify(rest, [said(3, BOB, "three"), said(4, BOB, "four")], 4, {
      ...over,
      isWhole: true,
    });
    const texts = all
      .open(BOB)
      .view()
      .items.map(({ text }) => text);
    expect([all.state, ...texts]).toEqual(["Current", "one", "two", "three", "four"]);
    // What is really not there any more, is not asked for for ever.
    await notify(live, [said(7, BOB, "seven")]);
    const gone = next("SUBSCRIBE");
    await answer(gone, 200, granted);
    await notify(gone, [said(7, BOB, "seven")], 7, { state: "terminated;reason=timeout" });
    expect(all.state).toBe("Current");
    await notify(live, [said(8, BOB, "eight")]);
    expect(hasNone("SUBSCRIBE")).toBe(true);
  });

  test("begins anew where the server has less than it had", async () => {
    const store = new MemoryConversationStore();
    const first = await journalDesk({ store });
    await first.begin([said(40, BOB, "of another time")]);
    first.all.close();
    const { all, begin, next, answer, notify, granted, wait } = await journalDesk({ store });
    all.open(BOB).send("waits");
    const live = next("SUBSCRIBE");
    await answer(live, 200, granted);
    await notify(live, [], 3);
    await wait(0);
    await answer(next("SUBSCRIBE"), 200, granted);
    await begin([said(3, BOB, "of this time")]);
    const texts = all
      .open(BOB)
      .view()
      .items.map(({ text }) => text);
    expect([all.state, ...texts]).toEqual(["Current", "of this time", "waits"]);
  });

  test("does not take another's journal for its own", async () => {
    const store = new MemoryConversationStore();
    const position = { own: "sip:carol@example.com", mode: "Journal", oldest: 1, last: 1 };
    store.set("position", JSON.stringify({ ...position, isFromStart: true }));
    store.set(
      "entry 1",
      formatJournalPage({ entries: [said(1, BOB, "x")], last: 1, isWhole: true }),
    );
    const { all, next } = await journalDesk({ store });
    expect([all.list(), event(next("SUBSCRIBE"))]).toEqual([[], "carillon-journal;after=latest"]);
    expect([...store.names()]).toEqual([]);
  });
});

describe("a message", () => {
  test("is shown at once, and as sent when the server has it", async () => {
    const { all, begin, next, answer, notify } = await journalDesk();
    const live = await begin();
    const bob = all.open(BOB);
    const id = bob.send("Grüße ☎", { replyTo: "m1" });
    expect(bob.view().items).toMatchObject([
      { id, text: "Grüße ☎", state: "Waiting", isOwn: true },
    ]);
    const request = next("MESSAGE");
    expect([request.uri, header(request, "Content-Type")]).toEqual([BOB, "message/cpim"]);
    const sent = cpimIn(request);
    expect([sent.id, toText(sent.content), sent.from?.uri]).toEqual([id, "Grüße ☎", OWN]);
    const wishes = extensionsOf(sent, IMDN_NAMESPACE, "Disposition-Notification");
    expect(wishes).toEqual(["positive-delivery, display, negative-delivery"]);
    expect(chatHeaders(request)).toEqual({ replyTo: "m1" });
    await answer(request, 202);
    expect(bob.view().items).toMatchObject([{ id, state: "Sent", seq: undefined }]);
    await notify(live, [said(1, OWN, "Grüße ☎", id)]);
    const receipt = { kind: "Receipt", id, by: BOB, status: "displayed" } as const;
    await notify(live, [entry(2, receipt)]);
    expect(bob.view().items).toMatchObject([
      { id, state: "Displayed", seq: 1, displayedBy: [BOB] },
    ]);
  });

  test("is sent again, as the same, until somebody answers", async () => {
    const { all, begin, next, answer, wait, hasNone } = await journalDesk();
    await begin();
    const bob = all.open(BOB);
    const id = bob.send("one");
    bob.send("two");
    const first = next("MESSAGE");
    await answer(first, 503, { lines: ["Retry-After: 3"] });
    await wait(2900);
    expect(hasNone("MESSAGE")).toBe(true);
    await wait(100);
    const again = next("MESSAGE");
    expect([cpimIn(again).id, again.text === first.text]).toEqual([id, false]);
    // Nobody answers at all.
    await wait(32_000);
    await wait(4_000);
    const third = next("MESSAGE");
    expect(cpimIn(third).id).toBe(id);
    await answer(third, 202);
    expect(toText(cpimIn(next("MESSAGE")).content)).toBe("two");
  });

  test("that is refused says why, and can be tried again", async () => {
    const { all, begin, next, answer } = await journalDesk();
    await begin();
    const bob = all.open(BOB);
    const id = bob.send("x");
    const later = bob.send("y");
    await answer(next("MESSAGE"), 413);
    expect(bob.view().items).toMatchObject([
      { id, state: "Failed", why: "The message is too long." },
      { id: later, state: "Waiting" },
    ]);
    await answer(next("MESSAGE"), 202);
    bob.again(id);
    bob.again("another");
    const again = next("MESSAGE");
    expect(cpimIn(again).id).toBe(id);
    await answer(again, 403, { lines: ['Warning: 399 carillon "Not to them."'] });
    expect(bob.view().items).toMatchObject([{ id, why: "Not to them." }, { id: later }]);
    bob.retract(id);
    expect(bob.view().items).toMatchObject([{ id: later }]);
  });

  test("waits in the store for a program that has ended", async () => {
    const store = new MemoryConversationStore();
    const first = await journalDesk({ store });
    await first.begin();
    const bob = first.all.open(BOB);
    const [failed, id] = [bob.send("no"), bob.send("yes")];
    await first.answer(first.next("MESSAGE"), 403);
    first.next("MESSAGE");
    first.all.close();
    const { all, begin, next, answer } = await journalDesk({ store });
    expect(all.open(BOB).view().items).toMatchObject([
      { id: failed, state: "Failed", why: "The server does not allow this." },
      { id, state: "Waiting" },
    ]);
    // The server is known from the last time.
    const request = next("MESSAGE");
    expect(cpimIn(request).id).toBe(id);
    await begin([]);
    await answer(request, 202);
    expect(all.open(BOB).view().items).toMatchObject([{ id: failed }, { id, state: "Sent" }]);
    expect([...store.names()].filter((name) => name.startsWith("letter"))).toEqual([
      `letter ${failed}`,
    ]);
  });

  test("has 16,384 octets at most, and is from oneself if it is changed", async () => {
    const { all, begin } = await journalDesk();
    await begin([said(1, BOB, "theirs")]);
    const bob = all.open(BOB);
    expect(() => bob.send("x".repeat(16_385))).toThrow("16384 octets");
    expect(() => bob.edit("m1", "mine")).toThrow("m1");
    expect(() => bob.retract("none")).toThrow("none");
    expect(() => all.open("bob")).toThrow(RangeError);
  });

  test("is asked for if the server has it and does not tell of it", async () => {
    const { all, begin, next, answer, wait, hasNone } = await journalDesk();
    const live = await begin();
    all.open(BOB).send("x");
    await answer(next("MESSAGE"), 202);
    await wait(4900);
    expect(hasNone("SUBSCRIBE")).toBe(true);
    await wait(200);
    const refresh = next("SUBSCRIBE");
    expect(header(refresh, "Call-ID")).toBe(header(live, "Call-ID"));
    // It knows us no more: from where we are.
    await answer(refresh, 481);
    await wait(10);
    const anew = next("SUBSCRIBE");
    expect(header(anew, "Call-ID")).not.toBe(header(live, "Call-ID"));
    expect(event(anew)).toBe("carillon-journal;after=0");
  });
});

describe("a change to one's own message", () => {
  test("is shown at once, and sent with the id of what it changes", async () => {
    const { all, begin, next, answer, notify } = await journalDesk();
    const live = await begin([said(1, OWN, "helo")]);
    const bob = all.open(BOB);
    bob.edit("m1", "hello");
    expect(bob.view().items).toMatchObject([{ text: "hello", isEdited: true }]);
    const request = next("MESSAGE");
    expect([chatHeaders(request), cpimIn(request).content]).toEqual([{ replaces: "m1" }, "hello"]);
    await answer(request, 202);
    const edited = { kind: "Edited", id: "m1", from: OWN, contentType: "text/plain" } as const;
    await notify(live, [entry(2, { ...edited, body: "hello" })]);
    bob.retract("m1");
    expect(bob.view().items).toMatchObject([{ text: "", isRetracted: true }]);
    const gone = next("MESSAGE");
    expect(chatHeaders(gone)).toEqual({ retracts: "m1" });
    await answer(gone, 403);
    expect(bob.view().items).toMatchObject([{ text: "hello", isRetracted: false }]);
    expect(() => bob.edit("none", "x")).toThrow("none");
  });
});

describe("who reads", () => {
  test("RFC 5438 §7.2.1 tells those who want to know, and one's other devices", async () => {
    const { all, begin, next, answer, hasNone } = await journalDesk();
    const plain = entry(3, {
      ...{ kind: "Message", id: "m3", from: BOB, contentType: "text/plain", body: "x" },
    });
    await begin([said(1, BOB, "one"), said(2, OWN, "two"), plain]);
    const bob = all.open(BOB);
    bob.read();
    expect([bob.view().unread, all.unread]).toEqual([0, 0]);
    const [one, other] = [next("MESSAGE"), next("MESSAGE")];
    const [displayed, mark] = one.uri === BOB ? [one, other] : [other, one];
    expect(cpimIn(displayed).content).toContain("<message-id>m1</message-id>");
    expect(cpimIn(displayed).content).toContain("<status><displayed/></status>");
    expect([mark.uri, chatHeaders(mark)]).toEqual([OWN, { read: 3 }]);
    await answer(displayed, 202);
    await answer(mark, 202);
    bob.read();
    expect(hasNone("MESSAGE")).toBe(true);
  });

  test("RFC 5438 §7.1.4 tells of many at once", async () => {
    const { all, begin, next, answer, hasNone } = await journalDesk();
    await begin(Array.from({ length: 31 }, (_, i) => said(i + 1, BOB, `${i}`)));
    all.open(BOB).read();
    const [first, mark] = [next("MESSAGE"), next("MESSAGE")];
    expect(cpimIn(first).content.match(/<message-id>/g)).toHaveLength(30);
    expect(cpimIn(first).contentHeaders.get("content-type")).toMatch(/^multipart\/mixed;/);
    expect(first.text.length).toBeLessThan(16_384);
    await answer(first, 200);
    expect(cpimIn(next("MESSAGE")).content).toContain("<message-id>m31</message-id>");
    expect([mark.uri, hasNone("MESSAGE")]).toEqual([OWN, true]);
  });

  test("tells of a message, whatever the server's clock says", async () => {
    const { all, begin, next } = await journalDesk();
    await begin([{ ...said(1, BOB, "one"), at: Number.MAX_SAFE_INTEGER }]);
    all.open(BOB).read();
    expect(cpimIn(next("MESSAGE")).content).toContain("9999-12-31T23:59:59");
  });

  test("tells nobody else where that is not wanted", async () => {
    const { all, begin, next, hasNone } = await journalDesk({ tellsDisplayed: false });
    await begin([said(1, BOB, "one")]);
    all.open(BOB).read();
    expect(next("MESSAGE").uri).toBe(OWN);
    expect(hasNone("MESSAGE")).toBe(true);
  });

  test("on another device, has read it here, too", async () => {
    const { all, begin, notify } = await journalDesk();
    const live = await begin([said(1, BOB, "one"), said(2, BOB, "two")]);
    await notify(live, [entry(3, { kind: "Read", upTo: 1 })]);
    expect(all.unread).toBe(1);
  });
});
