import { expect, test } from "vitest";
import { HousePeople } from "./house-people.ts";

test("who moves in, moves out or has another name is seen once", () => {
  const person = (name: string, displayName = name) => ({ name, displayName });
  let people = [person("anna"), person("bob")];
  const house = new HousePeople(() => people);
  const none = { isOther: false, all: [], out: [] };
  expect(house.look()).toEqual(none);
  // Read anew, since a phone was added, and the same.
  people = [...people];
  expect(house.look()).toEqual({ isOther: false, all: ["anna", "bob"], out: [] });
  people = [person("anna"), person("bob"), person("carl")];
  expect(house.look()).toEqual({ isOther: true, all: ["anna", "bob", "carl"], out: [] });
  people = [person("anna", "Anna"), person("dora")];
  expect(house.look()).toEqual({ isOther: true, all: ["anna", "dora"], out: ["bob", "carl"] });
  expect(house.look()).toEqual(none);
});
