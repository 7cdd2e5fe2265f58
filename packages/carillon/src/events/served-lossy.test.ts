import { expect, test } from "vitest";
import type { Presence } from "../documents/pidf.ts";
import { MemoryPublications, MemorySubscriptions } from "../state-agent/stores.ts";
import { type Seen, stage, subscribe } from "../testing/events-stage.ts";
import { seeded } from "../testing/random.ts";
import { type List, presenceList } from "./list-of.ts";
import { presence, watcherInfo } from "./packages.ts";
import { publish } from "./publish.ts";

const WEATHER = { delayMs: 20, jitterMs: 60, loss: 0.2, duplication: 0.1 };
const SEEDS = 25;
const CHANGES = 10;

test(`all know the last presence of all, over ${SEEDS} seeds with loss and restarts`, async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const chance = seeded(seed);
    const stores = {
      subscriptions: new MemorySubscriptions(),
      publications: new MemoryPublications(),
    };
    const all = stage(stores, { seed });
    const { network, signedIn, known, tell } = all;
    known.contacts = [{ uri: "sip:bob@house.example", name: "Bob" }];
    const [desk, page, bob] = [
      await signedIn("alice"),
      await signedIn("carol", "ws"),
      await signedIn("bob"),
    ];
    network.weather = WEATHER;
    const one: Seen<Presence> = subscribe(desk, presence, bob.aor, { expiresSeconds: 120 });
    const list: Seen<List<Presence>> = subscribe(page, presenceList, "sip:contacts@house.example", {
      expiresSeconds: 120,
    });
    const winfo = subscribe(bob, watcherInfo, bob.aor, { expiresSeconds: 120 });
    const say = (note: string): Presence => ({
      ...{ entity: bob.aor, tuples: [], notes: [note], activities: [] },
    });
    const published = publish(bob, presence, say("p0"), { expiresSeconds: 120 });
    for (let nth = 1; nth <= CHANGES; nth++) {
      await network.run(1000 + 9000 * chance());
      known.status = { activities: [], note: `s${nth}`, isHidden: false };
      tell((events) => events.statusChanged("bob"));
      published.update(say(`p${nth}`));
      if (chance() < 0.2) all.restart();
    }
    network.weather = {};
    await network.run(300_000);
    const last = [`s${CHANGES}`, `p${CHANGES}`];
    expect(one.value?.notes, `seed ${seed}: over UDP`).toEqual(last);
    const [row] = list.value?.values() ?? [];
    expect(row?.value?.notes, `seed ${seed}: in a list over a connection`).toEqual(last);
    const active = (winfo.value ?? []).filter(({ status }) => status === "active");
    expect(active.map(({ uri }) => uri).toSorted(), `seed ${seed}: who watches`).toEqual([
      ...["sip:alice@house.example", "sip:carol@house.example"],
    ]);
    await network.until(Promise.all([one.end(), list.end(), winfo.end(), published.remove()]));
    await network.run(60_000);
    expect(all.events().census(), `seed ${seed}: nothing is left`).toEqual({
      ...{ subscriptions: 0, publications: 0 },
    });
    expect(stores.subscriptions.all(), `seed ${seed}`).toEqual([]);
    expect(stores.publications.all(), `seed ${seed}`).toEqual([]);
    expect(all.server.endpoint.census()).toMatchObject({ servers: 0, clients: 0 });
  }
}, 60_000);
