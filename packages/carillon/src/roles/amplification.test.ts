/**
 * RFC 5393 §3: people who register forwarders instead of phones, so that one call becomes many.
 * The server sends nothing to a name, only back to where a REGISTER came from; so there stands a
 * relay that forwards whatever it gets, with credentials that are right.
 */
import { describe, expect, test } from "vitest";
import { mintToken } from "../auth/token.ts";
import { createEndpoint, type Endpoint, type Role } from "../endpoint/endpoint.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import type { Octets } from "../grammar/octets.ts";
import { readEssentials } from "../message/essentials.ts";
import { parseMessage } from "../message/message.ts";
import { testAccounts } from "../testing/accounts.ts";
import { request } from "../testing/domain-stage.ts";
import { type Host, Network } from "../testing/network.ts";
import type { Flow } from "../transport/flow.ts";
import type { Address } from "../uri/host.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import { incomingBreadth } from "./breadth.ts";
import { domain } from "./domain.ts";
import { forwardRequest } from "./forward.ts";
import { MemoryLocation } from "./location.ts";
import { branchAbout, viaOf } from "./path.ts";
import { ProxyContext } from "./proxy-context.ts";

/** Contacts by the address they are registered for: `a@p1.example`. */
type Bindings = Readonly<Record<string, readonly string[]>>;

const RELAY: Address = { host: "203.0.113.66", port: 5060 };
const SERVERS: Readonly<Record<string, Address>> = {
  "p1.example": { host: "198.51.100.1", port: 5060 },
  "p2.example": { host: "198.51.100.2", port: 5060 },
};

interface Attack {
  /** INVITEs of the servers, in order. */
  readonly forwarded: readonly Forwarded[];
  /** What the caller heard at last. */
  readonly final: number;
}
interface Forwarded {
  readonly at: number;
  readonly breadth: number;
  /** The request it was made of, and what that had to spend. */
  readonly parent: string;
  readonly allowed: number;
}

/** Registers everybody from one relay, and calls the first. */
async function attack(bindings: Bindings, { forgetsBreadth = false } = {}): Promise<Attack> {
  const network = new Network();
  const people = Object.keys(bindings);
  const servers = Object.entries(SERVERS).map(([name, at]) => serverOf(network, name, at, people));
  const relay = new Relay(network.crypto, network.now + 3_600_000, forgetsBreadth);
  const host = network.host("relay", RELAY, relay.endpoint);
  for (const [aor, contacts] of Object.entries(bindings)) {
    host.call(() => relay.register(aor, contacts));
  }
  await network.run(1000);
  const finals: number[] = [];
  const [first = ""] = people;
  host.call(() => relay.call(first, (status) => finals.push(status)));
  await network.run(200_000);
  for (const { endpoint } of [...servers, host]) {
    expect(endpoint.census()).toMatchObject({ clients: 0, servers: 0 });
  }
  expect(finals).toHaveLength(1);
  return { forwarded: forwardedOn(network), final: finals[0] ?? 0 };
}

const KEY = new Uint8Array(32).fill(7);

function serverOf(network: Network, name: string, at: Address, people: readonly string[]): Host {
  const { crypto } = network;
  const users = people.map((aor) => aor.split("@")).filter(([, host]) => host === name);
  const living = testAccounts(crypto, name, Object.fromEntries(users.map(([user]) => [user, "x"])));
  const role = domain({
    ...{ domain: name, aliases: [at.host], realm: name, crypto, node: name.slice(0, 2) },
    accounts: { ...living, session: () => true },
    location: new MemoryLocation(),
    ...{ key: crypto.randomBytes(32), tokenKey: KEY },
  });
  const endpoint = createEndpoint({ role, crypto, node: name.slice(0, 2) });
  return network.host(name, at, endpoint);
}

/** A proxy that does what RFC 3261 asks of it, and looks for no loops. */
class Relay implements Role {
  readonly endpoint: Endpoint;
  readonly #expiresAt: number;
  readonly #forgetsBreadth: boolean;

  constructor(crypto: Network["crypto"], expiresAt: number, forgetsBreadth: boolean) {
    this.#expiresAt = expiresAt;
    this.#forgetsBreadth = forgetsBreadth;
    this.endpoint = createEndpoint({ role: this, crypto, node: "relay" });
  }

