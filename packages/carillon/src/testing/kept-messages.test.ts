/** Phones of the library in a house that keeps messages: chats, conversations, and plain ones. */
import { describe, expect, test } from "vitest";
import { chat } from "../chat/chat.ts";
import { MemoryConversationStore } from "../chat/conversation-store.ts";
import { conversations } from "../chat/conversations.ts";
import type { Conversations } from "../chat/conversations-api.ts";
import { MemoryMessageStore } from "../messaging/memory-message-store.ts";
import { messaging } from "../messaging/messaging.ts";
import { StateAgent } from "../state-agent/state-agent.ts";
import { type House, type HouseOptions, house } from "./house.ts";

const address = (name: string) => `sip:${name}@house.example`;

/** A house whose server keeps messages, and forgets none when it is started anew. */
function keeping(options: HouseOptions = {}): House & { readonly store: MemoryMessageStore } {
  const store = new MemoryMessageStore();
  const services = () => {
    const service = messaging({ store });
    return [service, new StateAgent({ packages: [service.journal] })];
  };
  return { ...house({ ...options, services }), store };
}

/** Everything that comes of an iteration, as it comes. */
function collected<T>(values: AsyncIterable<T>): T[] {
  const all: T[] = [];
  void (async () => {
    for await (const one of values) all.push(one);
  })();
  return all;
}

const texts = (all: Conversations, uri: string) =>
  all
    .open(uri)
    .view()
    .items.map(({ text }) => text);

describe("a phone with a chat", () => {
  test("RFC 5438: gets what was written while it was off, and its receipts arrive", async () => {
    const { network, signedIn, phone } = keeping();
    const alice = chat(await signedIn("alice"));
    const first = await signedIn("bob");
    chat(first);
    await network.run(11_000);
    await network.until(first.close());
    const sent = [];
    for (const text of ["one", "two", "three"]) {
      const options = { receipts: ["delivered", "displayed"] } as const;
      sent.push(await network.until(alice.send(address("bob"), text, options)));
    }
    expect(sent.map(({ status, isDelivered }) => [status, isDelivered])).toEqual(
      Array(3).fill([202, false]),
    );
    const receipts = sent.map((one) => collected(one.notifications()));
    const second = phone("bob");
    const got = collected(chat(second).messages());
    await network.until(second.register());
    await network.run(5000);
    expect(got.map(({ text, from }) => [text, from.uri])).toEqual([
      ...["one", "two", "three"].map((text) => [text, address("alice")]),
    ]);
    got[1]?.displayed();
    await network.run(5000);
    expect(receipts.map((all) => all.map(({ status }) => status))).toEqual([
      ...[["delivered"], ["delivered", "displayed"], ["delivered"]],
    ]);
  });

  test("shows each message once, though answers are lost and the server starts anew", async () => {
    const { network, signedIn, restart } = keeping({ seed: 7 });
    const [alice, bob] = [await signedIn("alice"), await signedIn("bob")];
    const [writes, got] = [chat(alice), collected(chat(bob).messages())];
    await network.run(11_000);
    network.weather = { delayMs: 20, jitterMs: 60, loss: 0.3, duplication: 0.1 };
    const said = Array.from({ length: 20 }, (_, i) => `${i}`);
    for (const text of said) {
      const options = { receipts: ["delivered"], id: `id-${text}` } as const;
      const send = () => writes.send(address("bob"), text, options).catch(() => undefined);
      if (text === "10") restart();
      for (let sent = await network.until(send(), 200_000); !sent; ) {
        sent = await network.until(send(), 200_000);
      }
    }
    network.weather = { delayMs: 20 };
    await network.run(4_000_000);
    expect(got.map(({ text }) => text)).toEqual(said);
  });
});

describe("a plain phone", () => {
  test("has messages as it always had, also of a server that was started anew", async () => {
    const { network, signedIn, restart } = keeping();
    const [alice, bob] = [await signedIn("alice"), await signedIn("bob")];
    const got = collected(bob.messages());
    await network.run(11_000);
    await network.until(alice.message(address("bob"), "one"));
    await network.run(1000);
    restart();
    await network.until(alice.message(address("bob"), "two"));
    await network.run(1000);
    expect(got.map(({ text, from }) => [text, from.uri])).toEqual([
      ...[
        ["one", address("alice")],
        ["two", address("alice")],
      ],
    ]);
  });
});

