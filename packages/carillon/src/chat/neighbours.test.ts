/** Phones without a server: they write to each other, and tell each other of themselves. */
import { describe, expect, test } from "vitest";
import { Servers } from "../endpoint/servers.ts";
import { notify } from "../events/notify.ts";
import { ownDialogs, ownPresence } from "../events/own-state.ts";
import { dialogs, presence } from "../events/packages.ts";
import { publish } from "../events/publish.ts";
import { fetchState, subscribe } from "../events/subscribe.ts";
import { Network } from "../testing/network.ts";
import { silentMedia } from "../testing/silent-media.ts";
import { isOnLink } from "../transport/on-link.ts";
import { Phone } from "../ua/phone.ts";
import { chat } from "./chat.ts";

/** A phone at this address, whose network is the first 24 bits of it. */
function phoneAt(network: Network, name: string, address: string): Phone {
  return new Phone(
    { aor: `sip:${name}@${address}` },
    {
      crypto: network.crypto,
      media: () => silentMedia(address),
      isLocal: (other) => isOnLink(other, [{ address, prefixLength: 24 }]),
      run: (endpoint) => {
        endpoint.find(() => new Servers(endpoint, { transports: ["UDP", "TCP"] }));
        return network.host(name, { host: address, port: 5060 }, endpoint);
      },
      servers: () => [],
    },
  );
}

function neighbours() {
  const network = new Network();
  const alice = phoneAt(network, "alice", "192.0.2.5");
  const bob = phoneAt(network, "bob", "192.0.2.7");
  return { network, alice, bob };
}

function collected<T>(values: AsyncIterable<T>): T[] {
  const all: T[] = [];
  void (async () => {
    for await (const one of values) all.push(one);
  })();
  return all;
}

describe.each(["sip:bob@192.0.2.7", "sip:bob@192.0.2.7;transport=tcp"])("at %s", (target) => {
  test("they write, and hear that it was shown", async () => {
    const { network, alice, bob } = neighbours();
    const chats = { alice: chat(alice), bob: chat(bob) };
    const got = collected(chats.bob.messages());
    const sent = await network.until(
      chats.alice.send(target, "hello", { receipts: ["displayed"] }),
    );
    got[0]?.displayed();
    const receipts = collected(sent.notifications());
    await network.run(1000);
    expect(got).toMatchObject([{ text: "hello", from: { uri: "sip:alice@192.0.2.5" } }]);
    expect(receipts).toMatchObject([{ status: "displayed" }]);
  });

  test("one sees that the other is there, is called, talks, and goes", async () => {
    const { network, alice, bob } = neighbours();
    const own = ownPresence(bob, { note: "at home" });
    notify(bob, presence, own, { allow: ({ uri }) => uri === alice.aor });
    notify(bob, dialogs, ownDialogs(bob), { allow: () => true });
    const watching = subscribe(alice, presence, target);
    const seen = collected(watching.values());
    const calls = collected(subscribe(alice, dialogs, target).values());
    await network.until(watching.established);
    const coming = bob.calls().next();
    const call = alice.call(target);
    const { value: other } = await network.until(coming);
    if (!other) throw new Error("nobody called");
    await network.until(Promise.all([other.answer(), call.answered]));
    await network.run(6000);
    expect(seen.at(-1)).toMatchObject({ notes: ["at home"], activities: ["on-the-phone"] });
    expect(calls.at(-1)?.dialogs).toMatchObject([{ state: "confirmed", direction: "recipient" }]);
    call.hangUp();
    await network.run(6000);
    expect(seen.at(-1)).toMatchObject({ activities: [] });
    expect(calls.at(-1)?.dialogs).toMatchObject([{ state: "terminated", event: "remote-bye" }]);
    expect(await network.until(fetchState(alice, presence, target))).toMatchObject({
      tuples: [{ basic: "open" }],
    });
    void bob.close();
    await network.run(1000);
    expect(watching.state).toMatchObject({ name: "Ended", reason: "noresource" });
  });
});

test("nobody keeps a publication where there is no server", () => {
  const { alice } = neighbours();
  const own = ownPresence(alice).value();
  expect(() => publish(alice, presence, own)).toThrow("no server");
});
