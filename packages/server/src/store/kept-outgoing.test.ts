import type { OutgoingStore, SavedBook, SavedDialogs, SavedLeg } from "carillon/roles";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type TestHouse, testHouse } from "../test-house.ts";
import { type DurableHouse, durableHouse } from "./durable-house.ts";
import type { DamagedRow } from "./event-states.ts";

const HOUR = 3_600_000;
let house: TestHouse;
let damaged: DamagedRow[];
const running: DurableHouse[] = [];

beforeEach(() => {
  house = testHouse();
  damaged = [];
});

afterEach(async () => {
  for (const one of running.splice(0)) await one.close();
  house.close();
});

/** A run whose steady clock is ahead of the calendar by so much. */
async function run(aheadMs: number): Promise<OutgoingStore> {
  for (const one of running.splice(0)) await one.close();
  const { clock, store, data } = house;
  const nothing = () => {};
  const durable = durableHouse({
    ...{ store, data, onChange: nothing, onLostRecord: nothing },
    clock: { wall: clock.wall, steady: () => clock.now + aheadMs },
    onDamaged: (row) => void damaged.push(row),
  });
  running.push(durable);
  return durable.outgoing;
}

const dialog: SavedDialogs["far"] = {
  ...{ state: "Confirmed", callId: "1@a", localTag: "a", remoteTag: "b" },
  ...{ localUri: "<sip:anna@house>", remoteUri: "<sip:1@gw>", remoteTarget: "sip:gw" },
  ...{ routeSet: ["<sip:p;lr>"], localSeq: 7, remoteSeq: undefined, secure: false },
};

const leg = (at: number, more: Partial<SavedLeg> = {}): SavedLeg => ({
  ...{ id: "leg-1", account: "anna", callId: "1@a\u00e9\u0000", callerTag: "a", calleeTag: "b" },
  ...{ seq: 7, phase: "Talking", endsAt: at + HOUR, sessionAt: at + 90_000, farHost: "192.0.2.1" },
  callerFlow: {
    transport: "UDP",
    local: { host: "192.0.2.1", port: 5060 },
    remote: { host: "203.0.113.4", port: 5062 },
    connection: 0,
  },
  dialogs: { far: dialog, near: dialog },
  ...more,
});

const book = (at: number): SavedBook => ({
  ...{ account: "anna", since: at - HOUR, calls: 3, talkMs: 60_000, countedAt: at - 1000 },
});

test("legs and books come back as they were, on the clock of the next run", async () => {
  const at = house.clock.now;
  const first = await run(0);
  const ringing = leg(at, { id: "leg-2", phase: "Calling", sessionAt: undefined });
  const { calleeTag: _, dialogs: __, farHost: ___, callerFlow: ____, ...unanswered } = ringing;
  for (const one of [leg(at), unanswered, leg(at, { id: "leg-3" })]) first.saveLeg(one);
  first.removeLeg("leg-3");
  first.saveBook({ ...book(at), calls: 2 });
  first.saveBook(book(at));
  const next = await run(7000);
  expect(next.legs()).toEqual([leg(at + 7000), { ...unanswered, endsAt: ringing.endsAt + 7000 }]);
  expect(next.books()).toEqual([book(at + 7000)]);
});

test("a day ends, and with it its book; a leg that is overdue is there to be ended", async () => {
  const at = house.clock.now;
  const first = await run(0);
  first.saveBook(book(at));
  first.saveLeg(leg(at));
  house.clock.now += 23 * HOUR + 1;
  const next = await run(0);
  expect([next.books(), next.legs().length]).toEqual([[], 1]);
  house.clock.now += 3 * HOUR;
  expect((await run(0)).legs()).toEqual([]);
});

test("a record that cannot be read is said, left out, and stops nothing", async () => {
  const at = house.clock.now;
  const first = await run(0);
  for (const id of ["leg-1", "leg-2", "leg-3"]) first.saveLeg(leg(at, { id }));
  first.saveBook(book(at));
  await run(0);
  const damage = (record: string, id: string) =>
    house.store.db.run("UPDATE event_state SET record = ? WHERE id = ?", record, id);
  damage('{"id":"leg-1","accou', "leg-1");
  damage(JSON.stringify({ ...leg(at), expiresAt: at, endsAt: "soon" }), "leg-2");
  damage("null", "anna");
  const next = await run(0);
  expect([next.books(), next.legs().map(({ id }) => id)]).toEqual([[], ["leg-3"]]);
  expect(damaged.map(({ kind, id }) => `${kind} ${id}`)).toEqual([
    "spending anna",
    "leg leg-1",
    "leg leg-2",
  ]);
  expect(String(damaged[2]?.cause)).toContain("endsAt");
});