  attach(): void {}
  ack(): void {}

  register(aor: string, contacts: readonly string[]): void {
    const { flow, address, token } = this.#way(aor);
    const lines = contacts.map((contact) => `Contact: <${contact}>`);
    this.endpoint.transmit(
      flow,
      request("REGISTER", {
        via: `SIP/2.0/UDP ${RELAY.host};branch=z9hG4bK-${aor}`,
        uri: aor.replace(/^.*@/, "sip:"),
        ...{ from: `${address};tag=r`, to: address, callId: `reg-${aor}` },
        lines: [...lines, `Authorization: ${token}`],
      }),
    );
  }

  call(aor: string, heard: (status: number) => void): void {
    const { flow, address, token } = this.#way(aor);
    const text = request("INVITE", {
      via: `SIP/2.0/UDP ${RELAY.host};branch=z9hG4bK-first`,
      ...{ uri: `sip:${aor}`, from: `${address};tag=a`, to: address },
      lines: [`Proxy-Authorization: ${token}`],
    });
    this.endpoint.sendText(text, flow, {
      response: (_, { status }) => status >= 200 && heard(status),
      failed: () => heard(0),
    });
  }

  request(from: Incoming): void {
    const context = ProxyContext.accept(this.endpoint, from);
    const breadth = incomingBreadth(from.request);
    if (!context || !breadth.ok) return;
    const uri = from.request.uri.replace("relay.example", "p1.example");
    const { flow, address, token } = this.#way(uri.replace(/^sip:|;.*$/g, ""));
    const via = viaOf(flow, this.endpoint.ids.branch(branchAbout(from)));
    const text = forwardRequest(from, { uri, via, breadth: breadth.value, realm: "" })
      // Whoever is called is who calls: the next server asks for somebody of its own.
      .replace(/^From: <[^>]*>/m, `From: ${address}`)
      .replace(/^CSeq:/m, `Proxy-Authorization: ${token}\r\nCSeq:`)
      .replace(this.#forgetsBreadth ? /^Max-Breadth: .*\r\n/m : /$^/, "");
    const message = parseMessage(text);
    if (!message.ok || message.value.kind !== "Request") throw new Error("not a request");
    const essentials = readEssentials(message.value);
    if (!essentials.ok) throw new Error(essentials.error.message);
    context.forward([{ request: message.value, via: essentials.value.via, flow }]);
  }

  /** To the server of somebody, as that person. */
  #way(aor: string): { flow: Flow; address: Octets; token: string } {
    const parsed = parseSipUri(`sip:${aor}`);
    const [host, account = ""] = parsed.ok ? [parsed.value.host, parsed.value.user] : [""];
    const remote = SERVERS[host];
    if (!remote) throw new Error(`who is ${aor}?`);
    const claims = { account, session: "page", expiresAt: this.#expiresAt };
    return {
      flow: { transport: "UDP", local: RELAY, remote, connection: 0 },
      address: `<sip:${aor}>`,
      token: `Bearer ${mintToken(this.endpoint.crypto, KEY, claims)}`,
    };
  }
}

function forwardedOn({ sights }: Network): Forwarded[] {
  const invites = sights.filter(({ octets }) => octets.startsWith("INVITE "));
  const branches = ({ octets }: { octets: Octets }) =>
    [...octets.matchAll(/;branch=([^;\r]+)/g)].map(([, branch = ""]) => branch);
  const breadth = ({ octets }: { octets: Octets }) =>
    Number(/^Max-Breadth: (\d+)\r$/m.exec(octets)?.[1] ?? 60);
  const allowed = new Map(invites.map((one) => [branches(one)[0], breadth(one)]));
  // Nothing is lost here, so nothing is said twice.
  expect(allowed.size).toBe(invites.length);
  return invites.flatMap((one) => {
    const parent = branches(one)[1] ?? "";
    if (one.from === "relay") return [];
    return [{ at: one.at, breadth: breadth(one), parent, allowed: allowed.get(parent) ?? 0 }];
  });
}

function countBy<T>(all: readonly T[], key: (one: T) => unknown, size: (one: T) => number) {
  const sums = new Map<unknown, number>();
  for (const one of all) sums.set(key(one), (sums.get(key(one)) ?? 0) + size(one));
  return [...sums.values()];
}

/** The most that were sent in one instant: a row of the tree, as all ways are equally long. */
const widest = ({ forwarded }: Attack) =>
  Math.max(
    ...countBy(
      forwarded,
      ({ at }) => at,
      () => 1,
    ),
  );

/** So many people of one server, each of whom is forwarded to those that `next` says. */
function circle(count: number, next: (nth: number) => readonly number[]): Bindings {
  const contacts = (nth: number) => next(nth).map((to) => `sip:u${to % count}@relay.example`);
  const people = Array.from({ length: count }, (_, nth) => nth);
  return Object.fromEntries(people.map((nth) => [`u${nth}@p1.example`, contacts(nth)]));
}

const everybody = (count: number): Bindings =>
  circle(count, () => Array.from({ length: count }, (_, to) => to));

const SECONDS = { timeout: 2000 };

describe("RFC 5393 §3: amplification", SECONDS, () => {
  //= RFC 5393 §4.1
  //# When a SIP proxy forks a particular request to more than one location, it MUST ensure that
  //# request is not looping through this proxy.
  //= RFC 5393 §4.2.2
  //# Proxies required to perform loop detection by RFC 5393 MUST perform the following
  //# loop-detection test before forwarding a request.
  //= RFC 5393 §4.2.2
  //# If these values are equal, the request has looped and the proxy MUST reject the request with a
  //# 482 (Loop Detected) response.
  test("two accounts on each of two servers that call each other: 14 messages", async () => {
    const [one, two] = [
      ["sip:a@p1.example", "sip:b@p1.example"],
      ["sip:a@p2.example", "sip:b@p2.example"],
    ];
    const bindings = { "a@p1.example": two, "b@p1.example": two };
    const others = { "a@p2.example": one, "b@p2.example": one };
    const { forwarded, final } = await attack({ ...bindings, ...others } as Bindings);
    expect(forwarded).toHaveLength(14);
    expect(final).toBe(482);
  });

  test("one account that calls itself under two parameters: 10 messages", async () => {
    const contact = "sip:a@relay.example;unknown-param=";
    const { forwarded, final } = await attack({
      "a@p1.example": [`${contact}whack`, `${contact}thud`],
    });
    expect(forwarded).toHaveLength(10);
    expect(final).toBe(482);
  });

  test("loops alone are found just where the RFC's table has them", async () => {
    const counts: number[] = [];
    for (const people of [1, 2, 3, 4, 5]) {
      const { forwarded } = await attack(everybody(people), { forgetsBreadth: true });
      counts.push(forwarded.length);
    }
    expect(counts).toEqual([1, 4, 15, 64, 325]);
  });

  //= RFC 5393 §5.3.3
  //# SIP proxies MUST NOT allow the Outgoing Max-Breadth to exceed the Incoming Max-Breadth in a
  //# given response context.
  test("ten people who all call each other end within the breadth", async () => {
    const { forwarded, final } = await attack(everybody(10));
    // The first rings all ten, and each of them has 6 left for ten more: 440. The first itself is
    // found to be in a circle before.
    expect(forwarded.map(({ breadth }) => breadth)).toEqual(Array(10).fill(6));
    expect(final).toBe(482);
  });

  test("people who call the next two are never more than the breadth at a time", async () => {
    const ring = circle(10, (nth) => [nth + 1, nth + 2]);
    const bounded = await attack(ring);
    expect(widest(bounded)).toBeGreaterThan(30);
    expect(widest(bounded)).toBeLessThanOrEqual(60);
    expect(bounded.forwarded.length).toBeLessThanOrEqual(60 * 10);
    for (const { forwarded } of [bounded, await attack(everybody(5))]) {
      const spent = countBy(
        forwarded,
        ({ parent }) => parent,
        ({ breadth }) => breadth,
      );
      const first = new Map(forwarded.map(({ parent, allowed }) => [parent, allowed]));
      expect(spent).toEqual([...first.values()]);
    }
    expect(widest(await attack(ring, { forgetsBreadth: true }))).toBeGreaterThan(60);
  });
});
