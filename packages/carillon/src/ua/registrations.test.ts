/** Several servers, several flows, and what keeps each alive. */

import { describe, expect, test } from "vitest";
import { createEndpoint } from "../endpoint/endpoint.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import { header, headerLines } from "../message/headers.ts";
import type { Host } from "../testing/network.ts";
import { Network } from "../testing/network.ts";
import { silentMedia } from "../testing/silent-media.ts";
import { webSocketAt } from "../transport/destination.ts";
import type { Address } from "../uri/host.ts";
import { Phone, type PhoneOptions } from "./phone.ts";
import type { ServerWay } from "./server-way.ts";
import { wholePhone } from "./whole-phone.ts";

const INSTANCE = "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6";

/** A registrar that says yes to all, with what a test wants said beside. */
interface Registrar {
  readonly host: Host;
  readonly name: string;
  /** Contacts of the REGISTERs that came, with Expires. */
  readonly heard: string[];
  readonly requests: Incoming[];
  lines: readonly (readonly [string, string])[];
  status: number;
  /** Of the response's Contact, after its URI. */
  params: string;
}

interface Stage {
  readonly network: Network;
  readonly servers: readonly Registrar[];
  readonly phone: Phone;
  readonly host: Host;
  inUse(): (string | undefined)[];
}

const addressOf = (nth: number): Address => ({ host: `198.51.100.${nth + 1}`, port: 5060 });

function registrar(network: Network, nth: number): Registrar {
  const made: { -readonly [K in keyof Registrar]: Registrar[K] } = {
    ...{ host: undefined as unknown as Host, name: `ws://198.51.100.${nth + 1}:5060/` },
    ...{ heard: [], requests: [], lines: [], status: 200, params: "" },
  };
  const endpoint = createEndpoint({
    crypto: network.crypto,
    role: {
      attach() {},
      ack() {},
      request(from) {
        const contact = header(from.request, "Contact") ?? "";
        const expires = header(from.request, "Expires") ?? "";
        made.heard.push(`${contact} ${expires}`);
        made.requests.push(from);
        const told = `${contact}${made.params};expires=600`;
        const headers = [["Contact", told] as const, ...made.lines];
        // 439 is about what was asked for beside.
        const isPlain = made.status === 439 && !contact.includes("reg-id");
        endpoint.reply(from, { status: isPlain ? 200 : made.status, headers });
      },
    },
  });
  made.host = network.host(`server-${nth + 1}`, addressOf(nth), endpoint);
  return made;
}

const overWebSocket = (nth: number): ServerWay => {
  const { host, port } = addressOf(nth);
  const url = `ws://${host}:${port}/`;
  return { kind: "Open", to: webSocketAt(url), name: url };
};

function stage(count: number, options: Partial<PhoneOptions> = {}, way = overWebSocket): Stage {
  const network = new Network();
  const servers = Array.from({ length: count }, (_, nth) => registrar(network, nth));
  let host!: Host;
  const phone = new Phone(
    { aor: "sip:alice@example.com", ...options },
    {
      crypto: network.crypto,
      media: () => silentMedia(),
      run: (endpoint) => {
        host = network.host("alice", { host: "203.0.113.1", port: 5060 }, endpoint);
        return host;
      },
      servers: () => servers.map((_, nth) => way(nth)),
    },
  );
  wholePhone(phone);
  const inUse = () =>
    phone.flows().map(({ server, state }) => (state.name === "Registered" ? server : undefined));
  return { network, servers, phone, host, inUse };
}

const at = (nth: number) => `ws://198.51.100.${nth + 1}:5060/`;

