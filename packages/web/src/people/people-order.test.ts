import { expect, test } from "vitest";
import type { Person } from "../api.ts";
import { countPeople, orderPeople, searchPeople } from "./people-order.ts";

const person = (displayName: string, online = false, you = false): Person => ({
  name: displayName.toLowerCase(),
  displayName,
  aor: `sip:${displayName.toLowerCase()}@house.example`,
  online,
  you,
});
const names = (people: readonly Person[]): string[] => people.map((one) => one.displayName);

test("whoever is here comes first, then the alphabet", () => {
  const people = [person("Zoe"), person("bob", true), person("Émile", true), person("Anna")];
  expect(names(orderPeople(people))).toEqual(["bob", "Émile", "Anna", "Zoe"]);
});

test("oneself is not in the list", () => {
  expect(names(orderPeople([person("Me", true, true), person("Bob")]))).toEqual(["Bob"]);
});

test("the given list stays as it was", () => {
  const people = [person("Zoe"), person("Bob", true)];
  orderPeople(people);
  expect(names(people)).toEqual(["Zoe", "Bob"]);
});

test("a search finds names without their marks, in any case, word by word", () => {
  const people = [person("Anna Müller"), person("Bob"), person("Mulligan")];
  expect(names(searchPeople(people, "mull"))).toEqual(["Anna Müller", "Mulligan"]);
  expect(names(searchPeople(people, "mül an"))).toEqual(["Anna Müller", "Mulligan"]);
  expect(names(searchPeople(people, "  "))).toHaveLength(3);
  expect(names(searchPeople(people, "xyz"))).toEqual([]);
});

test("the heading counts who is here and who is away", () => {
  expect(countPeople([person("A", true), person("B"), person("C")])).toEqual({ here: 1, away: 2 });
});
