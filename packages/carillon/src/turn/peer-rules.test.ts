import { describe, expect, test } from "vitest";
import { judgePeer, type PeerWorld } from "./peer-rules.ts";

const world: PeerWorld = {
  isOwn: (host) => host === "203.0.113.1" || host === "10.0.0.5" || host === "2a02::1",
  isOwnMedia: ({ port }) => port === 20_000,
  isOpened: () => false,
};
const judge = (host: string, port = 9, changes: Partial<PeerWorld> = {}) =>
  judgePeer({ host, port }, { ...world, ...changes }, (address) => address.port === 50_000);

describe("whom a relay may talk to (RFC 8656 §21.2)", () => {
  test.each([
    ...[
      "127.0.0.1",
      "127.255.255.254",
      "0.0.0.0",
      "0.1.2.3",
      "10.1.2.3",
      "172.16.0.1",
      "172.31.9.9",
    ],
    ...["192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.0.8", "192.0.2.1", "198.18.0.1"],
    ...["224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"],
    ...[
      "::",
      "::1",
      "fe80::1",
      "febf::1",
      "fc00::1",
      "fd12:3456::1",
      "ff02::1",
      "ff0e::1",
      "fec0::1",
    ],
    ...["::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:7f00:1", "::127.0.0.1", "::8.8.8.8"],
    ...["::ffff:0:127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::8.8.8.8", "64:ff9b:1::a00:1"],
    ...["2002:7f00:1::1", "2002:808:808::1", "2001::1", "2001:db8::1", "2a02::5efe:10.0.0.1"],
    ...["house.example", "", "fe80::1%eth0"],
  ])("not to %s", (host) => {
    expect(judge(host)).toBe("Refused");
    expect(judge(host, 0)).toBe("Refused");
  });

  test("to public addresses, but not to port 0", () => {
    expect(["8.8.8.8", "2a00:1450::1"].map((host) => judge(host))).toEqual(["Allowed", "Allowed"]);
    expect(judge("8.8.8.8", 0)).toBe("Refused");
  });

  test("to this machine only where its own relays and media are", () => {
    for (const host of ["203.0.113.1", "10.0.0.5", "2a02::1", "127.0.0.1", "::1"]) {
      expect([3478, 5060, 20_000, 50_000].map((port) => judge(host, port))).toEqual([
        ...["Refused", "Refused", "Guarded", "Guarded"],
      ]);
    }
    expect(judge("2a02:0:0:0:0:0:0:1", 22)).toBe("Refused");
  });

  test("what the operator opens is open; a network does not open this machine", () => {
    const opened: Partial<PeerWorld> = { isOpened: (_, how) => how === "network" };
    expect(judge("10.1.2.3", 9, opened)).toBe("Allowed");
    expect(judge("10.0.0.5", 22, opened)).toBe("Refused");
    expect(judge("127.0.0.1", 22, opened)).toBe("Refused");
    const address: Partial<PeerWorld> = { isOpened: (host) => host === "127.0.0.1" };
    expect(judge("127.0.0.1", 22, address)).toBe("Allowed");
  });

  test("no operator opens multicast, broadcast, or an address that carries another one", () => {
    const all: Partial<PeerWorld> = { isOpened: () => true, isOwnMedia: () => true };
    for (const host of ["224.0.0.1", "255.255.255.255", "ff02::1", "::ffff:10.0.0.9"]) {
      expect(judge(host, 9, all)).toBe("Refused");
    }
  });
});
