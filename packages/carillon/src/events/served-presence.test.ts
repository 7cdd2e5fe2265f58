import { describe, expect, test } from "vitest";
import type { Presence } from "../documents/pidf.ts";
import { after, notifiesIn, shown, stage, subscribe } from "../testing/events-stage.ts";
import { presence, watcherInfo } from "./packages.ts";
import { publish } from "./publish.ts";
import { fetchState } from "./subscribe.ts";

describe("RFC 3856: somebody's presence", () => {
  test("is that of their devices, their calls, and what they say", async () => {
    const all = stage();
    const { network, signedIn, phone, known, tell } = all;
    const alice = await signedIn("alice");
    const bob = phone("bob");
    const watched = subscribe(alice, presence, bob.aor);
    expect(shown(await after(all, watched))).toEqual(["closed"]);
    await network.until(bob.register());
    expect(shown(await after(all, watched))).toEqual(["open"]);
    known.calls = [{ id: "1", state: "early" }];
    tell((events) => events.callsChanged("bob"));
    expect(shown(await after(all, watched))).toEqual(["open"]);
    known.calls = [{ id: "1", state: "confirmed" }];
    tell((events) => events.callsChanged("bob"));
    expect(shown(await after(all, watched))).toEqual(["open", "on-the-phone"]);
    known.status = { activities: ["meeting"], note: "Until noon", isHidden: false };
    known.calls = [];
    tell((events) => events.statusChanged("bob"));
    expect(shown(await after(all, watched))).toEqual(["open", "meeting", '"Until noon"']);
    known.status = { ...known.status, isHidden: true };
    tell((events) => events.statusChanged("bob"));
    expect(shown(await after(all, watched))).toEqual(["closed"]);
    known.status = undefined;
    tell((events) => events.statusChanged("bob"));
    expect(shown(await after(all, watched))).toEqual(["open"]);
    await network.until(bob.close());
    expect(shown(await after(all, watched))).toEqual(["closed"]);
    // Where their devices are is nobody's business.
    expect(watched.value?.tuples.every(({ contact }) => contact === undefined)).toBe(true);
  });

  test("RFC 3903: is what each device publishes, until that is taken back", async () => {
    const all = stage();
    const { network, signedIn, events } = all;
    const [alice, desk, mobile] = [
      await signedIn("alice"),
      await signedIn("bob"),
      await signedIn("bob", "ws"),
    ];
    const watched = subscribe(alice, presence, desk.aor);
    expect((await after(all, watched)).tuples).toHaveLength(2);
    const say = (
      note: string,
      activities: readonly string[],
      basic: "open" | "closed" = "open",
    ) => ({
      ...{ entity: desk.aor, notes: [note], activities },
      tuples: [
        {
          ...{ id: "t", basic, contact: desk.aor, priority: undefined, notes: [] },
          timestamp: undefined,
        },
      ],
    });
    const fromDesk = publish(desk, presence, say("At the desk", []));
    const fromMobile = publish(mobile, presence, say("On the road", ["in-transit"], "closed"));
    await network.until(Promise.all([fromDesk.published, fromMobile.published]));
    const both = await after(all, watched);
    expect(shown(both)).toEqual(["open", "in-transit", '"At the desk"', '"On the road"']);
    // What a device publishes stands for it.
    expect(both.tuples.map(({ basic }) => basic)).toEqual(["open", "closed"]);
    expect(new Set(both.tuples.map(({ id }) => id)).size).toBe(2);
    fromDesk.update(say("Back", []));
    expect(shown(await after(all, watched))).toEqual([
      ...["open", "in-transit", '"On the road"', '"Back"'],
    ]);
    await network.until(fromMobile.remove());
    expect(shown(await after(all, watched))).toEqual(["open", '"Back"']);
    expect(events().census().publications).toBe(1);
    await network.until(fromDesk.remove());
    expect((await after(all, watched)).tuples).toHaveLength(2);
    expect(events().census().publications).toBe(0);
  });

  test("is not told as gone where a connection is lost and back in a moment", async () => {
    const all = stage();
    const { network, signedIn, events } = all;
    const [alice, page] = [await signedIn("alice"), await signedIn("bob", "ws")];
    const watched = subscribe(alice, presence, page.aor);
    expect(shown(await after(all, watched))).toEqual(["open"]);
    all.ladder();
    all.hostOf(page).close();
    await network.run(2000);
    const again = await signedIn("bob", "ws");
    await network.run(10_000);
    expect(notifiesIn(all)).toEqual([]);
    all.hostOf(again).close();
    await network.run(120_000);
    expect(shown(await after(all, watched))).toEqual(["closed"]);
    await network.until(watched.end());
    await network.run(100);
    expect(events().census().subscriptions).toBe(0);
  });

  test("is told once, and again only when it is another", async () => {
    const all = stage();
    const { network, signedIn, tell, ladder } = all;
    const [alice, bob] = [await signedIn("alice"), await signedIn("bob")];
    const watched = subscribe(alice, presence, bob.aor);
    await after(all, watched);
    ladder();
    tell((events) => events.callsChanged("bob"));
    tell((events) => events.statusChanged("bob"));
    await network.until(bob.register());
    await network.run(10_000);
    expect(ladder()).not.toContain("NOTIFY");
    expect(shown(await network.until(fetchState(alice, presence, bob.aor)))).toEqual(["open"]);
  });
});

