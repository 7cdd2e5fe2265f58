import { describe, expect, test } from "vitest";
import { foundOf, LyingDns } from "../testing/network/lying-dns.ts";
import { asked, resolve } from "../testing/resolve.ts";
import { find, paramsFor, print } from "../testing/search.ts";
import * as locate from "./locate.ts";
import { MAX_TARGETS } from "./target.ts";

type Params = locate.Params;

test("one search is 26 questions at most", () => {
  expect(locate.MAX_QUESTIONS).toBe(26);
});

describe("a DNS that lies", () => {
  const bounded = (uri: string, dns: LyingDns, more: Partial<Params> = {}) => {
    const params = paramsFor(uri, { families: ["A", "AAAA"], ...more });
    const { said, elapsedMs, steps } = resolve(locate, params, dns);
    expect(said).toHaveLength(1);
    expect(elapsedMs).toBeLessThanOrEqual(locate.SEARCH_MS);
    expect(dns.packets.length).toBeLessThanOrEqual(locate.MAX_QUESTIONS);
    expect(steps).toBeLessThan(100);
    return said.flatMap(print);
  };

  test("ten thousand SRV records: eight targets, seventeen packets, and no time", () => {
    const records = Array.from(
      { length: 10_000 },
      (_, i) =>
        ({ type: "SRV", priority: 0, weight: 1, port: 5060, target: `h${i}.example.com` }) as const,
    );
    const dns = new LyingDns()
      .tell("SRV _sip._udp.example.com", foundOf(records))
      .otherwise(foundOf([{ type: "A", address: "192.0.2.1" }]));
    const started = performance.now();
    expect(bounded("sip:user@example.com;transport=udp", dns)).toEqual(["UDP 192.0.2.1:5060"]);
    expect(dns.packets).toHaveLength(1 + 2 * MAX_TARGETS);
    expect(performance.now() - started).toBeLessThan(500);
  });

  test("ten thousand addresses: eight targets; of one host among several four", () => {
    const many = Array.from(
      { length: 10_000 },
      (_, i) => ({ type: "A", address: `198.51.${i >> 8}.${i & 255}` }) as const,
    );
    const dns = new LyingDns()
      .zone("_sip._udp.example.com SRV 0 0 5060 a.org\n_sip._udp.example.com SRV 1 0 5060 b.org")
      .tell("A a.org", foundOf(many))
      .tell("A b.org", foundOf([{ type: "A", address: "192.0.2.1" }]));
    expect(bounded("sip:user@a.org:5060", dns)).toHaveLength(MAX_TARGETS);
    const found = bounded("sip:user@example.com;transport=udp", dns);
    expect(found).toHaveLength(5);
    expect(found.at(-1)).toBe("UDP 192.0.2.1:5060");
  });

  test("eight servers with four addresses each: eight targets", () => {
    const dns = new LyingDns();
    for (let n = 0; n < 8; n++) {
      const addresses = [1, 2, 3, 4].map(
        (i) => ({ type: "A", address: `192.0.${n}.${i}` }) as const,
      );
      dns.tell(`A h${n}.org`, foundOf(addresses));
    }
    const servers = Array.from(
      { length: 8 },
      (_, n) => ({ type: "SRV", priority: n, weight: 0, port: 5060, target: `h${n}.org` }) as const,
    );
    dns.tell("SRV _sip._udp.example.com", foundOf(servers));
    const found = bounded("sip:user@example.com;transport=udp", dns);
    expect(found).toHaveLength(MAX_TARGETS);
    expect(found.slice(3, 5)).toEqual(["UDP 192.0.0.4:5060", "UDP 192.0.1.1:5060"]);
  });

  test("ten thousand NAPTR records: five services", () => {
    const records = Array.from({ length: 10_000 }, (_, i) => ({
      ...({ type: "NAPTR", order: 1, preference: 1, flags: "s", service: "SIP+D2U" } as const),
      ...{ regexp: "", replacement: `_sip._udp.h${i}.example.com` },
    }));
    const dns = new LyingDns().tell("NAPTR example.com", foundOf(records));
    expect(bounded("sip:user@example.com", dns)).toEqual(["not-found"]);
    expect(dns.packets).toHaveLength(1 + 5 + 2);
  });

  test("aliases in a circle: four are followed", () => {
    const dns = new LyingDns().alias("a.example.com", "b.example.com");
    dns.alias("b.example.com", "a.example.com");
    expect(bounded("sip:user@a.example.com:5060", dns, { families: ["A"] })).toEqual(["no-answer"]);
    expect(dns.packets).toHaveLength(5);
  });

  test("an alias of itself", () => {
    const dns = new LyingDns().alias("example.com", "example.com");
    expect(bounded("sip:user@example.com", dns)).toEqual(["no-answer"]);
    expect(resolve(locate, paramsFor("sip:user@example.com:5060"), dns).elapsedMs).toBe(10);
    expect(dns.packets.filter((packet) => packet === "NAPTR example.com")).toHaveLength(1);
  });

  test("a chain of four aliases is followed to its end, one of five is not", () => {
    const chain = (length: number) => {
      const dns = new LyingDns();
      for (let i = 0; i < length; i++) dns.alias(`h${i}.org`, `h${i + 1}.org`);
      return dns.zone(`h${length}.org A 192.0.2.1`);
    };
    const only = { families: ["A"] } as const;
    expect(bounded("sip:u@h0.org:5060", chain(4), only)).toEqual(["UDP 192.0.2.1:5060"]);
    expect(bounded("sip:u@h0.org:5060", chain(5), only)).toEqual(["no-answer"]);
  });

  test("endless aliases, each to a new name", () => {
    const dns = new LyingDns().otherwise((question, nth) => ({
      ...({ kind: "Alias", ttlSeconds: 60 } as const),
      name: `n${nth}.${question.name}`.slice(0, 200),
    }));
    bounded("sip:user@example.com", dns);
  });

  test("nobody answers: two seconds a question, and five in all", () => {
    const dns = new LyingDns().otherwise("never");
    expect(bounded("sip:user@example.com", dns)).toEqual(["no-answer"]);
    const port = resolve(locate, paramsFor("sip:user@example.com:5060"), dns);
    expect(port.elapsedMs).toBe(2_000);
    const whole = resolve(locate, paramsFor("sip:user@example.com"), dns);
    expect(whole.elapsedMs).toBe(5_000);
  });

  test("every answer comes late, just before the question's time is up", () => {
    const late = new LyingDns().otherwise({
      ...{ afterMs: 1_999, answer: { kind: "None", why: "NXDOMAIN", ttlSeconds: 60 } },
    });
    expect(bounded("sip:user@example.com", late)).toEqual(["no-answer"]);
  });

  test("a backup that does not resolve costs half a second, not two", () => {
    const dns = new LyingDns()
      .zone("_sip._udp.example.com SRV 0 0 5060 a.org\n_sip._udp.example.com SRV 1 0 5060 b.org")
      .zone("a.org A 192.0.2.1")
      .tell("A b.org", "never");
    const params = paramsFor("sip:user@example.com;transport=udp");
    const { said, elapsedMs } = resolve(locate, params, dns);
    expect(said.flatMap(print)).toEqual(["UDP 192.0.2.1:5060"]);
    expect(elapsedMs).toBe(20 + locate.GRACE_MS);
  });

  test("where the preferred server has no address, the next is the one that matters", () => {
    const dns = new LyingDns().zone("b.org A 192.0.2.2");
    const servers = ["a.org", "b.org", "c.org"].map(
      (target, priority) => ({ type: "SRV", priority, weight: 0, port: 5060, target }) as const,
    );
    dns.tell("SRV _sip._udp.example.com", foundOf(servers)).tell("A c.org", "never");
    const params = paramsFor("sip:user@example.com;transport=udp");
    const { said, elapsedMs } = resolve(locate, params, dns);
    expect(said.flatMap(print)).toEqual(["UDP 192.0.2.2:5060"]);
    expect(elapsedMs).toBe(20 + locate.GRACE_MS);
  });

  test("the preferred server is waited for, though a backup is known", () => {
    const dns = new LyingDns()
      .zone("_sip._udp.example.com SRV 0 0 5060 a.org\n_sip._udp.example.com SRV 1 0 5060 b.org")
      .tell("A a.org", { afterMs: 1_500, answer: foundOf([{ type: "A", address: "192.0.2.1" }]) })
      .zone("b.org A 192.0.2.2");
    expect(find("sip:user@example.com;transport=udp", dns)).toEqual([
      "UDP 192.0.2.1:5060",
      "UDP 192.0.2.2:5060",
    ]);
  });

  test("answers of another type, or that break the grammar, are none", () => {
    const dns = new LyingDns()
      .tell("NAPTR example.com", foundOf([{ type: "A", address: "192.0.2.1" }]))
      .tell("A example.com", foundOf([{ type: "A", address: "not an address" }]));
    expect(bounded("sip:user@example.com", dns)).toEqual(["not-found"]);
  });

  test("an answer to what was never asked is not heard", () => {
    const [s] = locate.start(paramsFor("sip:user@example.com"), 0);
    const answer = foundOf([{ type: "A", address: "192.0.2.1" }]);
    const input = { kind: "Answered", question: asked("A example.com"), answer } as const;
    expect(locate.step(paramsFor("sip:user@example.com"), s, input, 1)).toEqual([s]);
    const alias = { ...input, answer: { kind: "Alias", name: "a.org", ttlSeconds: 1 } } as const;
    expect(locate.step(paramsFor("sip:user@example.com"), s, alias, 1)).toEqual([s]);
  });

  test("a search for public servers comes to no address of our own networks", () => {
    const dns = () =>
      new LyingDns().zone("example.com A 127.0.0.1\nmixed.org A 10.0.0.1\nmixed.org A 9.9.9.9");
    const more = { publicOnly: true };
    expect(bounded("sip:user@example.com:5060", dns(), more)).toEqual(["not-public"]);
    expect(bounded("sip:user@mixed.org:5060", dns(), more)).toEqual(["UDP 9.9.9.9:5060"]);
    expect(bounded("sip:user@192.168.1.1", dns(), more)).toEqual(["not-public"]);
    expect(bounded("sip:user@nobody.org:5060", dns(), more)).toEqual(["not-found"]);
  });

  test("RFC 7118 §5.2.1: a browser's sent-by costs no packet", () => {
    const dns = new LyingDns();
    expect(bounded("sip:user@df7jal23ls0d.invalid", dns)).toEqual(["not-found"]);
    expect(dns.packets).toEqual([]);
  });

  test("what happened is said in words", () => {
    const { said } = resolve(locate, paramsFor("sip:user@nobody.org"), new LyingDns());
    expect(said).toEqual([
      {
        ...{ kind: "NotLocated", reason: "not-found" },
        message: "nobody.org has no address in the DNS",
      },
    ]);
  });
});
