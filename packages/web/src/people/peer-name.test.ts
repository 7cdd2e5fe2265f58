import { expect, test } from "vitest";
import type { Person } from "../api.ts";
import { peerOf, personAt } from "./peer-name.ts";

const bob = {
  name: "bob",
  displayName: "Bob Baker",
  aor: "sip:bob@house.example",
  online: true,
  you: false,
};

test("a person of the house has the name the house knows", () => {
  const caller = { uri: "sip:bob@House.Example;transport=ws", displayName: "The Queen" };
  expect(peerOf(caller, [bob])).toEqual({ name: "Bob Baker", uri: "sip:bob@house.example" });
});

test("a stranger has the name the call says, or else the address", () => {
  const uri = "sip:eve@other.example";
  expect(peerOf({ uri, displayName: "Eve" }, [bob])).toEqual({ name: "Eve", uri });
  expect(peerOf({ uri, displayName: " " }, [bob])).toEqual({ name: "eve", uri });
  expect(peerOf({ uri: "tel:+1", displayName: "" }, [])).toEqual({ name: "tel:+1", uri: "tel:+1" });
});

test("a list of thousands is read once, however many lines ask who somebody is", () => {
  let reads = 0;
  const person = (nth: number): Person => ({
    ...bob,
    get aor() {
      reads++;
      return `sip:p${nth}@house.example`;
    },
  });
  const people = Array.from({ length: 2000 }, (_, nth) => person(nth));
  const found = people.map((_, nth) => personAt(people, `sip:p${nth}@HOUSE.example;x=1`));
  expect(found).toEqual(people);
  expect(reads).toBeLessThan(4 * people.length);
  expect(personAt(people, "sip:nobody@house.example")).toBeUndefined();
});

test("of two with one address the first counts", () => {
  const twin = { ...bob, name: "bob2" };
  expect(personAt([bob, twin], bob.aor)).toBe(bob);
});
