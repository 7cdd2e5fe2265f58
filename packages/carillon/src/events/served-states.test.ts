import { describe, expect, test } from "vitest";
import type { DialogState } from "../documents/dialog-info.ts";
import { isOpen } from "../documents/pidf.ts";
import { after, notifiesIn, shown, stage, subscribe } from "../testing/events-stage.ts";
import { listOf } from "./list-of.ts";
import { dialogs, messageSummary, presence, registrations } from "./packages.ts";
import { publish } from "./publish.ts";

describe("RFC 4235: somebody's calls", () => {
  const call = (id: string, state: DialogState["state"]): DialogState => ({
    ...{ id, state, callId: `call ${id}`, direction: "recipient" },
    remote: { identity: "sip:carol@house.example" },
  });

  test("are told as they change, and those that are over once", async () => {
    const all = stage();
    const { signedIn, known, tell } = all;
    const [alice, bob] = [await signedIn("alice"), await signedIn("bob")];
    const lamp = subscribe(alice, dialogs, bob.aor);
    expect((await after(all, lamp)).dialogs).toEqual([]);
    known.calls = [call("1", "early"), call("2", "confirmed")];
    tell((one) => one.callsChanged("bob"));
    const two = await after(all, lamp);
    expect(two.dialogs.map(({ id, state }) => `${id} ${state}`)).toEqual([
      ...["1 early", "2 confirmed"],
    ]);
    expect([two.entity, two.dialogs[0]?.remote?.identity]).toEqual([
      ...["sip:bob@house.example", "sip:carol@house.example"],
    ]);
    known.calls = [call("1", "confirmed")];
    tell((one) => one.callsChanged("bob"));
    expect((await after(all, lamp)).dialogs.map(({ id, state }) => `${id} ${state}`)).toEqual([
      ...["1 confirmed", "2 terminated"],
    ]);
    known.calls = [];
    tell((one) => one.callsChanged("bob"));
    expect((await after(all, lamp)).dialogs.map(({ id, state }) => `${id} ${state}`)).toEqual([
      ...["1 terminated"],
    ]);
  });

  test("may be published by a device that nobody calls through here", async () => {
    const all = stage();
    const { network, signedIn, known, tell } = all;
    const [alice, bob] = [await signedIn("alice"), await signedIn("bob")];
    const lamp = subscribe(alice, dialogs, bob.aor);
    const info = (all: readonly DialogState[]) =>
      ({ version: 0, state: "full", entity: bob.aor, dialogs: all }) as const;
    const said = publish(bob, dialogs, info([call("7", "confirmed"), call("8", "terminated")]));
    await network.until(said.published);
    expect((await after(all, lamp)).dialogs.map(({ state }) => state)).toEqual(["confirmed"]);
    // The server has seen it, too.
    known.calls = [call("7", "confirmed")];
    tell((one) => one.callsChanged("bob"));
    const now = (await after(all, lamp)).dialogs.filter(({ state }) => state === "confirmed");
    expect(now.map(({ id }) => id)).toEqual(["7"]);
  });
});

describe("RFC 3680: one's own registrations", () => {
  test("are told as devices come and go, to their owner alone", async () => {
    const all = stage();
    const { network, signedIn, phone } = all;
    const [alice, bob] = [await signedIn("alice"), await signedIn("bob")];
    const other = subscribe(alice, registrations, bob.aor, { again: false });
    await network.run(1000);
    expect(other.state).toMatchObject({ name: "Ended", error: { status: 403 } });
    const mine = subscribe(bob, registrations, bob.aor);
    const [one] = await after(all, mine);
    expect([one?.aor, one?.state, one?.contacts.map(({ event }) => event)]).toEqual([
      ...["sip:bob@house.example", "active", ["registered"]],
    ]);
    const second = phone("bob", "ws");
    await network.until(second.register());
    const [two] = await after(all, mine);
    expect(two?.contacts.map(({ state, event }) => `${state} ${event}`)).toEqual([
      ...["active registered", "active registered"],
    ]);
    all.hostOf(second).close();
    await network.run(120_000);
    const [left] = await after(all, mine);
    expect(left?.contacts.map(({ state, event }) => `${state} ${event}`)).toContain(
      "terminated unregistered",
    );
  });
});

