import { expect, test } from "vitest";
import type { DialogInfo } from "../documents/dialog-info.ts";
import type { Presence } from "../documents/pidf.ts";
import { house } from "../testing/house.ts";
import { partsOf } from "../ua/phone-parts.ts";
import { notify } from "./notify.ts";
import { ownDialogs } from "./own-state.ts";
import { dialogs, presence } from "./packages.ts";
import { subscribe } from "./subscribe.ts";

/** A network that loses nearly half of all datagrams, doubles some, and lets others overtake. */
const STORM = { delayMs: 20, jitterMs: 60, loss: 0.48, duplication: 0.1 };
/** One that loses every fifth. */
const WEATHER = { ...STORM, loss: 0.2 };
const SEEDS = 40;
const CHANGES = 12;

test(`who watches and who is watched agree in the end, over ${SEEDS} seeds with loss`, async () => {
  let lost = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const home = house({ seed });
    const { network } = home;
    const way = seed % 2 === 0 ? "udp" : "ws";
    const [alice, bob] = [await home.signedIn("alice"), await home.signedIn("bob", way)];
    let said = "0";
    const value = (): Presence => ({
      ...{ entity: alice.aor, tuples: [], notes: [said], activities: [] },
    });
    const notifier = notify(alice, presence, { value }, { allow: () => true });
    network.weather = STORM;
    const watching = subscribe(bob, presence, alice.aor, { expiresSeconds: 120 });
    const seen: string[] = [];
    void (async () => {
      for await (const { notes } of watching.values()) seen.push(notes[0] ?? "");
    })();
    void (async () => {
      for await (const { name } of watching.states()) if (name === "Waiting") lost++;
    })();
    for (let i = 1; i <= CHANGES; i++) {
      await network.run(3000 + 500 * (seed % 7));
      said = `${i}`;
      notifier.changed();
    }
    network.weather = WEATHER;
    // One that was lost is missed when it is refreshed, and then begun anew.
    await network.run(200_000);
    expect(seen.at(-1), `seed ${seed}: the last is known`).toBe(`${CHANGES}`);
    // What is older never comes after what is newer.
    const numbers = seen.map(Number);
    expect(numbers, `seed ${seed}: in order`).toEqual(numbers.toSorted((a, b) => a - b));
    network.weather = {};
    await network.until(watching.end());
    await network.run(45_000);
    expect(notifier.watchers, `seed ${seed}: nobody watches any more`).toEqual([]);
    for (const phone of [alice, bob]) {
      const taken = partsOf(phone).agent.takers.census();
      expect(taken, `seed ${seed}`).toEqual({ tasks: 0, dialogs: 0, answered: 0 });
      const census = home.hostOf(phone).endpoint.census();
      expect(census, `seed ${seed}`).toMatchObject({ servers: 0, clients: 0 });
    }
  }
  // Subscriptions do get lost in such weather, or nothing is shown here.
  expect(lost).toBeGreaterThan(0);
});

test(`the calls of both devices of somebody are known, over ${SEEDS} seeds with loss`, async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const home = house({ seed });
    const { network } = home;
    const desk = await home.signedIn("bob");
    const mobile = await home.signedIn("bob");
    const [alice, carol] = [await home.signedIn("alice"), await home.signedIn("carol")];
    for (const phone of [desk, mobile]) {
      notify(phone, dialogs, ownDialogs(phone), { allow: () => true });
    }
    // The SUBSCRIBE forks, and each device speaks for itself.
    const watching = subscribe(carol, dialogs, "sip:bob@house.example");
    const last = new Map<string, DialogInfo>();
    void (async () => {
      for await (const { source, value } of watching.notifications()) last.set(source, value);
    })();
    await network.until(watching.established);
    network.weather = WEATHER;
    const { from } = await home.talk(alice, desk);
    await network.run(30_000);
    const live = () =>
      [...last.values()]
        .flatMap((one) => one.dialogs)
        .filter(({ state }) => state !== "terminated");
    expect(
      live().map(({ state }) => state),
      `seed ${seed}: one talks`,
    ).toEqual(["confirmed"]);
    from.hangUp();
    await network.run(100_000);
    expect(live(), `seed ${seed}: and then nobody`).toEqual([]);
    network.weather = {};
    await network.until(watching.end());
  }
});
