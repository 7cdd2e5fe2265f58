import { expect, test } from "vitest";
import { sourceOf } from "./source.ts";

test("a source is an IPv4 address, or a network of 64 bits however its address is written", () => {
  expect(sourceOf("192.0.2.1")).toBe("192.0.2.1");
  const same = ["2001:db8:0:1::5", "2001:0DB8:0:1:a:b:c:d", "[2001:db8:0:1:ffff::]"];
  expect(new Set(same.map(sourceOf))).toEqual(new Set(["2001:db8:0:1::/64"]));
  expect(sourceOf("::1")).toBe("0:0:0:0::/64");
  expect(sourceOf("fe80::1%eth0")).toBe("fe80:0:0:0::/64");
});

test("what is no address is a source of its own", () => {
  for (const host of ["", "nowhere.invalid", ":::", "1:2:3"]) expect(sourceOf(host)).toBe(host);
});
