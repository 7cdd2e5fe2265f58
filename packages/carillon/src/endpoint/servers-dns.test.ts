import { describe, expect, test } from "vitest";
import type { ErrandsOptions } from "../testing/errands.ts";
import {
  type Host,
  inTurn,
  LyingDns,
  manySrv,
  type Network,
  type ScriptedPeer,
  SERVFAIL,
} from "../testing/network.ts";
import { type TwoServers, twoServers } from "../testing/two-servers.ts";

/** All is over: nothing is kept about any request. */
async function quiet(network: Network, host: TwoServers["host"]) {
  await network.run(400_000);
  expect(host.endpoint.census()).toMatchObject({ servers: 0, clients: 0 });
  expect(host.endpoint.servers.census()).toMatchObject({ searches: 0, requests: 0 });
}

const went = (...peers: readonly Host<ScriptedPeer>[]) => {
  expect(peers.map(({ endpoint }) => endpoint.failure)).toEqual(peers.map(() => undefined));
  return peers.map(({ endpoint }) => endpoint.heard.join());
};

describe("a DNS that lies or fails", () => {
  test("ten thousand SRV records and an alias loop: few packets, few seconds", async () => {
    const dns = new LyingDns()
      .tell("SRV _sip._udp.example.com", manySrv(10_000, "example.com"))
      .otherwise(({ name }) => ({
        kind: "Alias",
        name: name === "a.loop" ? "b.loop" : "a.loop",
        ttlSeconds: 60,
      }));
    const { network, heard, send, host } = twoServers("", "", {}, dns);
    const startedAt = performance.now();
    for (let i = 0; i < 20; i++) send("INVITE", "sip:bob@example.com");
    await network.run(20_000);
    expect(heard).toHaveLength(20);
    for (const one of heard) {
      expect(one).toMatch(/^\d+ failed no-answer: /);
      expect(Number.parseInt(one, 10)).toBeLessThanOrEqual(5000);
    }
    // NAPTR, SRV, eight hosts at most for each search (its own eight), and both names of the loop.
    expect(dns.packets.length).toBeLessThanOrEqual(20 * 12);
    expect(network.sights).toEqual([]);
    expect(performance.now() - startedAt, "twenty times ten thousand records").toBeLessThan(5000);
    await quiet(network, host);
  });

  test("one that says nothing costs five seconds and no packet more", async () => {
    const dns = new LyingDns().otherwise("never");
    const { network, heard, send, host } = twoServers("", "", {}, dns);
    send("INVITE", "sip:bob@example.com");
    await network.run(10_000);
    expect(heard).toEqual([
      "5000 failed no-answer: example.com got no answer from the DNS (2 s a question)",
    ]);
    expect(dns.packets).toEqual([
      "NAPTR example.com",
      "SRV _sip._udp.example.com",
      "A example.com",
    ]);
    await quiet(network, host);
  });

  test("one that knows no such name is believed, in words", async () => {
    const { network, heard, send } = twoServers("", "", {}, new LyingDns());
    send("INVITE", "sip:bob@example.com");
    await network.run(1000);
    expect(heard).toEqual(["30 failed not-found: example.com has no address in the DNS"]);
  });

  test("one that changes its mind is asked again when its answer has become stale", async () => {
    const moved = inTurn(
      { kind: "Found", records: [{ type: "A", address: "192.0.2.1" }], ttlSeconds: 10 },
      { kind: "Found", records: [{ type: "A", address: "192.0.2.2" }], ttlSeconds: 10 },
    );
    const dns = new LyingDns().tell("A example.com", moved);
    const message = "expect MESSAGE\nsend 200 OK";
    const { network, first, second, send } = twoServers(message, message, {}, dns);
    for (let i = 0; i < 2; i++) {
      send("MESSAGE", "sip:bob@example.com");
      await network.run(15_000);
    }
    expect(went(first, second)).toEqual(["MESSAGE", "MESSAGE"]);
  });

  test("one that answers another question is not heard", async () => {
    const dns = new LyingDns().zone("example.com A 192.0.2.1").tell("NAPTR example.com", {
      afterMs: 10,
      answer: { kind: "Found", records: [{ type: "A", address: "192.0.2.66" }], ttlSeconds: 60 },
      about: { name: "other.example", type: "A" },
    });
    const { network, first, heard, send } = twoServers("expect MESSAGE\nsend 200 OK", "", {}, dns);
    send("MESSAGE", "sip:bob@example.com");
    await network.run(10_000);
    expect(heard, "its question has its two seconds").toEqual(["2040 200"]);
    expect(went(first)).toEqual(["MESSAGE"]);
  });

  test("one that fails for SRV leaves the domain's own address", async () => {
    const dns = new LyingDns().otherwise(SERVFAIL).zone("example.com A 192.0.2.1");
    const { network, first, send } = twoServers("expect MESSAGE\nsend 200 OK", "", {}, dns);
    send("MESSAGE", "sip:bob@example.com");
    await network.run(1000);
    expect(went(first)).toEqual(["MESSAGE"]);
  });

  test("one that points into our own network is not followed where that is told", async () => {
    const dns = new LyingDns().zone("example.com A 192.168.1.1");
    const { network, heard, send } = twoServers("", "", { servers: { publicOnly: true } }, dns);
    send("INVITE", "sip:bob@example.com");
    await network.run(1000);
    expect(heard[0]).toMatch(
      "not-public: example.com leads to an address that is not on the public",
    );
  });

  test("may be believed for some hosts and not for others", async () => {
    const dns = new LyingDns().zone("example.com A 192.0.2.1\nlan.example A 192.0.2.1");
    const publicOnly = (host: string) => host !== "lan.example";
    const { network, heard, send } = twoServers(
      "expect MESSAGE\nsend 200 OK",
      "",
      { servers: { publicOnly } },
      dns,
    );
    send("MESSAGE", "sip:bob@example.com");
    await network.run(1000);
    expect(heard[0]).toMatch("not-public");
    send("MESSAGE", "sip:bob@lan.example");
    await network.run(1000);
    expect(heard[1]).toMatch(/ 200$/);
  });

  test("there are so many searches at a time, and no more", async () => {
    const dns = new LyingDns().otherwise("never");
    const { network, heard, send, host } = twoServers("", "", { servers: { maxSearches: 3 } }, dns);
    for (let i = 0; i < 4; i++) send("INVITE", `sip:bob@example${i}.com`);
    expect(heard).toEqual(["0 failed busy: too many servers are looked for"]);
    expect(host.endpoint.servers.census().searches).toBe(3);
    await quiet(network, host);
  });
});

