import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseMessage } from "../message/message.ts";
import { house } from "../testing/house.ts";
import type { Host } from "../testing/network.ts";
import { requestText } from "../testing/request-text.ts";

/** A call on a quiet network, as octets to spoil: every kind of message that these flows have. */
async function seeds(way: "udp" | "ws"): Promise<readonly string[]> {
  const { network, phone } = house();
  const [alice, bob] = [phone("alice", way), phone("bob", way)];
  await network.until(Promise.all([alice.register(), bob.register()]));
  const incoming = bob.calls().next();
  const call = alice.call("sip:bob@house.example");
  const { value: ringing } = await network.until(incoming);
  await network.until(Promise.all([ringing.answer(), call.answered]));
  call.hangUp();
  await network.run(1000);
  const second = bob.calls().next();
  const cancelled = alice.call("sip:bob@house.example");
  await network.until(second);
  cancelled.hangUp();
  await network.run(1000);
  return [...network.sights.map(({ octets }) => octets), ...rich()];
}

/** Headers that no phone here sends, and that somebody repeats, reads or acts on. */
function rich(): readonly string[] {
  const lines = [
    "Contact: <sip:bob@192.0.2.9:5060>;expires=60;q=0.5",
    'Record-Route: <sip:p1.example;lr>, "P 2" <sip:p2.example;lr>',
    "Require: 100rel, timer",
    'Reason: SIP;cause=200;text="Call completed elsewhere"',
    "Timestamp: 54.5",
    "Expires: 30",
    'Warning: 399 carillon "what"',
    "Content-Type: application/sdp",
    "Content-Disposition: session;handling=optional",
    'WWW-Authenticate: Digest realm="house.example", nonce="abc", qop="auth"',
    'Authorization: Digest username="alice", realm="house.example", nonce="abc"',
  ];
  const uri = "sip:alice@203.0.113.1:5060";
  const requests = "INVITE BYE CANCEL OPTIONS REGISTER MESSAGE ACK"
    .split(" ")
    .flatMap((method) => [
      requestText(method, { uri, lines, body: "v=0\r\n", branch: "z9hG4bK-rich" }),
      requestText(method, { uri, lines: ["Proxy-Require: foo", ...lines], branch: "z9hG4bK-prox" }),
    ]);
  return requests;
}

const SPOILERS = [
  ...'\0\r\n\t "\\<>;,:=@?%/*',
  ...["\r\n", "\r\n ", "\r\n\r\n", "\\\0", "\xff", "\xc0\x80", "=", "==", "%00", "[::", "]"],
  ...["tag=", ";lr", "sip:", "sips:", "SIP/2.0", "z9hG4bK", "4294967296", "-1", "9".repeat(20)],
  ...["a".repeat(300), ",".repeat(70), ";a=b".repeat(120), "(".repeat(50), '"'.repeat(3)],
];

interface Spoiling {
  readonly at: number;
  readonly cut: number;
  readonly text: string;
}

const spoiling: fc.Arbitrary<Spoiling> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  cut: fc.oneof({ weight: 3, arbitrary: fc.nat(6) }, fc.nat(400)),
  text: fc.oneof({ weight: 4, arbitrary: fc.constantFrom("", ...SPOILERS) }, fc.string()),
});

/** The same octets with a few places cut out and something else put in. */
function spoiled(octets: string, spoilings: readonly Spoiling[]): string {
  return spoilings.reduce((text, { at, cut, text: put }) => {
    const start = Math.floor(at * text.length);
    const kept = [...put].every((one) => one.charCodeAt(0) < 256) ? put : "?";
    return text.slice(0, start) + kept + text.slice(start + cut);
  }, octets);
}

const anyChanges = fc.array(spoiling, { minLength: 1, maxLength: 4 });

/** Feeds one host of a fresh house; afterwards nothing of it may be left. */
async function survives(seeds: readonly string[], who: "server" | "phone", runs: number) {
  const home = house();
  const phone = home.phone("alice");
  await home.network.until(phone.register());
  const listening = phone.calls();
  const victim = home.network.hostAt({ host: "203.0.113.1", port: 5060 }) as Host;
  const host = who === "server" ? home.server : victim;
  const peer = who === "server" ? { host: "203.0.113.77", port: 5060 } : home.server.address;
  const before = host.endpoint.census().timers;
  const feed = (octets: string) =>
    host.input({ kind: "Datagram", local: host.address, remote: peer, octets });
  fc.assert(
    fc.property(fc.constantFrom(...seeds), anyChanges, (octets, changes) => {
      feed(spoiled(octets, changes));
      for (const { octets: sent } of home.network.sights.splice(0)) {
        expect(parseMessage(sent).ok, "what it says can be read").toBe(true);
      }
    }),
    { numRuns: runs },
  );
  await listening.return?.();
  // Calls that got through ring until somebody gives up.
  await home.network.run(400_000);
  return { census: host.endpoint.census(), before };
}

describe("garbage", () => {
  for (const way of ["udp", "ws"] as const) {
    test(`never makes a server throw, and leaves nothing behind (${way})`, async () => {
      const { census } = await survives(await seeds(way), "server", 5000);
      expect(census).toMatchObject({ servers: 0, clients: 0, connections: 0 });
    });
  }

  test("never makes a phone throw, though it comes from its own server", async () => {
    const { census } = await survives(await seeds("udp"), "phone", 3000);
    expect(census).toMatchObject({ clients: 0 });
  });
});
