import type { SavedBridged } from "carillon/b2bua";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type TestHouse, testHouse } from "../test-house.ts";
import { type DurableHouse, durableHouse } from "./durable-house.ts";

let house: TestHouse;
let durable: DurableHouse | undefined;
const damaged: string[] = [];

beforeEach(() => {
  house = testHouse();
});

afterEach(async () => {
  await durable?.close();
  durable = undefined;
  house.close();
});

async function run(): Promise<DurableHouse["bridged"]> {
  await durable?.close();
  const { clock, store, data } = house;
  const nothing = () => {};
  durable = durableHouse({
    ...{ store, data, clock, onChange: nothing, onLostRecord: nothing },
    onDamaged: ({ kind, id }) => void damaged.push(`${kind} ${id}`),
  });
  return durable.bridged;
}

const flow: NonNullable<SavedBridged["ends"][number]["flow"]> = {
  transport: "UDP",
  local: { host: "192.0.2.1", port: 5060 },
  remote: { host: "203.0.113.4", port: 5062 },
  connection: 0,
};

const dialog: SavedBridged["ends"][number]["dialog"] = {
  ...{ state: "Confirmed", callId: "1@a", localTag: "a", remoteTag: "b" },
  ...{ localUri: "<sip:anna@house>", remoteUri: "<sip:ben@house>", remoteTarget: "sip:ben@h" },
  ...{ routeSet: [], localSeq: 7, remoteSeq: 3, secure: false },
};

const CALL: SavedBridged = {
  ...{ id: "c1", callId: "1@a", callerTag: "a" },
  ends: [{ dialog, flow }, { dialog }],
};

test("a bridged call comes back whole; one that is over, or of yesterday, does not", async () => {
  const first = await run();
  first.save({ ...CALL, ends: [] });
  first.save(CALL);
  first.save({ ...CALL, id: "c2" });
  first.remove("c2");
  expect((await run()).all()).toEqual([CALL]);
  house.store.db.run("INSERT INTO event_state SELECT kind, 'c3', expires_at, '{' FROM event_state");
  expect([(await run()).all().length, damaged]).toEqual([1, ["bridged c3"]]);
  house.clock.now += 24 * 3_600_000 + 1;
  expect((await run()).all()).toEqual([]);
});
