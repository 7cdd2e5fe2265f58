import { expect, test } from "vitest";
import { acmeNames } from "./acme-names.ts";

test("a certificate is asked for the domain, and those other names that the DNS can have", () => {
  const aliases = ["PBX.house.example", "tower", "tower.local", "192.0.2.7", "house.example"];
  expect(acmeNames("house.example", aliases, undefined)).toEqual([
    "house.example",
    "pbx.house.example",
  ]);
  expect(acmeNames("house.example", aliases, ["sip.house.example"])).toEqual(["sip.house.example"]);
});

test("a domain that nobody could sign for is refused in words", () => {
  for (const domain of ["tower", "192.0.2.7", "tower.fritz.box"]) {
    expect(() => acmeNames(domain, [], undefined)).toThrow(`No authority signs`);
  }
});