describe("a phone with several servers", () => {
  test("uses the preferred one, and leaves the others alone", async () => {
    const { network, phone, servers, inUse } = stage(3);
    await network.until(phone.register());
    await network.run(600_000);
    expect(inUse()).toEqual([at(0)]);
    expect(servers.map(({ heard }) => heard.length > 0)).toEqual([true, false, false]);
  });

  test("goes to the next at once when one is down, or refuses for now", async () => {
    for (const trouble of ["down", "busy", "silent"] as const) {
      const { network, phone, servers, inUse } = stage(3);
      const [first, second] = servers as [Registrar, Registrar];
      if (trouble === "down") first.host.stop();
      if (trouble === "busy") first.status = 503;
      if (trouble === "silent") first.host.hang();
      second.host.stop();
      await network.until(phone.register(), 6000);
      expect([trouble, inUse()]).toEqual([trouble, [at(2)]]);
    }
  });

  test("says that none can be had when that is so", async () => {
    const { network, phone, servers, inUse } = stage(2);
    for (const { host } of servers) host.stop();
    await expect(network.until(phone.register())).rejects.toMatchObject({ code: "SIP_TRANSPORT" });
    expect(phone.state).toMatchObject({ name: "Connecting" });
    expect(inUse()).toEqual([undefined]);
  });

  test("returns to the preferred one, without ever being unregistered", async () => {
    const { network, phone, servers, inUse } = stage(2);
    const [first, second] = servers as [Registrar, Registrar];
    first.status = 503;
    await network.until(phone.register());
    expect(inUse()).toEqual([at(1)]);
    const states: string[] = [];
    void (async () => {
      for await (const { name } of phone.states()) states.push(name);
    })();
    first.status = 200;
    await network.run(60_000);
    expect(inUse()).toEqual([at(0)]);
    expect(states).toEqual(["Registered"]);
    await network.run(60_000);
    expect(second.host.endpoint.census().connections, "the other one is closed").toBe(0);
  });

  test("asks a better one more and more rarely, and stays where it is meanwhile", async () => {
    const { network, phone, servers, inUse } = stage(2);
    const [first] = servers as [Registrar];
    first.status = 503;
    await network.until(phone.register());
    first.heard.length = 0;
    await network.run(3_600_000);
    expect(inUse()).toEqual([at(1)]);
    expect(first.heard.length).toBeGreaterThan(5);
    expect(first.heard.length).toBeLessThan(15);
  });

  test("goes on with the next when the connection of the one in use breaks", async () => {
    const { network, phone, servers, inUse } = stage(2);
    await network.until(phone.register());
    servers[0]?.host.stop();
    await network.run(5000);
    expect(inUse()).toEqual([at(1)]);
  });

  test("is refused on merit by the first, and asks nobody else", async () => {
    const { network, phone, servers } = stage(2);
    (servers[0] as Registrar).status = 403;
    await expect(network.until(phone.register())).rejects.toMatchObject({ status: 403 });
    expect(phone.state.name).toBe("Failed");
    await network.run(600_000);
    expect(servers[1]?.heard).toEqual([]);
  });
});

describe("a phone over UDP with several servers", () => {
  const overUdp = (nth: number): ServerWay => ({
    kind: "Flow",
    flow: () => ({
      ...{ transport: "UDP", local: { host: "203.0.113.1", port: 5060 }, connection: 0 },
      remote: addressOf(nth),
    }),
  });

  test("does not wait for a silent one longer than five seconds", async () => {
    const { network, phone, servers } = stage(2, {}, overUdp);
    servers[0]?.host.close();
    await network.until(phone.register(), 6000);
    expect(servers[1]?.heard).toHaveLength(1);
  });
});

