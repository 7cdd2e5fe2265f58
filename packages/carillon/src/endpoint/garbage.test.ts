import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseMessage } from "../message/message.ts";
import { house } from "../testing/house.ts";
import { eachSpoiled, NASTY } from "../testing/nasty.ts";
import { requestText } from "../testing/request-text.ts";

/** A call on a quiet network, as octets to spoil: every kind of message that these flows have. */
async function seeds(way: Way): Promise<readonly string[]> {
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

interface Spoiling {
  /** Which line, and where in it: short headers are spoiled as often as long ones. */
  readonly line: number;
  readonly at: number;
  readonly cut: number;
  readonly text: string;
}

const spoiling: fc.Arbitrary<Spoiling> = fc.record({
  line: fc.nat(40),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  cut: fc.oneof({ weight: 3, arbitrary: fc.nat(6) }, fc.nat(400)),
  text: fc.oneof({ weight: 4, arbitrary: fc.constantFrom("", ...NASTY) }, fc.string()),
});

/** The same octets with a few places cut out and something else put in. */
function spoiled(octets: string, spoilings: readonly Spoiling[]): string {
  return spoilings.reduce((text, { line, at, cut, text: put }) => {
    const ends = [0, ...[...text.matchAll(/\r\n/g)].map(({ index }) => index + 2)];
    const from = ends[line % ends.length] ?? 0;
    const to = ends[(line % ends.length) + 1] ?? text.length;
    const start = from + Math.floor(at * (to - from));
    const kept = [...put].every((one) => one.charCodeAt(0) < 256) ? put : "?";
    return text.slice(0, start) + kept + text.slice(start + cut);
  }, octets);
}

const anyChanges = fc.array(spoiling, { minLength: 1, maxLength: 4 });

type Way = "udp" | "ws";

/** A host of a fresh house to feed with octets; afterwards nothing of them may be left. */
async function victim(who: "server" | "phone", way: Way) {
  const home = house();
  const phone = home.phone("alice");
  await home.network.until(phone.register());
  const listening = phone.calls();
  const isServer = who === "server";
  const host = isServer ? home.server : home.hostOf(phone);
  const remote = isServer ? { host: "203.0.113.77", port: 5060 } : home.server.address;
  const ends = { local: host.address, remote };
  const connection = 99;
  if (way === "ws") host.input({ kind: "Opened", connection, transport: "WS", ...ends });
  const feed = (octets: string) => {
    if (way === "ws") host.input({ kind: "Received", connection, octets });
    else host.input({ kind: "Datagram", ...ends, octets });
    for (const { octets: sent } of home.network.sights.splice(0)) {
      if (!parseMessage(sent).ok) throw new Error(`what it says cannot be read: ${sent}`);
    }
  };
  const census = async () => {
    await listening.return?.();
    if (way === "ws") host.input({ kind: "Closed", connection });
    // Calls that got through ring until somebody gives up.
    await home.network.run(400_000);
    return host.endpoint.census();
  };
  return { feed, census };
}

describe("garbage", () => {
  for (const [who, way] of [
    ["server", "udp"],
    ["server", "ws"],
    ["phone", "udp"],
  ] as const) {
    test(`never makes a ${who} throw, and leaves nothing behind (${way})`, async () => {
      const { feed, census } = await victim(who, way);
      const all = fc.constantFrom(...(await seeds(way)));
      const property = fc.property(all, anyChanges, (octets, changes) => {
        feed(spoiled(octets, changes));
      });
      fc.assert(property, { numRuns: 5000 });
      expect(await census()).toMatchObject({ servers: 0, clients: 0 });
    });

    test(`in any header does not make a ${who} throw either (${way})`, async () => {
      const { feed, census } = await victim(who, way);
      for (const octets of rich()) for (const text of eachSpoiled(octets)) feed(text);
      expect(await census()).toMatchObject({ servers: 0, clients: 0 });
    });
  }
});
