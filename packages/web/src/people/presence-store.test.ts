import { expect, test } from "vitest";
import { addressKey } from "./presence-store.ts";

test("an address is the same in all its schemes, with parameters, its host in any case", () => {
  const all = ["sip:bob@House.example", "pres:bob@house.example", "sips:bob@HOUSE.example;x=1"];
  expect(new Set(all.map(addressKey))).toEqual(new Set(["bob@house.example"]));
  expect(addressKey("sip:Bob@house.example")).not.toBe("bob@house.example");
});