describe("conversations", () => {
  test("are the same on all of a person's devices, and ticks come back", async () => {
    const { network, signedIn } = keeping();
    const alice = conversations(await signedIn("alice", "ws"));
    const bob = [
      conversations(await signedIn("bob", "ws")),
      conversations(await signedIn("bob", "udp")),
    ] as const;
    await network.run(2000);
    alice.open(address("bob")).send("Lunch?");
    await network.run(2000);
    for (const one of bob) expect(texts(one, address("alice"))).toEqual(["Lunch?"]);
    const state = () => alice.open(address("bob")).view().items[0]?.state;
    expect(state()).toBe("Delivered");
    expect(bob.map(({ unread }) => unread)).toEqual([1, 1]);
    bob[0].open(address("alice")).read();
    await network.run(2000);
    expect([state(), ...bob.map(({ unread }) => unread)]).toEqual(["Displayed", 0, 0]);
    const id = bob[1].open(address("alice")).send("At noon");
    await network.run(2000);
    bob[1].open(address("alice")).edit(id, "At one");
    await network.run(2000);
    for (const [all, other] of [
      [alice, "bob"],
      [bob[0], "alice"],
      [bob[1], "alice"],
    ] as const) {
      expect(texts(all, address(other))).toEqual(["Lunch?", "At one"]);
    }
    bob[0].open(address("alice")).retract(id);
    await network.run(2000);
    expect(alice.open(address("bob")).view().items[1]).toMatchObject({
      isRetracted: true,
      text: "",
    });
  });

  test("of a group reach everybody, plain phones too, and who is writing is seen", async () => {
    const { network, signedIn } = keeping();
    const alice = conversations(await signedIn("alice"));
    const bob = conversations(await signedIn("bob", "ws"));
    const carol = await signedIn("carol");
    const got = collected(carol.messages());
    await network.run(11_000);
    const members = [address("bob"), address("carol")];
    const group = await network.until(alice.createGroup("lunch", "Lunch", members));
    await network.run(2000);
    expect(bob.list()).toMatchObject([{ uri: address("lunch"), title: "Lunch", isGroup: true }]);
    bob.open(address("lunch")).composing();
    await network.run(1000);
    expect(group.view().composing).toEqual([address("bob")]);
    bob.open(address("lunch")).send("Soup?");
    await network.run(2000);
    expect(group.view().items.map(({ text, from }) => [text, from])).toEqual([
      ["Soup?", address("bob")],
    ]);
    expect(got.map(({ text, from }) => [text, from.uri])).toEqual([
      ["bob: Soup?", address("lunch")],
    ]);
    await network.until(carol.message(address("lunch"), "Tea!"));
    await network.run(2000);
    expect(texts(bob, address("lunch"))).toEqual(["Soup?", "Tea!"]);
    await network.until(bob.open(address("lunch")).leave());
    await network.run(2000);
    expect(group.view().members).toEqual([address("alice"), address("carol")]);
  });

  test("wait for whoever is away, are found by their words, and outlive the server", async () => {
    const { network, signedIn, restart, phone } = keeping();
    const alice = conversations(await signedIn("alice"));
    await network.run(2000);
    for (let i = 1; i <= 60; i++) alice.open(address("bob")).send(`number ${i}`);
    await network.run(30_000);
    restart();
    const device = phone("bob", "ws");
    const bob = conversations(device, { store: new MemoryConversationStore() });
    await network.until(device.register());
    await network.run(30_000);
    expect(bob.state).toBe("Current");
    expect(texts(bob, address("alice"))).toEqual(
      Array.from({ length: 60 }, (_, i) => `number ${i + 1}`),
    );
    const found = await network.until(bob.find("number 42"));
    expect(found.map(({ item }) => item.text)).toEqual(["number 42"]);
    await network.run(700_000);
    const [last] = alice.open(address("bob")).view().items.slice(-1);
    expect(last?.state).toBe("Delivered");
  });
});
