import type { DialogState } from "carillon/documents";
import { afterEach, beforeEach, expect, test } from "vitest";
import { wholeList } from "../store/whole-list.ts";
import { type TestHouse, testHouse } from "../test-house.ts";
import { HouseCalls } from "./house-calls.ts";
import { houseContacts, houseStatuses, knownCalls, type Lamps } from "./house-views.ts";

let house: TestHouse;

beforeEach(() => {
  house = testHouse();
  for (const name of ["Anna", "Bob"]) house.store.join({ invite: house.invite(), name });
});

afterEach(() => house.close());

test("a status is what RFC 4480 calls it, as long as it lasts", () => {
  const { presence } = house.store;
  const statuses = houseStatuses(house.store, house.clock);
  expect(statuses.of("anna")).toBeUndefined();
  const until = house.clock.now + 1000;
  presence.putStatus("anna", { status: "away", note: "at lunch", until });
  expect(statuses.of("anna")).toEqual({ activities: ["away"], note: "at lunch", isHidden: false });
  house.clock.now = until;
  expect(statuses.of("anna")).toBeUndefined();
  presence.putStatus("anna", { status: "online", note: "hello", until: null });
  expect(statuses.of("anna")).toEqual({ activities: [], note: "hello", isHidden: false });
  presence.putStatus("anna", { status: "offline", note: "", until: null });
  expect(statuses.of("anna")).toEqual({ activities: [], note: "", isHidden: true });
});

test("a list to subscribe to has everybody in it whom the page lists", () => {
  const gran = { uri: "sip:gran@other.example", name: "Grandma", favourite: true };
  house.store.presence.putContacts("anna", { contacts: [gran], house: true });
  expect(houseContacts(house.store).of("anna")).toEqual([
    { uri: gran.uri, name: "Grandma" },
    { uri: "sip:bob@house.example", name: "Bob" },
  ]);
});

test("of a large house a list has as many as may be told, and each person's own come first", () => {
  for (const name of ["Carl", "Dora"]) house.store.join({ invite: house.invite(), name });
  const dora = { uri: "sip:dora@house.example", name: "", favourite: true };
  house.store.presence.putContacts("anna", { contacts: [dora], house: true });
  const names = (most?: number) =>
    wholeList(house.store, "anna", most).map(({ displayName }) => displayName);
  expect(names(1)).toEqual(["Dora", "Bob"]);
  expect(names()).toEqual(["Dora", "Bob", "Carl"]);
});

test("a busy lamp says what the operator wants it to say, and no more", () => {
  const calls = new HouseCalls({ changed: () => {}, isOnline: () => true, now: () => 0 });
  const progress = calls.began({
    ...{ callId: "1@a", callerTag: "a", at: 0, callerAccount: "anna", callee: "bob" },
    ...{ caller: "sip:anna@house.example", callerName: "Anna", called: "sip:bob@house.example" },
  });
  progress?.ringing({ calleeTag: "b", at: 1 });
  const seen = (lamps: Lamps): readonly DialogState[] =>
    knownCalls(calls, lamps, (account) => `sip:${account}@house.example`).of("bob");
  const state = { id: "1-i", state: "early", direction: "recipient" };
  const names = {
    ...{ ...state, local: { identity: "sip:bob@house.example" } },
    remote: { identity: "sip:anna@house.example", displayName: "Anna" },
  };
  expect(seen("state")).toEqual([state]);
  expect(seen("names")).toEqual([names]);
  expect(seen("pickup")).toEqual([{ ...names, callId: "1@a", localTag: "b", remoteTag: "a" }]);
});
