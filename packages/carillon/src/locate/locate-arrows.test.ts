import fc from "fast-check";
import { expect, test } from "vitest";
import { NEVER } from "../grammar/millis.ts";
import { foundOf, LyingDns } from "../testing/network/lying-dns.ts";
import { asked, resolve } from "../testing/resolve.ts";
import { ours, paramsFor, print } from "../testing/search.ts";
import type { TransportName } from "../transport/flow.ts";
import { hostAt } from "./hosts.ts";
import * as locate from "./locate.ts";
import { type Lookup, lookUp } from "./lookup.ts";
import type { Answer, Answered } from "./naming.ts";
import { MAX_TARGETS } from "./target.ts";
import { arrows } from "./testing-arrows.ts";

type Output = locate.Output;

const none: Answer = { kind: "None", why: "NXDOMAIN", ttlSeconds: 60 };
const TICK = { kind: "Tick" } as const;
const ABANDON = { kind: "Abandon" } as const;

test("every state, every input", () => {
  const p = paramsFor("sip:user@example.com", { transports: ["UDP", "TCP"] });
  const at = (key: string): Lookup => lookUp(asked(key), 0);
  const searching = { aliasesLeft: 4, timerSearch: 5_000 };
  const services = ["UDP", "TCP"].map((transport) => ({
    transport: transport as TransportName,
    name: `_sip._${transport.toLowerCase()}.example.com`,
  }));
  const srv = { services, lookups: services.map(({ name }) => at(`SRV ${name}`)) };
  const hosts = [hostAt("UDP", "a.org", 5060), hostAt("UDP", "b.org", 5060)];
  const addresses = { hosts, lookups: [at("A a.org"), at("A b.org")] };
  const answered = (key: string, answer: Answer): Answered => ({
    ...{ kind: "Answered", question: asked(key), answer },
  });
  const address = foundOf([{ type: "A", address: "192.0.2.1" }]);
  const server = { type: "SRV", priority: 0, weight: 0, port: 5060, target: "a.org" } as const;
  const naptr = foundOf([
    {
      ...{ type: "NAPTR", order: 1, preference: 1, flags: "s", service: "SIP+D2T", regexp: "" },
      replacement: "_sip._tcp.example.com",
    },
  ]);
  const alias: Answer = { kind: "Alias", name: "c.org", ttlSeconds: 60 };
  const [located] = locate.step(
    p,
    { name: "AskingAddresses", ...searching, ...addresses, timerGrace: NEVER },
    answered("A a.org", address),
    100,
  );
  const lines = arrows<locate.State, locate.Input, Output>(
    (s, input, now) => locate.step(p, s, input, now),
    locate.deadline,
    [
      ["AskingNaptr", { name: "AskingNaptr", ...searching, lookups: [at("NAPTR example.com")] }],
      [
        "AskingSrv",
        {
          ...{ name: "AskingSrv", ...searching, ...srv, use: "first" },
          otherwise: hostAt("UDP", "example.com"),
        },
      ],
      [
        "AskingSrv of NAPTR",
        {
          ...{ name: "AskingSrv", ...searching, ...srv, use: "all" },
          otherwise: hostAt("UDP", "example.com"),
        },
      ],
      [
        "AskingAddresses",
        { name: "AskingAddresses", ...searching, ...addresses, timerGrace: NEVER },
      ],
      ["AskingAddresses, one known", located],
      ["Ended", { name: "Ended" }],
    ],
    [
      ["NAPTR found", answered("NAPTR example.com", naptr), 7],
      ["no NAPTR", answered("NAPTR example.com", none), 7],
      ["NAPTR alias", answered("NAPTR example.com", alias), 7],
      ["UDP found", answered("SRV _sip._udp.example.com", foundOf([server])), 7],
      ["no UDP", answered("SRV _sip._udp.example.com", none), 7],
      ["TCP found", answered("SRV _sip._tcp.example.com", foundOf([server])), 7],
      ["a.org found", answered("A a.org", address), 7],
      ["no a.org", answered("A a.org", none), 7],
      ["b.org found", answered("A b.org", address), 7],
      ["b.org alias", answered("A b.org", alias), 7],
      ["b.org failed", answered("A b.org", { kind: "Failed", why: "SERVFAIL" }), 7],
      ["Tick", TICK, 7],
      ["Tick", TICK, 600],
      ["Tick", TICK, 2_000],
      ["Tick", TICK, 5_000],
      ["Abandon", ABANDON, 7],
    ],
    (output) => [output.kind, ...print(output)].join(" "),
  );
  expect(lines).toMatchSnapshot();
});