describe("RFC 5025: who may see somebody", () => {
  test("is refused, asked about, let, and refused again", async () => {
    const all = stage();
    const { network, signedIn, known, tell, events } = all;
    const [alice, bob] = [await signedIn("alice"), await signedIn("bob")];
    known.handling = "block";
    const refused = subscribe(alice, presence, bob.aor, { again: false });
    await network.run(1000);
    expect(refused.state).toMatchObject({ name: "Ended", error: { status: 403 } });
    known.handling = "confirm";
    const asks = subscribe(alice, presence, bob.aor);
    await network.run(1000);
    expect([asks.state.name, asks.value]).toEqual(["Pending", undefined]);
    expect(known.asked).toEqual(["bob sip:alice@house.example presence"]);
    expect(events().watchers("bob")).toMatchObject([
      { watcher: { account: "alice" }, status: "pending", event: "subscribe" },
    ]);
    known.handling = "allow";
    tell((one) => one.rulesChanged("bob"));
    expect(shown(await after(all, asks))).toEqual(["open"]);
    expect([asks.state.name, events().watchers("bob")[0]?.status]).toEqual(["Active", "active"]);
    known.handling = "block";
    tell((one) => one.rulesChanged("bob"));
    await network.run(6000);
    expect(asks.state).toMatchObject({ name: "Ended", reason: "rejected" });
    expect(events().watchers("bob")).toEqual([]);
    // Oneself one may see in any case.
    expect(shown(await network.until(fetchState(bob, presence, bob.aor)))).toEqual(["open"]);
  });

  test("is let believe that nobody is there, and not told when somebody comes", async () => {
    const all = stage();
    const { network, signedIn, phone, known, tell, ladder } = all;
    const alice = await signedIn("alice");
    const bob = phone("bob");
    const honest = subscribe(alice, presence, bob.aor);
    const away = await after(all, honest);
    known.handling = "polite-block";
    tell((one) => one.rulesChanged("bob"));
    const polite = await after(all, honest);
    expect(polite).toEqual(away);
    ladder();
    await network.until(bob.register());
    await network.run(10_000);
    expect(ladder()).not.toContain("NOTIFY");
    expect([honest.state.name, shown(honest.value as Presence)]).toEqual(["Active", ["closed"]]);
    known.handling = "allow";
    tell((one) => one.rulesChanged("bob"));
    expect(shown(await after(all, honest))).toEqual(["open"]);
  });

  test("who was let is asked about again: they wait once more", async () => {
    const all = stage();
    const { network, signedIn, known, tell } = all;
    const [alice, bob] = [await signedIn("alice"), await signedIn("bob")];
    const watched = subscribe(alice, presence, bob.aor);
    await after(all, watched);
    known.handling = "confirm";
    tell((one) => one.rulesChanged("bob"));
    await network.run(60_000);
    expect(watched.state.name).toBe("Pending");
    expect(known.asked).toHaveLength(1);
  });
});

