import fc from "fast-check";
import { expect, test } from "vitest";
import { ok } from "../../grammar/result.ts";
import { addressKind, candidate, endOfCandidates, remoteCandidates } from "./candidate.ts";

const read = (text: string) => {
  const result = candidate.parse(text);
  return result.ok ? result.value : undefined;
};

test("RFC 8839 §5.1: the example", () => {
  const text = "2 1 UDP 1694498815 192.0.2.3 45664 typ srflx raddr 203.0.113.141 rport 8998";
  expect(read(text)).toEqual({
    foundation: "2",
    component: 1,
    transport: "UDP",
    priority: 1_694_498_815,
    address: "192.0.2.3",
    port: 45_664,
    type: "srflx",
    relatedAddress: "203.0.113.141",
    relatedPort: 8998,
    tcpType: undefined,
    extensions: [],
  });
});

test("RFC 6544 §4.5, and what browsers add: mDNS, tcptype, extensions in order", () => {
  const text =
    "1447770935 1 tcp 1518280447 5f1b-2.local 9 typ host tcptype active generation 0 network-id 1";
  expect(read(text)).toMatchObject({
    transport: "tcp",
    address: "5f1b-2.local",
    tcpType: "active",
    extensions: [
      { name: "generation", value: "0" },
      { name: "network-id", value: "1" },
    ],
  });
  expect(endOfCandidates.parse(undefined)).toEqual(ok(true));
});

test("RFC 8839 §5.1: what an address is", () => {
  const kinds = ["192.0.2.1", "2001:db8::1", "a.LOCAL", "example.com", "-", "a b", "1.2.3"];
  expect(kinds.map(addressKind)).toEqual([
    ...["IP4", "IP6", "mDNS", "FQDN", "FQDN", undefined, "FQDN"],
  ]);
});

test.each([
  ["1 0 UDP 1 192.0.2.1 1 typ host", "1 257 UDP 1 192.0.2.1 1 typ host"],
  ["1 1 UDP 0 192.0.2.1 1 typ host", "1 1 UDP 2147483648 192.0.2.1 1 typ host"],
  ["1 1 UDP 1 192.0.2.1 65536 typ host", "1 1 UDP 1 192.0.2.1 1 type host"],
  ["1 1 UDP 1 192.0.2.1 1 typ", "1 1 UDP 1 192.0.2.1 1", ""],
  ["a=b 1 UDP 1 192.0.2.1 1 typ host", `${"a".repeat(33)} 1 UDP 1 192.0.2.1 1 typ host`],
  ["1 1 UDP 1 192.0.2.1 1 typ host generation", "1 1 UDP 1 192.0.2.1 1 typ host rport x"],
  [`1 1 UDP 1 192.0.2.1 1 typ host${" a b".repeat(100)}`, "1 1 U/P 1 192.0.2.1 1 typ host"],
])("refused: %s …", (...texts) => {
  for (const text of texts) expect([text, read(text)]).toEqual([text, undefined]);
});

test("RFC 8839 §5.2: remote candidates come in threes", () => {
  expect(remoteCandidates.parse("1 192.0.2.3 45664 2 192.0.2.3 45665")).toEqual(
    ok([
      { component: 1, address: "192.0.2.3", port: 45_664 },
      { component: 2, address: "192.0.2.3", port: 45_665 },
    ]),
  );
  for (const text of ["", "1 192.0.2.3", "1 a b 1", "0 192.0.2.3 1", "1 192.0.2.3 65536"]) {
    expect([text, remoteCandidates.parse(text).ok]).toEqual([text, false]);
  }
});

test("parse(format(x)) is x", () => {
  const address = fc.oneof(fc.ipV4(), fc.ipV6(), fc.constant("b1-2.local"));
  const token = fc.stringMatching(/^[a-z][a-z-]{0,9}$/);
  const own = new Set(["raddr", "rport", "tcptype"]);
  const any = fc.record({
    foundation: fc.stringMatching(/^[A-Za-z0-9+/]{1,32}$/),
    component: fc.integer({ min: 1, max: 256 }),
    transport: fc.constantFrom("UDP", "udp", "tcp", "TCP"),
    priority: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    address,
    port: fc.nat(65_535),
    type: fc.constantFrom("host", "srflx", "prflx", "relay", "x"),
    relatedAddress: fc.option(address, { nil: undefined }),
    relatedPort: fc.option(fc.nat(65_535), { nil: undefined }),
    tcpType: fc.constantFrom<"active" | "passive" | "so" | undefined>("active", "so", undefined),
    extensions: fc.array(
      fc.record({
        name: token.filter((name) => !own.has(name)),
        value: fc.stringMatching(/^[!-~]{1,9}$/),
      }),
      { maxLength: 9 },
    ),
  });
  fc.assert(
    fc.property(any, (x) => {
      expect(candidate.parse(candidate.format(x))).toEqual(ok(x));
    }),
  );
  const remote = fc.record({ component: fc.constantFrom(1, 2), address, port: fc.nat(65_535) });
  const list = fc.array(remote, { minLength: 1, maxLength: 9 });
  fc.assert(
    fc.property(list, (x) => {
      expect(remoteCandidates.parse(remoteCandidates.format(x))).toEqual(ok(x));
    }),
  );
});
