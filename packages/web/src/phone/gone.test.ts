import { expect, test } from "vitest";
import type { Person } from "../api.ts";
import type { People } from "../people/people-store.ts";
import { type CallCard, type Desk, emptyDesk } from "./desk.ts";
import { type Away, lookAway } from "./gone.ts";

const bob: CallCard = {
  ...{ id: "1", direction: "outgoing", video: false },
  peer: { name: "Bob", uri: "sip:bob@house.example" },
  state: { name: "Established", sinceMs: 0 },
};
const desk: Desk = { ...emptyDesk, active: bob };
const people = (online: boolean, current = true): People => ({
  list: [{ aor: bob.peer.uri, online } as Person],
  current,
});

/** Looks every half second for so long; when the call was over, if it was. */
function watch(
  over: (nowMs: number) => Partial<Parameters<typeof lookAway>[1]>,
): number | undefined {
  let away: Away = new Map([[bob.id, "Here"]]);
  for (let nowMs = 0; nowMs <= 20_000; nowMs += 500) {
    const look = { desk, people: people(false), nowMs, silentMs: () => 10_000, ...over(nowMs) };
    const seen = lookAway(away, look);
    away = seen.away;
    if (seen.gone.length > 0) return nowMs;
  }
  return undefined;
}

test("who is offline and not heard for some seconds has left", () => {
  expect(watch(() => ({}))).toBe(3000);
});

test("who comes back in time has not, and neither has who is heard", () => {
  const back = watch((nowMs) => ({ people: people(nowMs % 3000 === 0) }));
  expect(back).toBeUndefined();
  expect(watch(() => ({ silentMs: () => 100 }))).toBeUndefined();
});

test("while the house cannot be asked, or does not know them, nobody is taken to have left", () => {
  expect(watch(() => ({ people: people(false, false) }))).toBeUndefined();
  expect(watch(() => ({ people: { list: [], current: true } }))).toBeUndefined();
});

test("a call that waits beside is looked at as well; one that only rings is not", () => {
  const { active: _, ...empty } = desk;
  const other: CallCard = { ...bob, id: "2", state: { name: "Ringing" } };
  expect(watch(() => ({ desk: { ...empty, active: other, aside: [bob] } }))).toBe(3000);
  expect(watch(() => ({ desk: { ...empty, active: other } }))).toBeUndefined();
});

test("who never seemed to be here, since they hide, has not left", () => {
  let away: Away = new Map();
  for (let nowMs = 0; nowMs <= 20_000; nowMs += 500) {
    const seen = lookAway(away, { desk, people: people(false), nowMs, silentMs: () => 10_000 });
    away = seen.away;
    expect(seen.gone).toEqual([]);
  }
  const here = lookAway(away, { desk, people: people(true), nowMs: 21_000, silentMs: () => 0 });
  expect(here.away).toEqual(new Map([[bob.id, "Here"]]));
});
