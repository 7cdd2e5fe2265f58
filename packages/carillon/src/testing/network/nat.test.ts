import { describe, expect, test } from "vitest";
import type { Dependence } from "./nat.ts";
import { Network } from "./network.ts";
import type { BoxParams } from "./realm.ts";
import { A, B, datagrams, end, open, send, tcpTo } from "./stage.ts";
import { Tape } from "./tape.ts";

const INSIDE = { host: "10.0.0.2", port: 5060 };
const OUTSIDE = "203.0.113.7";

/** One host behind a box, two out on the internet. */
function home(params: Partial<BoxParams> = {}) {
  const network = new Network();
  const nat = network.nat({ host: OUTSIDE, ...params });
  const inside = nat.host("inside", INSIDE, new Tape());
  const a = network.host("a", A, new Tape());
  const b = network.host("b", B, new Tape());
  /** The address that this host has seen of the one inside, the last time. */
  const seenBy = (one: typeof a) => one.endpoint.all("Datagram").at(-1)?.remote ?? A;
  return { network, nat, inside, a, b, seenBy };
}

describe("behind a NAT box", () => {
  test("a host has another address outside, and is answered there", async () => {
    const { network, inside, a, seenBy } = home();
    datagrams(inside, A, "hello");
    await network.run(10);
    expect(seenBy(a)).toEqual({ host: OUTSIDE, port: 61_001 });
    datagrams(a, seenBy(a), "hello yourself");
    await network.run(10);
    expect(inside.endpoint.octets("Datagram")).toEqual(["hello yourself"]);
    expect(inside.endpoint.all("Datagram")[0]?.local).toEqual(INSIDE);
    expect(network.sights.map(({ to }) => to)).toEqual(["a", "inside"]);
  });

  test("nobody is reached who has not called out, whatever his address inside", async () => {
    const { network, inside, a } = home();
    datagrams(a, INSIDE, "by the inner address");
    datagrams(a, { host: OUTSIDE, port: 61_001 }, "by a guess");
    await network.run(1000);
    expect(inside.endpoint.heard).toEqual([]);
    expect(network.sights.every(({ lost }) => lost)).toBe(true);
  });

  test.each<[Dependence, boolean, boolean]>([
    ["endpoint-independent", true, true],
    ["address-dependent", true, false],
    ["address-and-port-dependent", false, false],
  ])("a filter that is %s lets in who fits", async (filtering, samePlace, stranger) => {
    const { network, inside, a, b, seenBy } = home({ filtering });
    const other = network.host("a2", { ...A, port: 6000 }, new Tape());
    datagrams(inside, A, "hello");
    await network.run(10);
    datagrams(a, seenBy(a), "a");
    datagrams(other, seenBy(a), "a on another port");
    datagrams(b, seenBy(a), "b");
    await network.run(10);
    const heard = ["a", ...(samePlace ? ["a on another port"] : []), ...(stranger ? ["b"] : [])];
    expect(inside.endpoint.octets("Datagram")).toEqual(heard);
  });

  test("a symmetric box shows each peer another port, others the same", async () => {
    for (const mapping of ["endpoint-independent", "address-and-port-dependent"] as const) {
      const { network, inside, a, b, seenBy } = home({ mapping });
      datagrams(inside, A, "1");
      datagrams(inside, B, "2");
      await network.run(10);
      const isSame = seenBy(a).port === seenBy(b).port;
      expect(isSame).toBe(mapping === "endpoint-independent");
    }
  });

  test("RFC 4787 REQ-3: a box that preserves ports gives one to whoever has it first", async () => {
    const { network, nat, inside, a, seenBy } = home({ ports: "preserving" });
    datagrams(inside, A, "1");
    await network.run(10);
    expect(seenBy(a)).toEqual({ host: OUTSIDE, port: INSIDE.port });
    const other = nat.host("other", { ...INSIDE, host: "10.0.0.3" }, new Tape());
    datagrams(other, A, "2");
    await network.run(10);
    expect(seenBy(a)).toEqual({ host: OUTSIDE, port: 61_001 });
  });

  test("one that overloads ports lets in whoever was spoken to, to who spoke last", async () => {
    const { network, nat, inside, a, b, seenBy } = home({ ports: "overloading" });
    const other = nat.host("other", { ...INSIDE, host: "10.0.0.3" }, new Tape());
    datagrams(inside, A, "1");
    datagrams(other, B, "2");
    await network.run(10);
    expect([seenBy(a).port, seenBy(b).port]).toEqual([INSIDE.port, INSIDE.port]);
    datagrams(a, seenBy(a), "to the one");
    datagrams(b, seenBy(b), "to the other");
    await network.run(10);
    expect(inside.endpoint.octets("Datagram")).toEqual(["to the one"]);
    expect(other.endpoint.octets("Datagram")).toEqual(["to the other"]);
    datagrams(other, A, "3");
    await network.run(10);
    datagrams(a, seenBy(a), "to whom?");
    await network.run(10);
    expect(other.endpoint.octets("Datagram").at(-1)).toBe("to whom?");
  });

  test("a mapping that nothing refreshes ends in its time, whatever goes out", async () => {
    const refreshes = { inboundRefreshes: false, outboundRefreshes: false };
    const { network, inside, a, seenBy } = home({ timeoutMs: 30_000, ...refreshes });
    const ports = new Set<number>();
    for (let i = 0; i < 5; i++) {
      datagrams(inside, A, `${i}`);
      await network.run(10_000);
      ports.add(seenBy(a).port);
    }
    expect(ports).toEqual(new Set([61_001, 61_002]));
  });

  test("a mapping ends when nothing goes out for long, and the next has another port", async () => {
    const { network, inside, a, seenBy } = home({ timeoutMs: 30_000, inboundRefreshes: false });
    datagrams(inside, A, "1");
    await network.run(20_000);
    datagrams(a, seenBy(a), "in time");
    await network.run(15_000);
    datagrams(a, seenBy(a), "too late");
    await network.run(10);
    expect(inside.endpoint.octets("Datagram")).toEqual(["in time"]);
    const { port } = seenBy(a);
    datagrams(inside, A, "2");
    await network.run(10);
    expect(seenBy(a).port).not.toBe(port);
  });

  test("what comes in keeps a mapping, where the box does it so", async () => {
    const { network, inside, a, seenBy } = home({ timeoutMs: 30_000, inboundRefreshes: true });
    datagrams(inside, A, "1");
    await network.run(10);
    for (let i = 0; i < 5; i++) {
      datagrams(a, seenBy(a), `${i}`);
      await network.run(25_000);
    }
    expect(inside.endpoint.octets("Datagram")).toHaveLength(5);
  });

  test("a box that rebinds has a new port, and answers to the old one are lost", async () => {
    const { network, nat, inside, a, seenBy } = home();
    datagrams(inside, A, "1");
    await network.run(10);
    const before = seenBy(a);
    nat.box.rebind();
    datagrams(a, before, "to the old port");
    datagrams(inside, A, "2");
    await network.run(10);
    expect(inside.endpoint.heard).toEqual([]);
    expect(seenBy(a)).toEqual({ host: OUTSIDE, port: before.port + 1 });
  });

  test("two in one home reach each other inside, and round the corner, too", async () => {
    const { network, nat, inside } = home({ filtering: "endpoint-independent" });
    const other = nat.host("other", { host: "10.0.0.3", port: 5060 }, new Tape());
    datagrams(other, INSIDE, "next door");
    datagrams(inside, A, "makes a mapping");
    await network.run(10);
    datagrams(other, { host: OUTSIDE, port: 61_001 }, "round the corner");
    await network.run(10);
    expect(inside.endpoint.octets("Datagram")).toEqual(["next door", "round the corner"]);
    expect(inside.endpoint.all("Datagram").map(({ remote }) => remote.host)).toEqual([
      "10.0.0.3",
      OUTSIDE,
    ]);
  });

  test("RFC 4787 REQ-9: a box without hairpinning has no way round the corner", async () => {
    const { network, nat, inside } = home({
      ...{ filtering: "endpoint-independent", hairpinning: false },
    });
    const other = nat.host("other", { host: "10.0.0.3", port: 5060 }, new Tape());
    datagrams(inside, A, "makes a mapping");
    await network.run(10);
    datagrams(other, { host: OUTSIDE, port: 61_001 }, "round the corner");
    await network.run(10);
    expect(inside.endpoint.heard).toEqual([]);
  });

  test("there may be another box, as providers have them", async () => {
    const network = new Network();
    const provider = network.nat({ host: "203.0.113.1" });
    const home = provider.nat({ host: "100.64.0.9" });
    const inside = home.host("inside", INSIDE, new Tape());
    const a = network.host("a", A, new Tape());
    datagrams(inside, A, "hello");
    await network.run(10);
    const seen = a.endpoint.all("Datagram")[0]?.remote ?? B;
    expect(seen.host).toBe("203.0.113.1");
    datagrams(a, seen, "back through both");
    await network.run(10);
    expect(inside.endpoint.octets("Datagram")).toEqual(["back through both"]);
  });

  test("connections have the outer address, and a box that forgets one tells nobody", async () => {
    const { network, inside, a } = home({ tcpTimeoutMs: 60_000 });
    open(inside, tcpTo(A));
    await network.run(100);
    expect(a.endpoint.all("Opened")[0]?.remote.host).toBe(OUTSIDE);
    send(a, "in time");
    await network.run(61_000);
    send(a, "too late");
    await network.run(60_000);
    expect(inside.endpoint.story()).toEqual(["Opened", "Received in time"]);
    expect(a.endpoint.story()).toEqual(["Opened"]);
    await network.run(1_000_000);
    expect(a.endpoint.story(), "its kernel has given up").toEqual(["Opened", "Closed ETIMEDOUT"]);
  });

  test("a box has room for so many mappings, and drops the oldest", async () => {
    const { network, inside, nat, a, seenBy } = home({ maxMappings: 2 });
    datagrams(inside, A, "1");
    await network.run(10);
    const first = seenBy(a);
    for (const n of [3, 4]) {
      const other = nat.host(`n${n}`, { host: `10.0.0.${n}`, port: 5060 }, new Tape());
      datagrams(other, A, "more");
    }
    datagrams(a, first, "to the first");
    await network.run(100);
    expect(inside.endpoint.heard).toEqual([]);
  });

  test("a stream ends like any other", async () => {
    const { network, inside, a } = home();
    open(inside, tcpTo(A));
    await network.run(100);
    end(a, "Close");
    await network.run(100);
    expect(inside.endpoint.story()).toEqual(["Opened", "Closed"]);
  });
});