describe("RFC 3842: one's own mailbox", () => {
  test("is told when something else waits", async () => {
    const all = stage();
    const { network, signedIn, known, tell, ladder } = all;
    const bob = await signedIn("bob");
    const mail = subscribe(bob, messageSummary, bob.aor);
    expect(await after(all, mail)).toMatchObject({ isWaiting: false, account: bob.aor });
    const counts = { new: 2, old: 8, urgentNew: undefined, urgentOld: undefined };
    known.mail = { ...known.mail, isWaiting: true, counts: new Map([["voice-message", counts]]) };
    tell((one) => one.mailboxChanged("bob"));
    expect((await after(all, mail)).counts.get("voice-message")).toMatchObject({ new: 2, old: 8 });
    ladder();
    tell((one) => one.mailboxChanged("bob"));
    await network.run(6000);
    expect(ladder()).not.toContain("NOTIFY");
  });
});

describe("RFC 4662: one's contact list", () => {
  const LIST = "sip:contacts@house.example";

  test("is one subscription to all of them", async () => {
    const all = stage();
    const { network, signedIn, phone, known, tell } = all;
    const [alice] = [await signedIn("alice"), await signedIn("bob")];
    known.contacts = [
      { uri: "sip:bob@house.example", name: "Bob" },
      { uri: "sip:carol@house.example", name: "" },
      { uri: "sip:nobody@house.example", name: "Nobody" },
      { uri: "sip:dora@elsewhere.example", name: "Dora" },
    ];
    const list = subscribe(alice, listOf(presence), LIST);
    const look = (of: NonNullable<typeof list.value>) =>
      [...of.values()].map(
        ({ uri, name, state, reason, value }) =>
          `${uri.slice(4, uri.indexOf("@"))} "${name}" ${state} ` +
          `${reason ?? ""}${value ? shown(value) : ""}`,
      );
    expect(look(await after(all, list))).toEqual([
      'bob "Bob" active open',
      'carol "" active closed',
      'nobody "Nobody" terminated noresource',
      'dora "Dora" terminated noresource',
    ]);
    const carol = phone("carol");
    all.ladder();
    await network.until(carol.register());
    expect(look(await after(all, list))[1]).toBe('carol "" active open');
    expect(notifiesIn(all)).toHaveLength(1);
    known.contacts = known.contacts.slice(1, 2);
    tell((one) => one.contactsChanged("alice"));
    expect(look(await after(all, list))).toEqual(['carol "" active open']);
    known.handling = "confirm";
    tell((one) => one.rulesChanged("carol"));
    expect(look(await after(all, list))).toEqual(['carol "" pending ']);
    known.handling = "block";
    tell((one) => one.rulesChanged("carol"));
    expect(look(await after(all, list))).toEqual(['carol "" terminated rejected']);
    await network.until(list.end());
    await network.run(100);
    expect(all.events().census().subscriptions).toBe(0);
    expect(all.events().watchers("carol")).toEqual([]);
  });

  test("that is long comes in pieces, and is whole in the end", async () => {
    const people: Record<string, string> = { alice: "a secret" };
    for (let nth = 0; nth < 200; nth++) people[`p${nth}`] = "secret";
    const all = stage({}, { people });
    const { signedIn, known } = all;
    const alice = await signedIn("alice");
    known.contacts = Object.keys(people).map((name) => ({
      ...{ uri: `sip:${name}@house.example`, name },
    }));
    const list = subscribe(alice, listOf(presence), LIST);
    const whole = await after(all, list, 10_000);
    expect(whole.size).toBe(201);
    expect([...whole.values()].every(({ value }) => value !== undefined)).toBe(true);
    expect([...whole.values()].filter(({ value }) => value && isOpen(value))).toHaveLength(1);
  });

  test("of calls is had the same way", async () => {
    const all = stage();
    const { signedIn, known, tell } = all;
    const alice = await signedIn("alice");
    known.contacts = [{ uri: "sip:bob@house.example", name: "Bob" }];
    const lamps = subscribe(alice, listOf(dialogs), LIST);
    expect((await after(all, lamps)).get("sip:bob@house.example")?.value?.dialogs).toEqual([]);
    known.calls = [{ id: "1", state: "confirmed" }];
    tell((one) => one.callsChanged("bob"));
    const [bob] = [...(await after(all, lamps)).values()];
    expect(bob?.value?.dialogs.map(({ state }) => state)).toEqual(["confirmed"]);
    known.calls = [];
    tell((one) => one.callsChanged("bob"));
    const [later] = [...(await after(all, lamps)).values()];
    expect(later?.value?.dialogs.map(({ state }) => state)).toEqual(["terminated"]);
  });

  test("RFC 3261 §8.2.2: needs a subscriber that knows of lists", async () => {
    const all = stage();
    const alice = await all.signedIn("alice");
    const plain = { ...listOf(presence), supported: [] };
    const refused = subscribe(alice, plain, LIST, { again: false });
    await all.network.run(1000);
    expect(refused.state).toMatchObject({ name: "Ended", error: { status: 421 } });
  });
});