describe("a telephone number", () => {
  const apex = "e164.arpa";
  const number = "+442079460148";
  const name = "8.4.1.0.6.4.9.7.0.2.4.4.e164.arpa";
  const rule = '100 10 "u" "E2U+sip" "!^.*$!sip:info@example.com!" .';

  const enumerated = async (dns: LyingDns, options: ErrandsOptions = {}, times = 1) => {
    const { network, host } = twoServers("", "", options, dns);
    const heard: string[] = [];
    for (let i = 0; i < times; i++) {
      host.call(() =>
        host.endpoint.servers.enumerate({ number, apex }, (outcome) => {
          heard.push(outcome.kind === "Rewritten" ? outcome.text : outcome.reason);
        }),
      );
    }
    await network.run(10_000);
    await quiet(network, host);
    return heard;
  };

  test("RFC 6116 §3.4 stands for the URI that its rule makes of it", async () => {
    const dns = new LyingDns().zone(`${name} NAPTR ${rule}`);
    expect(await enumerated(dns, {}, 2)).toEqual(["sip:info@example.com", "sip:info@example.com"]);
    expect(dns.packets, "two that ask at once ask the DNS once").toEqual([`NAPTR ${name}`]);
  });

  test("stands for nothing where the DNS knows or says nothing", async () => {
    expect(await enumerated(new LyingDns())).toEqual(["not-found"]);
    expect(await enumerated(new LyingDns().otherwise("never"))).toEqual(["no-answer"]);
    const full = { servers: { maxSearches: 1 } };
    expect(await enumerated(new LyingDns().otherwise("never"), full, 2)).toEqual([
      "busy",
      "no-answer",
    ]);
  });
});
