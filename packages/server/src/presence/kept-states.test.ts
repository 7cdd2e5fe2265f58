import { Pending } from "carillon/roles";
import type { SavedPublication } from "carillon/state-agent";
import { afterEach, beforeEach, expect, test } from "vitest";
import { EventStates } from "../store/event-states.ts";
import { sqliteDisk } from "../store/sqlite-disk.ts";
import { WriteQueue } from "../store/write-queue.ts";
import { type TestHouse, testHouse } from "../test-house.ts";
import { keptPublications } from "./kept-states.ts";

let house: TestHouse;
const closing: (() => Promise<void>)[] = [];

beforeEach(() => {
  house = testHouse();
});

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  house.close();
});

const said: SavedPublication = {
  ...{ id: "p1", etag: "e1", event: "presence", resource: "anna" },
  ...{ contentType: "application/pidf+xml", body: "<a>\u00e9\u0000</a>", expiresAt: 0 },
  flow: {
    transport: "UDP",
    local: { host: "192.0.2.1", port: 5060 },
    remote: { host: "203.0.113.4", port: 5062 },
    connection: 0,
  },
};

test("what is saved comes back as it was, on the clock of the next run", async () => {
  const { clock, store, data } = house;
  const disk = sqliteDisk(data);
  closing.push(() => disk.close());
  const queue = new WriteQueue({ disk, now: () => performance.now(), defer: (run) => run() });
  const states = (ahead: number) =>
    new EventStates("publication", {
      ...{ db: store.db, queue },
      clock: { wall: () => clock.now, steady: () => clock.now + ahead },
    });
  const expiresAt = clock.now + 5000;
  const saved = keptPublications(states(0)).save({ ...said, expiresAt });
  await new Promise<void>((resolve, reject) => {
    if (saved instanceof Pending) saved.whenSettled(resolve, reject);
  });
  expect(keptPublications(states(7000)).all()).toEqual([{ ...said, expiresAt: expiresAt + 7000 }]);
  store.db.run("UPDATE event_state SET record = 'no JSON'");
  expect(keptPublications(states(0)).all()).toEqual([]);
});
