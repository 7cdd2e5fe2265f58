import { expect, test } from "vitest";
import { isHop } from "./hop-rules.ts";

const own = new Set(["127.0.0.1", "::1", "192.168.1.5", "2001:db8:1::5"]);
const goes = (address: string, scheme: "msrp" | "msrps" = "msrps", port = 2855): boolean =>
  isHop({ scheme, port, address }, own);

test.each([
  ...["127.0.0.1", "127.9.9.9", "0.0.0.0", "::1", "::", "0:0:0:0:0:0:0:1", "::0001"],
  ...["::ffff:127.0.0.1", "0:0:0:0:0:ffff:7f00:1", "::ffff:7f00:1", "::7f00:1"],
  ...["192.168.1.5", "2001:db8:1::5", "2001:0db8:0001:0:0:0:0:5", "2001:DB8:1::5"],
  ...["169.254.169.254", "fe80::1", "FEBF::1"],
])("nothing goes to %s, which is this machine or its link, however it is written", (address) => {
  expect([goes(address), goes(address, "msrp")]).toEqual([false, false]);
});

test("RFC 4976 §6.4.2: other relays are reached on the internet", () => {
  expect([goes("203.0.112.9"), goes("203.0.112.9", "msrp"), goes("2a00::9", "msrp")]).toEqual([
    ...[true, true, true],
  ]);
});

test.each(["10.0.0.7", "172.16.0.1", "192.168.1.9", "100.64.0.1", "fd00::7", "64:ff9b::a00:7"])(
  "in a network behind this machine, at %s, only TLS goes out",
  (address) => {
    expect([goes(address, "msrps"), goes(address, "msrp")]).toEqual([true, false]);
  },
);

test("ports of other services are not connected to, nor what is no address", () => {
  expect([goes("203.0.112.9", "msrps", 25), goes("relay.example"), goes("127.1")]).toEqual([
    ...[false, false, false],
  ]);
});