describe("RFC 5626: a phone with two flows", () => {
  const both = { instance: INSTANCE, flows: 2 };

  test("§4.2.1 registers each with a reg-id of its own, and asks for what it needs", async () => {
    const { network, phone, servers, inUse } = stage(3, both);
    await network.until(phone.register());
    await network.run(1000);
    expect(inUse()).toEqual([at(0), at(1)]);
    const [first, second] = servers as [Registrar, Registrar];
    //= RFC 5626 §4.2.1
    //# A UAC conforming to this specification MUST include in the Contact header field, a "reg-id"
    //# parameter that is distinct from other "reg-id" parameters used in other registrations that
    //# use the same "+sip.instance" Contact header field parameter and AOR.
    //= RFC 5626 §4.2.1
    //# The sequence of reg-id values does not have to be sequential but MUST be exactly the same
    //# sequence of reg-id values each time the UA instance power cycles or reboots, so that the
    //# reg-id values will collide with the previously used reg-id values.
    //= RFC 5626 §4.2.1
    //# REGISTER requests, other than those described in Section 4.2.3, MUST include an instance-id
    //# media feature tag as specified in Section 4.1.
    //= RFC 5627 §4.1
    //# Furthermore, for each contact for which the UA desires to obtain a GRUU, the UA MUST include
    //# a "sip.instance" media feature tag (see RFC 5626 [14]) as a UA characteristic (see [7]),
    //# whose value MUST be the instance ID that identifies the UA instance being registered.
    //= RFC 5627 §4.1
    //# If a UA instance is trying to register multiple contacts for the same instance for the
    //# purposes of redundancy, it MUST use the procedures defined in RFC 5626 [14].
    expect(first.heard[0]).toContain(`;+sip.instance="<${INSTANCE}>";reg-id=1 `);
    expect(second.heard[0]).toContain(`;+sip.instance="<${INSTANCE}>";reg-id=2 `);
    //= RFC 5626 §4.2.1
    //# UAs that support this specification MUST include the outbound option tag in a Supported
    //# header field in a REGISTER request.
    //= RFC 5626 §4.2.1
    //# The UAC MUST support the Path header [RFC3327] mechanism, and indicate its support by
    //# including the 'path' option-tag in a Supported header field value in its REGISTER requests.
    const [one, other] = [first.requests[0], second.requests[0]];
    //= RFC 5627 §4.1
    //# When a UA compliant to this specification generates a REGISTER request (initial or refresh),
    //# it MUST include the Supported header field in the request. The value of that header field
    //# MUST include "gruu" as one of the option tags.
    expect(one && header(one.request, "Supported")).toBe("path, outbound, gruu");
    expect(one?.essentials.callId).not.toBe(other?.essentials.callId);
    expect(servers[2]?.heard).toEqual([]);
  });

  test("is registered as long as one of them is, and makes the other anew", async () => {
    const { network, phone, servers, inUse } = stage(2, both);
    await network.until(phone.register());
    await network.run(1000);
    const [first] = servers as [Registrar];
    first.host.disconnect();
    first.status = 503;
    await network.run(10_000);
    expect(inUse()).toEqual([undefined, at(1)]);
    expect(phone.state.name).toBe("Registered");
    first.status = 200;
    await network.run(90_000);
    expect(inUse()).toEqual([at(0), at(1)]);
    //= RFC 5626 §4.5
    //# Each new registration MUST have the same reg-id value as the registration it replaces.
    expect(first.heard.every((one) => one.includes("reg-id=1"))).toBe(true);
  });

  //= RFC 5626 §4.2.1
  //# However, a UA MUST support sets with at least two outbound proxy URIs and SHOULD support sets
  //# with up to four URIs.
  test("uses a third server for the one that fails", async () => {
    const { network, phone, servers, inUse } = stage(3, both);
    servers[1]?.host.stop();
    await network.until(phone.register());
    await network.run(1000);
    expect(inUse()).toEqual([at(0), at(2)]);
  });

  test("§4.2.1 goes without where the first hop lacks it", async () => {
    const { network, phone, servers } = stage(1, { instance: INSTANCE });
    const [first] = servers as [Registrar];
    first.status = 439;
    await network.until(phone.register());
    //= RFC 5626 §4.2.1
    //# If the registering UA receives a 439 (First Hop Lacks Outbound Support) response to a
    //# REGISTER request, it MAY re-attempt registration without using the outbound mechanism
    //# (subject to local policy at the client).
    expect(first.heard.map((one) => one.includes("reg-id"))).toEqual([true, false]);
  });
});

describe("what keeps a flow alive", () => {
  const pings = (network: Network) =>
    network.sights.filter(({ octets }) => octets === "\r\n\r\n").length;

  //= RFC 5626 §4.4.1
  //# Clients MUST support this CRLF keep-alive.
  test("RFC 5626 §4.4.1 a server that stops to answer pings is left within a minute", async () => {
    const { network, phone, servers, inUse } = stage(2);
    await network.until(phone.register());
    await network.run(60_000);
    expect(pings(network)).toBeGreaterThanOrEqual(2);
    const began = network.now;
    servers[0]?.host.hang();
    while (inUse()[0] !== at(1) && network.now - began < 120_000) await network.run(1000);
    expect(network.now - began).toBeLessThan(48_000);
  });

  test("a connection that is doubted is asked at once, and left if it says nothing", async () => {
    const { network, phone, servers, inUse } = stage(2);
    await network.until(phone.register());
    // The first answer says that it answers; and a server that does is not left.
    for (let i = 0; i < 3; i++) {
      phone.checkConnection();
      await network.run(5000);
    }
    expect(inUse()[0]).toBe(at(0));
    servers[0]?.host.hang();
    const began = network.now;
    phone.checkConnection();
    await network.run(1000);
    expect(phone.state.name).toBe("Connecting");
    while (inUse()[0] !== at(1) && network.now - began < 60_000) await network.run(100);
    expect(network.now - began).toBeLessThan(10_000);
  });

  test("one that never answered a ping is not left for that", async () => {
    const { network, phone, servers, inUse } = stage(2);
    await network.until(phone.register());
    servers[0]?.host.hang();
    phone.checkConnection();
    await network.run(5000);
    expect(inUse()[0]).toBe(at(0));
  });

  test("RFC 5626 §4.4 the server says how often it wants to hear of a phone", async () => {
    const { network, phone, servers } = stage(1, { instance: INSTANCE });
    (servers[0] as Registrar).lines = [["Flow-Timer", "10"]];
    await network.until(phone.register());
    await network.run(100_000);
    expect(pings(network)).toBeGreaterThanOrEqual(10);
    expect(pings(network)).toBeLessThanOrEqual(13);
  });

  test("a phone that is closed sends no more", async () => {
    const { network, phone } = stage(1);
    await network.until(phone.register());
    await network.until(phone.close());
    const before = network.sights.length;
    await network.run(600_000);
    expect(network.sights.length).toBe(before);
  });
});

