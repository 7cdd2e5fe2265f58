import { describe, expect, test } from "vitest";
import { header } from "../message/headers.ts";
import { BOB, cpimIn, journalDesk } from "../testing/journal-desk.ts";
import { requestText } from "../testing/request-text.ts";
import { MemoryConversationStore } from "./conversation-store.ts";
import type { ConversationsOptions } from "./conversations-api.ts";

describe("where the server keeps no journal", () => {
  async function plain(options: ConversationsOptions = {}) {
    const made = await journalDesk(options);
    await made.answer(made.next("SUBSCRIBE"), 489);
    let count = 0;
    const bring = async (body: string, type = "text/plain") => {
      const parts = { callId: `p${++count}`, branch: `z9hG4bKp${count}`, body };
      const lines = [`Content-Type: ${type}`];
      const given = { ...parts, lines, from: `<${BOB}>;tag=b${count}` };
      made.wire.datagram(requestText("MESSAGE", given), made.server);
      await made.wait(0);
    };
    return { ...made, bring };
  }

  test("conversations are what is said meanwhile", async () => {
    const store = new MemoryConversationStore();
    const { all, bring, next, answer, wait } = await plain({ store });
    expect(all.state).toBe("Plain");
    await bring("hello");
    const bob = all.open(BOB);
    expect(bob.view()).toMatchObject({ items: [{ text: "hello", isOwn: false }], unread: 1 });
    const id = bob.send("hi");
    await wait(0);
    const request = next("MESSAGE");
    expect([cpimIn(request).id, cpimIn(request).content]).toEqual([id, "hi"]);
    await answer(request, 200);
    expect(bob.view().items).toMatchObject([{ text: "hello" }, { text: "hi", state: "Sent" }]);
    bob.read();
    expect(bob.view().unread).toBe(0);
    expect(await bob.earlier()).toBe(false);
    await expect(all.find("x")).rejects.toThrow("no server");
    all.close();
    const second = await journalDesk({ store });
    expect(second.all.open(BOB).view().items).toHaveLength(2);
  });

  test("goes as plain text to who knows nothing else, and tells what becomes of it", async () => {
    const { all, next, answer, wait } = await plain();
    const bob = all.open(BOB);
    bob.send("hi");
    await wait(0);
    await answer(next("MESSAGE"), 415);
    const request = next("MESSAGE");
    expect([header(request, "Content-Type"), request.body]).toEqual([
      ...["text/plain;charset=UTF-8", "hi"],
    ]);
    await answer(request, 200);
    bob.send("there");
    await wait(0);
    const second = next("MESSAGE");
    expect(second.body).toBe("there");
    await answer(second, 404);
    expect(bob.view().items).toMatchObject([
      { state: "Sent" },
      { state: "Failed", why: "There is nobody of that name." },
    ]);
  });

  test("it is also so where a server says nothing to who asks", async () => {
    const { all, next, wait, answer } = await journalDesk();
    next("SUBSCRIBE");
    await wait(32_000);
    await wait(10);
    await answer(next("SUBSCRIBE"), 500);
    await wait(10);
    expect(all.state).toBe("Plain");
    all.open(BOB).send("hi");
    await wait(0);
    await answer(next("MESSAGE"), 200);
    expect(all.open(BOB).view().items).toMatchObject([{ text: "hi", state: "Sent" }]);
    // It may have been busy: it is asked once more.
    await wait(600_000);
    await wait(10);
    expect(header(next("SUBSCRIBE"), "Event")).toBe("carillon-journal;after=latest");
  });

  test("it is not so where nobody has signed in yet", async () => {
    const { all, next, wait, answer } = await journalDesk();
    for (let i = 0; i < 4; i++) {
      await answer(next("SUBSCRIBE"), 407);
      for (let second = 0; second < 20; second++) await wait(1000);
    }
    expect(all.state).not.toBe("Plain");
  });

  test("nothing can be taken back, and an edit goes as more text", async () => {
    const { all, next, answer, wait } = await plain();
    const bob = all.open(BOB);
    const id = bob.send("helo");
    await wait(0);
    await answer(next("MESSAGE"), 200);
    bob.edit(id, "hello");
    await wait(0);
    const request = next("MESSAGE");
    expect(cpimIn(request).content).toBe("* hello");
    await answer(request, 200);
    expect(bob.view().items).toMatchObject([{ text: "hello", isEdited: true }]);
    bob.retract(id);
    await wait(0);
    expect(bob.view().items).toMatchObject([{ text: "hello", isRetracted: false }]);
  });
});