describe("RFC 3857: who watches", () => {
  test("is told to who is watched, in what has changed, and to nobody else", async () => {
    const all = stage();
    const { network, signedIn, known, tell } = all;
    const [alice, bob, carol] = [
      await signedIn("alice"),
      await signedIn("bob"),
      await signedIn("carol"),
    ];
    const seen = subscribe(bob, watcherInfo, bob.aor);
    expect(await after(all, seen)).toEqual([]);
    const other = subscribe(carol, watcherInfo, bob.aor, { again: false });
    await network.run(1000);
    expect(other.state).toMatchObject({ name: "Ended", error: { status: 403 } });
    known.handling = "confirm";
    const asks = subscribe(alice, presence, bob.aor);
    expect(await after(all, seen)).toMatchObject([
      { uri: "sip:alice@house.example", displayName: "Alice", status: "pending" },
    ]);
    const also = subscribe(carol, presence, bob.aor);
    expect((await after(all, seen)).map(({ uri }) => uri)).toHaveLength(2);
    known.handling = "allow";
    tell((one) => one.rulesChanged("bob"));
    expect((await after(all, seen)).map(({ status }) => status)).toEqual(["active", "active"]);
    await network.until(asks.end());
    expect((await after(all, seen)).map(({ uri, status }) => `${uri} ${status}`)).toEqual([
      "sip:alice@house.example terminated",
      "sip:carol@house.example active",
    ]);
    await network.until(also.end());
    await network.until(seen.end());
  });

  test("§4.7.1: who asked once while nobody could decide is remembered", async () => {
    const all = stage();
    const { network, signedIn, known, events, tell } = all;
    const [alice, bob] = [await signedIn("alice"), await signedIn("bob")];
    known.handling = "confirm";
    const once = fetchState(alice, presence, bob.aor).catch(({ code }) => code);
    expect(await network.until(once)).toBe("SIP_UNAVAILABLE");
    await network.run(10);
    //= RFC 3857 §4.7.1
    //# If a pending subscription suffers a timeout, it moves into the waiting state.
    expect(
      events()
        .watchers("bob")
        .map(({ status }) => status),
    ).toEqual(["waiting"]);
    await network.until(fetchState(alice, presence, bob.aor).catch(() => {}));
    await network.run(10);
    expect(events().watchers("bob")).toHaveLength(1);
    known.handling = "allow";
    tell((one) => one.rulesChanged("bob"));
    await network.run(10);
    expect(events().watchers("bob")).toEqual([]);
    //= RFC 3857 §4.7.2
    //# In such cases, watcherinfo notifications SHOULD NOT be sent for any transient states.
    const seen = subscribe(bob, watcherInfo, bob.aor);
    await after(all, seen);
    all.ladder();
    await network.until(fetchState(alice, presence, bob.aor));
    await network.run(6000);
    expect(notifiesIn(all)).toHaveLength(1);
  });
});

test("an account that is gone has no watchers any more, and watches nobody", async () => {
  const all = stage();
  const { network, signedIn, tell, events } = all;
  const [alice, bob] = [await signedIn("alice"), await signedIn("bob")];
  const [one, other] = [subscribe(alice, presence, bob.aor), subscribe(bob, presence, alice.aor)];
  await network.run(1000);
  tell((all) => all.gone("bob"));
  await network.run(10_000);
  expect(one.state).toMatchObject({ name: "Ended", reason: "noresource" });
  expect(other.state).toMatchObject({ name: "Ended", reason: "rejected" });
  expect(events().census().subscriptions).toBe(0);
});