describe("what the registrar says beside the time", () => {
  const invite = async ({ network, phone, servers }: Stage) => {
    await network.until(phone.register());
    phone.call("sip:bob@example.com");
    await network.run(100);
    const found = servers[0]?.requests.find(({ request }) => request.method === "INVITE");
    if (!found) throw new Error("no INVITE came");
    return found.request;
  };

  test("RFC 5627 §4.2 its GRUU is the Contact of calls, where it is that of REGISTER", async () => {
    const made = stage(1, { instance: INSTANCE });
    const gruu = "sip:alice@example.com;gr=urn:uuid:f81d4fae-7dec";
    (made.servers[0] as Registrar).params = `;pub-gruu="${gruu}";temp-gruu="sip:t@example.com;gr"`;
    //= RFC 5627 §4.2
    //# The user and host parts of the GRUU learned by the UA in the REGISTER response MUST be
    //# treated opaquely by the UA. That is, the UA MUST NOT modify them in any way. A UA MUST NOT
    //# modify or remove URI parameters it does not recognize. Furthermore, the UA MUST NOT add,
    //# remove, or modify URI parameters relevant for receipt and processing of request at the
    //# proxy, including the transport, lr, maddr, ttl, user, and comp (see RFC 3486 [25]) URI
    //# parameters.
    expect(header(await invite(made), "Contact")).toBe(`<${gruu}>`);
    expect(made.servers[0]?.heard[0]).toContain(".invalid;transport=ws>");
  });

  //= RFC 5627 §4.2
  //# A UA MUST be prepared for a Contact header field to contain just a "pub-gruu", just a
  //# "temp-gruu", neither, or both.
  test("RFC 5627 §4.2 one that is no SIP URI, or another device's, is none", async () => {
    for (const params of [`;pub-gruu="tel:1"`, `;pub-gruu=""`]) {
      const made = stage(1, { instance: INSTANCE });
      (made.servers[0] as Registrar).params = params;
      expect(header(await invite(made), "Contact")).toContain(".invalid");
    }
  });

  test("RFC 3608 §6.1 its Service-Route stands in what begins a call, in its order", async () => {
    const made = stage(1);
    const [one, other] = ["<sip:p1.example;lr>", "<sip:p2.example;lr>"];
    (made.servers[0] as Registrar).lines = [["Service-Route", `${one}, ${other}`]];
    //= RFC 3608 §6.1
    //# The UA MUST preserve the order, in case there is more than one Service-Route header field or
    //# header field value.
    expect(headerLines(await invite(made), "Route")).toEqual([one, other]);
    expect(
      made.servers[0]?.requests.every(
        ({ request }) =>
          request.method !== "REGISTER" || headerLines(request, "Route").length === 0,
      ),
    ).toBe(true);
  });

  test("RFC 5626 §4.3 without a GRUU its Contact asks for its own flow", async () => {
    const made = stage(1, { instance: INSTANCE });
    (made.servers[0] as Registrar).lines = [["Require", "outbound"]];
    //= RFC 5626 §4.3
    //# If the UAC is not using such a GRUU, then the UAC adds an "ob" parameter to its Contact
    //# header field value.
    expect(header(await invite(made), "Contact")).toMatch(/;transport=ws;ob>$/);
  });
});
