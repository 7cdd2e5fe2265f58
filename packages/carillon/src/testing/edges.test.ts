/** The library's phone with two flows: straight to its registrar, and by way of two edges. */
import { describe, expect, test } from "vitest";
import { createEndpoint } from "../endpoint/endpoint.ts";
import { domain } from "../roles/domain.ts";
import { MemoryLocation } from "../roles/location.ts";
import { webSocketAt } from "../transport/destination.ts";
import { Phone } from "../ua/phone.ts";
import { wholePhone } from "../ua/whole-phone.ts";
import { testAccounts } from "./accounts.ts";
import { type House, house } from "./house.ts";
import type { Host } from "./network.ts";
import { silentMedia } from "./silent-media.ts";

const INSTANCE = "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6";
const HOME = "198.51.100.1";
const [FIRST, SECOND] = ["198.51.100.11", "198.51.100.12"] as const;

/** A server of ours in front of the house. */
function edge({ network }: House, host: string): Host {
  const { crypto } = network;
  const [key, tokenKey] = [crypto.randomBytes(32), crypto.randomBytes(32)];
  const role = domain({
    ...{
      domain: `${host}.example`,
      aliases: [host],
      realm: host,
      node: "e1",
      crypto,
      key,
      tokenKey,
    },
    accounts: testAccounts(crypto, host, {}),
    location: new MemoryLocation(),
    policy: () => ({
      edge: {
        isServed: (name) => name === "house.example",
        registrar: `sip:${HOME}`,
        isHome: ({ remote }) => remote.host === HOME,
      },
    }),
  });
  const endpoint = createEndpoint({ role, crypto, key, node: "e1" });
  return network.host(`edge-${host}`, { host, port: 5060 }, endpoint);
}

/** bob's phone, with a flow to each of these over WebSocket. */
function phoneWithFlowsTo({ network }: House, servers: readonly string[]) {
  const ways = servers.map((host, nth) => ({
    ...({ kind: "Open", to: webSocketAt(`ws://${host}:5060/`), name: `flow ${nth + 1}` } as const),
  }));
  const aor = "sip:bob@house.example";
  const phone = new Phone(
    { aor, password: "b secret", instance: INSTANCE, flows: servers.length },
    {
      crypto: network.crypto,
      media: () => silentMedia(),
      run: (endpoint) => network.host("bob", { host: "203.0.113.99", port: 5060 }, endpoint),
      servers: () => ways,
    },
  );
  wholePhone(phone);
  return phone;
}

const bindings = ({ location, network }: House) => location.bindings("bob", network.now);
const invitesTo = ({ network }: House, name: string, since: number) =>
  network.sights
    .slice(since)
    .filter(({ to, octets }) => to === name && octets.startsWith("INVITE ")).length;

describe("RFC 5626: the library's phone at our server, with two flows", () => {
  test("is one device with two bindings, and rings once", async () => {
    const made = house();
    const { network } = made;
    const bob = phoneWithFlowsTo(made, [HOME, HOME]);
    await network.until(bob.register());
    await network.run(2000);
    expect(bindings(made).map(({ regId, instance }) => [regId, instance])).toEqual([
      [1, `<${INSTANCE}>`],
      [2, `<${INSTANCE}>`],
    ]);
    const alice = await made.signedIn("alice");
    const since = network.sights.length;
    const { from } = await made.talk(alice, bob);
    expect(invitesTo(made, "bob", since)).toBe(1);
    from.hangUp();
    await network.until(from.ended);
  });
});

describe("RFC 5626: the library's phone behind two edges of ours", () => {
  test("rings once by one edge, by the other when that is gone, and calls go on", async () => {
    const made = house();
    const { network } = made;
    const edges = [edge(made, FIRST), edge(made, SECOND)] as const;
    const bob = phoneWithFlowsTo(made, [FIRST, SECOND]);
    await network.until(bob.register());
    await network.run(2000);
    expect(bindings(made).map(({ regId, path = [] }) => [regId, path.length])).toEqual([
      [1, 1],
      [2, 1],
    ]);
    const alice = await made.signedIn("alice");
    let since = network.sights.length;
    const first = await made.talk(alice, bob);
    expect(invitesTo(made, "bob", since)).toBe(1);
    // The edge that it came by ends its connections; the phone's other flow is there.
    const used = invitesTo(made, `edge-${FIRST}`, since) === 1 ? 0 : 1;
    edges[used].disconnect();
    await network.run(100);
    await network.until(first.from.hold(), 10_000);
    first.from.hangUp();
    expect((await network.until(first.to.ended, 10_000)).by).toBe("remote");
    edges[used].stop();
    since = network.sights.length;
    const second = await made.talk(alice, bob);
    expect(invitesTo(made, "bob", since)).toBe(1);
    second.from.hangUp();
    await network.until(second.to.ended, 10_000);
  });
});
