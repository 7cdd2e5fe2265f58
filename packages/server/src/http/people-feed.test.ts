import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { OPEN_HOUSE } from "../store/presence-settings.ts";
import { type Listener, PeopleFeed, type PersonHere, personFor } from "./people-feed.ts";

const sessions = new Set<string>();
const online = new Set<string>();
const read = (): readonly PersonHere[] =>
  ["anna", "bob"].map((name) => ({
    name,
    displayName: name,
    aor: `sip:${name}@house.example`,
    online: online.has(name),
  }));

let feed: PeopleFeed;

beforeEach(() => {
  vi.useFakeTimers();
  online.clear();
  sessions.clear();
  feed = new PeopleFeed(read, (id) => sessions.has(id));
});

afterEach(() => {
  feed.close();
  vi.useRealTimers();
});

/** A page that writes down who was online each time it was told. */
function page(name: string) {
  sessions.add(name);
  const told: string[] = [];
  const listener: Listener = {
    name,
    session: name,
    send: (people) =>
      void told.push(people.flatMap((one) => (one.online ? [one.name] : [])).join(" ")),
    end: () => {
      told.push("end");
      stop();
    },
  };
  const stop = feed.listen(listener);
  return { told, stop };
}

test("changes within 200 ms go out as one", () => {
  const { told } = page("anna");
  online.add("anna");
  feed.changed();
  vi.advanceTimersByTime(150);
  online.add("bob");
  feed.changed();
  expect(told).toEqual([""]);
  vi.advanceTimersByTime(50);
  expect(told).toEqual(["", "anna bob"]);
});

test("what is as it was is not told again", () => {
  const { told } = page("anna");
  for (let i = 0; i < 10; i++) {
    feed.changed();
    vi.advanceTimersByTime(500);
  }
  expect(told).toEqual([""]);
});

test("what nobody reports is seen within a second", () => {
  const { told } = page("anna");
  online.add("bob");
  vi.advanceTimersByTime(1000);
  expect(told).toEqual(["", "bob"]);
});

test("a page whose session ended is ended, the others go on", () => {
  const [anna, bob] = [page("anna"), page("bob")];
  sessions.delete("anna");
  vi.advanceTimersByTime(1000);
  online.add("bob");
  vi.advanceTimersByTime(1000);
  expect(anna.told).toEqual(["", "end"]);
  expect(bob.told).toEqual(["", "bob"]);
});

test("while nobody listens, nothing runs", () => {
  const { stop } = page("anna");
  expect(vi.getTimerCount()).toBe(1);
  stop();
  feed.changed();
  expect(vi.getTimerCount()).toBe(0);
});

test("who does not show themselves to somebody looks as if they were away", () => {
  const anna = "sip:anna@house.example";
  const bob = (more: Partial<PersonHere>): PersonHere => ({
    ...{ name: "bob", displayName: "Bob", aor: "sip:bob@house.example", online: true, ...more },
  });
  const rules = (action: "allow" | "confirm" | "polite-block") => ({
    rules: { ...OPEN_HOUSE, watchers: [{ who: anna, action }] },
  });
  const sees = (more: Partial<PersonHere>) => personFor(anna, bob(more));
  expect(sees(rules("allow"))).toEqual({ ...bob({}), you: false });
  expect(sees(rules("polite-block"))).toEqual({ ...bob({ online: false }), you: false });
  expect(sees(rules("confirm")).online).toBe(false);
  expect(sees({ isHidden: true })).toEqual({ ...bob({ online: false }), you: false });
  expect(personFor(bob({}).aor, bob({ isHidden: true }))).toEqual({ ...bob({}), you: true });
});
