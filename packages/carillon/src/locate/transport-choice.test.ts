import { expect, test } from "vitest";
import type { Target } from "./target.ts";
import { isTooLargeForUdp, targetsForSize } from "./transport-choice.ts";

const udp: Target = {
  transport: "UDP",
  address: { host: "192.0.2.1", port: 5070 },
  name: "example.com",
};
const tls: Target = { ...udp, transport: "TLS" };
const tcp: Target = { ...udp, transport: "TCP" };

//= RFC 3261 §18.1.1
//# If a request is within 200 bytes of the path MTU, or if it is larger than 1300 bytes and the
//# path MTU is unknown, the request MUST be sent using an RFC 2914 [43] congestion controlled
//# transport protocol, such as TCP.
test.each([
  [{ bytes: 1_300 }, false],
  [{ bytes: 1_301 }, true],
  [{ bytes: 1_299, pathMtuBytes: 1_500 }, false],
  [{ bytes: 1_300, pathMtuBytes: 1_500 }, true],
  [{ bytes: 1_301, pathMtuBytes: 9_000 }, false],
  [{ bytes: 400, pathMtuBytes: 576 }, true],
])("RFC 3261 §18.1.1: %j is too large for UDP: %s", (size, expected) => {
  expect(isTooLargeForUdp(size)).toBe(expected);
});

//= RFC 3261 §18.1.1
//# If an element sends a request over TCP because of these message size constraints, and that
//# request would have otherwise been sent over UDP, if the attempt to establish the connection
//# generates either an ICMP Protocol Not Supported, or results in a TCP reset, the element SHOULD
//# retry the request, using UDP.
//= RFC 3261 §18
//# It has arisen out of the need to handle larger messages, which MUST use TCP, as discussed below.
test("RFC 3261 §18.1.1: a large request takes TCP, and UDP where TCP is refused", () => {
  const targets = targetsForSize([udp, tls], { bytes: 2_000 }, ["UDP", "TCP", "TLS"]);
  expect(targets).toEqual([{ ...tcp, ifRefused: udp }, tls]);
});

test("a small request, and one that has no choice, goes as it would", () => {
  expect(targetsForSize([udp], { bytes: 500 }, ["UDP", "TCP"])).toEqual([udp]);
  expect(targetsForSize([udp], { bytes: 2_000 }, ["UDP"])).toEqual([udp]);
});

test("RFC 3261 §18.1.1: what no datagram can hold has no way back to UDP", () => {
  const most = 65_535 - 48;
  const ways = (bytes: number) => targetsForSize([udp], { bytes }, ["UDP", "TCP"]);
  expect(ways(most)).toEqual([{ ...tcp, ifRefused: udp }]);
  expect(ways(most + 1)).toEqual([tcp]);
});
