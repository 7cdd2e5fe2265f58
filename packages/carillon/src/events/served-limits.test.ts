/** What is as large as anybody can make it: told within a message, and as much of it as fits. */
import { describe, expect, test } from "vitest";
import type { DialogState } from "../documents/dialog-info.ts";
import { isOpen, type Presence } from "../documents/pidf.ts";
import { after, type EventsStage, stage, subscribe } from "../testing/events-stage.ts";
import { dialogList, presenceList } from "./list-of.ts";
import { dialogs, presence, watcherInfo } from "./packages.ts";
import { publish } from "./publish.ts";

const LIST = "sip:contacts@house.example";
const WORST = "&".repeat(300);

/** The largest NOTIFY on the wire so far. */
const largest = ({ network }: EventsStage) =>
  Math.max(
    ...network.sights.map(({ octets }) => (octets.startsWith("NOTIFY") ? octets.length : 0)),
  );

describe("what everybody makes as large as they can", () => {
  test("a list of a thousand with names that need escaping is known in the end", async () => {
    const people: Record<string, string> = { alice: "a secret" };
    for (let nth = 0; nth < 1000; nth++) people[`p${nth}`] = "secret";
    const all = stage({}, { people });
    const alice = await all.signedIn("alice", "ws");
    all.known.contacts = Object.keys(people)
      .slice(1)
      .map((name) => ({
        uri: `sip:${name}@house.example`,
        name: `${name} ${WORST.slice(0, 100)}`,
      }));
    const list = subscribe(alice, presenceList, LIST);
    const whole = await after(all, list, 120_000);
    expect(whole.size).toBe(1000);
    expect([...whole.values()].every(({ value, name }) => value && name.length > 100)).toBe(true);
    expect(largest(all)).toBeLessThan(60_000);
  }, 30_000);

  test("a person whose twenty devices say all they may is told of within a message", async () => {
    const all = stage();
    const { network, signedIn } = all;
    const [alice, bob] = [await signedIn("alice", "ws"), await signedIn("bob", "ws")];
    const said = (nth: number): Presence => ({
      entity: bob.aor,
      tuples: [
        {
          ...{ id: "t", basic: "open", contact: `sip:x?a=${WORST}`, priority: 1 },
          ...{ notes: [`${nth} ${WORST}`, `${nth} too ${WORST}`], timestamp: undefined },
        },
      ],
      notes: [`${nth} note ${WORST}`],
      activities: [],
    });
    const many = Array.from({ length: 20 }, (_, nth) => publish(bob, presence, said(nth)));
    await network.until(Promise.all(many.map(({ published }) => published)));
    const watched = subscribe(alice, presence, bob.aor);
    const seen = await after(all, watched);
    expect(isOpen(seen)).toBe(true);
    expect(seen.notes[0]).toMatch(/^0 note &&&/);
    expect(largest(all)).toBeLessThan(20_000);
  });

  test("so are their calls, in a list, too, and those that are over", async () => {
    const all = stage();
    const { signedIn, known, tell } = all;
    const alice = await signedIn("alice", "ws");
    known.contacts = [{ uri: "sip:bob@house.example", name: "Bob" }];
    const call = (nth: number): DialogState => ({
      ...{ id: `${nth}`, state: "confirmed", callId: `${nth} ${WORST}` },
      remote: { identity: `sip:${nth}`, displayName: WORST, target: `sip:${nth}` },
    });
    known.calls = Array.from({ length: 200 }, (_, nth) => call(nth));
    const lamp = subscribe(alice, dialogs, "sip:bob@house.example");
    const lamps = subscribe(alice, dialogList, LIST);
    const first = await after(all, lamp);
    expect(first.dialogs.length).toBeGreaterThan(1);
    known.calls = Array.from({ length: 200 }, (_, nth) => call(1000 + nth));
    tell((events) => events.callsChanged("bob"));
    const states = (await after(all, lamp)).dialogs.map(({ state }) => state);
    expect(new Set(states)).toEqual(new Set(["terminated", "confirmed"]));
    const [bob] = (await after(all, lamps)).values();
    expect(bob?.value?.dialogs.length).toBeGreaterThan(1);
    expect(largest(all)).toBeLessThan(60_000);
  });

  test("and so are those who watch: the last ones", async () => {
    const all = stage();
    const { network, signedIn } = all;
    const bob = await signedIn("bob", "ws");
    const names = Array.from({ length: 40 }, (_, nth) => `Dora ${nth} ${WORST}`);
    for (const displayName of names) {
      const dora = await signedIn("alice", "ws", { displayName });
      subscribe(dora, presence, bob.aor);
    }
    await network.run(1000);
    const seen = await after(all, subscribe(bob, watcherInfo, bob.aor));
    expect(seen.at(-1)?.displayName).toMatch(/^Dora 39 &&&/);
    expect(seen.length).toBe(40);
    expect(largest(all)).toBeLessThan(60_000);
  });
});

test("a calls list goes on after a restart", async () => {
  const all = stage();
  const { network, signedIn, known, tell } = all;
  const alice = await signedIn("alice");
  known.contacts = [{ uri: "sip:bob@house.example", name: "Bob" }];
  const lamps = subscribe(alice, dialogList, LIST, { expiresSeconds: 120 });
  for (const id of ["1", "2", "3"]) {
    known.calls = [{ id, state: "confirmed" }];
    tell((events) => events.callsChanged("bob"));
    await network.run(3000);
  }
  all.restart();
  known.calls = [{ id: "4", state: "confirmed" }];
  const [bob] = (await after(all, lamps, 200_000)).values();
  expect(bob?.value?.dialogs.map(({ id }) => id)).toEqual(["4"]);
});