test("whatever is answered: one word, in time, within the caps, and none after it", () => {
  const name = fc.constantFrom("a.org", "b.org", "_sip._udp.example.com", "example.com", "", "a b");
  const small = fc.nat(2);
  const record = fc.oneof(
    name.map((target) => ({ ...{ type: "SRV", priority: 0, weight: 1, port: 5060 }, target })),
    fc.constantFrom("192.0.2.1", "10.0.0.1", "x").map((address) => ({ type: "A", address })),
    fc.constantFrom("::1", "2001:db8::7").map((address) => ({ type: "AAAA", address })),
    fc
      .tuple(small, name, fc.constantFrom("SIP+D2U", "SIPS+D2T", "x"))
      .map(([order, replacement, service]) => ({
        ...{ type: "NAPTR", order, preference: 1, flags: "s", service, regexp: "", replacement },
      })),
  );
  const answer = fc.oneof(
    fc.array(record, { maxLength: 20 }).map((records) => foundOf(records as never)),
    name.map((to): Answer => ({ kind: "Alias", name: to, ttlSeconds: 0 })),
    fc.constantFrom<Answer>(none, { kind: "Failed", why: "SERVFAIL" }),
  );
  const told = fc.oneof(
    { weight: 4, arbitrary: answer },
    { weight: 1, arbitrary: fc.constant("never" as const) },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.nat(2_500), answer).map(([afterMs, a]) => ({ afterMs, answer: a })),
    },
  );
  const uri = fc.constantFrom(
    ...["sip:u@example.com", "sips:u@example.com", "sip:u@a.org;transport=tcp", "sip:u@b.org:5070"],
  );
  fc.assert(
    fc.property(uri, fc.array(told, { minLength: 1 }), fc.boolean(), (text, script, publicOnly) => {
      const dns = new LyingDns().otherwise((_, nth) => script[nth % script.length] ?? "never");
      const p = paramsFor(text, { publicOnly, families: ["AAAA", "A"], transports: ours });
      const { said, elapsedMs, steps } = resolve(locate, p, dns);
      expect(said).toHaveLength(1);
      expect(elapsedMs).toBeLessThanOrEqual(locate.SEARCH_MS);
      expect(dns.packets.length).toBeLessThanOrEqual(locate.MAX_QUESTIONS);
      expect(steps).toBeLessThan(200);
      for (const output of said) {
        if (output.kind !== "Located") continue;
        expect(output.targets.length).toBeGreaterThan(0);
        expect(output.targets.length).toBeLessThanOrEqual(MAX_TARGETS);
        const keys = output.targets.map((target) => JSON.stringify(target));
        expect(new Set(keys).size).toBe(keys.length);
      }
    }),
    { numRuns: 500 },
  );
});

test("inputs in any order, then Abandon: it ends, says one thing, and nothing more", () => {
  const key = fc.constantFrom(
    ...["NAPTR example.com", "SRV _sip._udp.example.com", "SRV _sip._tcp.example.com"],
    ...["SRV _sips._tcp.example.com", "A example.com"],
  );
  const answer = fc.constantFrom<Answer>(none, foundOf([{ type: "A", address: "192.0.2.1" }]), {
    ...{ kind: "Alias", name: "example.com", ttlSeconds: 1 },
  });
  const input = fc.oneof(
    fc.constant<locate.Input>(TICK),
    fc
      .tuple(key, answer)
      .map(([k, a]): locate.Input => ({ kind: "Answered", question: asked(k), answer: a })),
  );
  const p = paramsFor("sip:user@example.com");
  fc.assert(
    fc.property(fc.array(fc.tuple(input, fc.nat(3_000))), (script) => {
      let now = 0;
      let [s, ...outputs] = locate.start(p, now);
      let words = 0;
      const all: readonly (readonly [locate.Input, number])[] = [...script, [ABANDON, 0]];
      for (const [one, wait] of all) {
        const was = s.name;
        now += wait;
        [s, ...outputs] = locate.step(p, s, one, now);
        if (was === "Ended") expect(outputs).toEqual([]);
        words += outputs.filter(({ kind }) => kind !== "Query").length;
      }
      expect(s).toEqual({ name: "Ended" });
      expect(words).toBe(1);
      expect(locate.deadline(s)).toBe(NEVER);
    }),
  );
});
