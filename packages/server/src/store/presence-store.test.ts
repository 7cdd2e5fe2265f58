import { afterEach, beforeEach, expect, test } from "vitest";
import { type TestHouse, testHouse } from "../test-house.ts";
import { readAddress } from "./address.ts";
import { PRESENCE_LIMITS } from "./presence-limits.ts";
import { actionFor, OPEN_HOUSE, PLAINLY_HERE, type PresenceRules } from "./presence-settings.ts";

let house: TestHouse;

beforeEach(() => {
  house = testHouse();
  for (const name of ["Anna", "Bob"]) house.store.join({ invite: house.invite(), name });
});

afterEach(() => house.close());

test.each([
  ["anna", "sip:anna@house.example"],
  [" Anna ", "sip:anna@house.example"],
  ["ANNA@House.Example", "sip:anna@house.example"],
  ["sips:ann%61@house.example:5061;transport=tcp?x=y", "sip:anna@house.example:5061"],
  ["sip:Gran@OTHER.example", "sip:Gran@other.example"],
  ["sip:+1@[2001:DB8::1]:70", "sip:+1@[2001:db8::1]:70"],
  ["sip:a%20b@c.example", "sip:a%20b@c.example"],
])("%s is kept as %s", (typed, kept) => {
  expect(readAddress(typed, "house.example")).toEqual({ ok: true, value: kept });
});

test.each([
  "",
  "sip:house.example",
  "a b",
  "sip:a@b@c",
  "tel:+49",
  "mailto:a@b",
  "ä@b",
  "a@",
  "sip:a@b\r\nc",
])("%j is no address", (typed) => {
  expect(readAddress(typed, "house.example").ok).toBe(false);
});

test("RFC 5025 §3.2.1: a rule for one comes before one for a domain, and before the rest", () => {
  const rules: PresenceRules = {
    ...OPEN_HOUSE,
    watchers: [
      { who: "*@a.example", action: "block" },
      { who: "sip:gran@a.example", action: "polite-block" },
      { who: "sip:bob@house.example", action: "confirm" },
    ],
  };
  const of = (who: string) => actionFor(rules, who, who.endsWith("@house.example"));
  expect(of("sip:gran@a.example")).toBe("polite-block");
  expect(of("sip:else@a.example")).toBe("block");
  expect(of("sip:bob@house.example")).toBe("confirm");
  expect(of("sip:carl@house.example")).toBe("allow");
  expect(of("sip:gran@b.example")).toBe("confirm");
});

test("of too many who ask the oldest give way, and asking again changes nothing", () => {
  const { presence } = house.store;
  const count = PRESENCE_LIMITS.asking + 7;
  for (let i = 0; i < count; i++) presence.asked("anna", `sip:p${i}@a.example`, i);
  presence.asked("anna", `sip:p${count - 1}@a.example`, 1e6);
  const asking = presence.asking("anna");
  expect(asking).toHaveLength(PRESENCE_LIMITS.asking);
  expect(asking[0]).toEqual({ who: "sip:p7@a.example", since: 7 });
  expect(asking.at(-1)).toEqual({ who: `sip:p${count - 1}@a.example`, since: count - 1 });
});

test("a rule for a domain answers those who ask from there, and nobody else", () => {
  const { presence } = house.store;
  for (const who of ["a@b_c.example", "a@bxc.example", "a@x.b_c.example"]) {
    presence.asked("anna", `sip:${who}`, 1);
  }
  presence.decide("anna", { who: "*@b_c.example", action: "allow" });
  expect(presence.asking("anna").map(({ who }) => who)).toEqual([
    "sip:a@bxc.example",
    "sip:a@x.b_c.example",
  ]);
});

test("the ends of statuses are known, so that somebody can wait for them", () => {
  const { presence } = house.store;
  presence.putStatus("bob", { status: "busy", note: "", until: 2000 });
  presence.putStatus("anna", { status: "away", note: "", until: 1500 });
  expect(presence.ends(1000)).toEqual([
    { account: "anna", until: 1500 },
    { account: "bob", until: 2000 },
  ]);
  expect(presence.ends(1500)).toEqual([{ account: "bob", until: 2000 }]);
});

test("what somebody kept goes with them, and nobody who comes after has it", () => {
  const { accounts, presence } = house.store;
  presence.putStatus("anna", { status: "away", note: "gone", until: null });
  presence.putContacts("anna", { contacts: [], house: false });
  presence.asked("anna", "sip:gran@a.example", 1);
  accounts.remove("anna");
  house.store.join({ invite: house.invite(), name: "Anna" });
  expect(presence.status("anna", 1)).toEqual(PLAINLY_HERE);
  expect(presence.contacts("anna").house).toBe(true);
  expect(presence.asking("anna")).toEqual([]);
});

test("what is written for somebody who has left is refused and breaks nothing", () => {
  const { presence } = house.store;
  const codes = [
    presence.putStatus("nobody", PLAINLY_HERE),
    presence.putRules("nobody", OPEN_HOUSE),
    presence.putContacts("nobody", { contacts: [], house: true }),
    presence.decide("nobody", { who: "sip:a@b.example", action: "allow" }),
  ].map((outcome) => (outcome.ok ? "ok" : outcome.refusal.code));
  expect(new Set(codes)).toEqual(new Set(["PERSON_UNKNOWN"]));
  presence.asked("nobody", "sip:a@b.example", 1);
  expect(presence.asking("nobody")).toEqual([]);
});
