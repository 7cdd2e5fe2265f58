import type { NetworkInterfaceInfo } from "node:os";
import { expect, test } from "vitest";
import { aliases, bindable, lanAddress } from "./own-addresses.ts";

const info = (address: string, internal = false): NetworkInterfaceInfo =>
  ({ address, internal, family: address.includes(":") ? "IPv6" : "IPv4" }) as NetworkInterfaceInfo;

const machine = {
  lo: [info("127.0.0.1", true), info("::1", true)],
  wan: [info("203.0.113.9")],
  lan: [info("192.168.1.5"), info("fe80::1%lan")],
};

test("the machine's names and all its addresses stand for the domain, each once", () => {
  expect(aliases("Tower", machine)).toEqual([
    "localhost",
    "tower",
    "tower.local",
    "127.0.0.1",
    "::1",
    "203.0.113.9",
    "192.168.1.5",
    "fe80::1",
  ]);
});

test("other devices are shown an address of the home network, else any, else none", () => {
  expect(lanAddress(machine)).toBe("192.168.1.5");
  expect(lanAddress({ wan: machine.wan })).toBe("203.0.113.9");
  expect(lanAddress({ lo: machine.lo })).toBe(undefined);
});

test("every address is bound by its own, but for those that need their interface named", () => {
  expect(bindable(undefined, machine)).toEqual(["127.0.0.1", "::1", "203.0.113.9", "192.168.1.5"]);
  expect(bindable("0.0.0.0", machine)).not.toContain("::1");
  expect(bindable("192.168.1.5", machine)).toEqual(["192.168.1.5"]);
});
