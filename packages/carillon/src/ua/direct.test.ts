/** Phones without a server: they call each other at their addresses. */
import { describe, expect, test } from "vitest";
import { Servers } from "../endpoint/servers.ts";
import { header } from "../message/headers.ts";
import { parseMessage } from "../message/message.ts";
import { house } from "../testing/house.ts";
import { LyingDns } from "../testing/network/lying-dns.ts";
import { type Host, Network } from "../testing/network.ts";
import { requestText } from "../testing/request-text.ts";
import { silentMedia } from "../testing/silent-media.ts";
import { isOnLink } from "../transport/on-link.ts";
import type { Call } from "./call.ts";
import { Phone, type PhoneOptions } from "./phone.ts";

interface Lone {
  readonly phone: Phone;
  readonly host: Host;
}

/** A phone at this address, whose network is the first 24 bits of it. */
function phoneAt(network: Network, address: string, options: Partial<PhoneOptions> = {}): Lone {
  let host!: Host;
  const name = options.aor?.split(/[:@]/)[1] ?? address;
  const phone = new Phone(
    { aor: `sip:${name}@${address}`, ...options },
    {
      crypto: network.crypto,
      media: () => silentMedia(address),
      isLocal: (other) => isOnLink(other, [{ address, prefixLength: 24 }]),
      run: (endpoint) => {
        endpoint.find(() => new Servers(endpoint, { transports: ["UDP", "TCP"] }));
        host = network.host(name, { host: address, port: 5060 }, endpoint);
        return host;
      },
      servers: () => [],
    },
  );
  return { phone, host };
}

function pair(network = new Network(), options: Partial<PhoneOptions> = {}) {
  const alice = phoneAt(network, "192.0.2.5", { aor: "sip:alice@192.0.2.5", ...options });
  const bob = phoneAt(network, "192.0.2.7", { aor: "sip:bob@192.0.2.7" });
  return { network, alice, bob };
}

async function talk(network: Network, from: Phone, to: Phone, target: string) {
  const coming = to.calls().next();
  const call = from.call(target);
  const { value: other } = (await network.until(coming, 5000)) as { value: Call };
  await network.until(Promise.all([other.answer(), call.answered]), 5000);
  return { call, other };
}

describe("two phones without a server", () => {
  test("say of an address where nobody is that nobody is there, and of no server", async () => {
    const { network, alice, bob } = pair();
    bob.host.stop();
    const call = alice.phone.call("sip:bob@192.0.2.7");
    expect(await network.until(call.ended, 5000)).toMatchObject({
      ...{ code: "SIP_TRANSPORT", message: "Nobody can be reached at that address." },
    });
  });

  test("RFC 3261 §8.1.2 call each other at an address, over UDP and TCP, and hang up", async () => {
    for (const target of ["sip:bob@192.0.2.7", "sip:bob@192.0.2.7:5060;transport=tcp"]) {
      for (const by of ["caller", "callee"]) {
        const { network, alice, bob } = pair();
        expect(alice.phone.state).toEqual({ name: "Listening" });
        await network.until(alice.phone.register());
        const { call, other } = await talk(network, alice.phone, bob.phone, target);
        expect(other.peer.uri).toBe("sip:alice@192.0.2.5");
        await network.until(call.hold(), 5000);
        expect(other.state).toMatchObject({ held: "ByThem" });
        const [one, two] = by === "caller" ? [call, other] : [other, call];
        one.hangUp();
        expect(await network.until(two.ended, 5000)).toMatchObject({ code: "SIP_HUNG_UP" });
        await network.run(40_000);
        for (const { host } of [alice, bob]) {
          expect(host.endpoint.census(), target).toMatchObject({ servers: 0, clients: 0 });
        }
        const octets = network.sights.map((sight) => sight.octets);
        const first = octets.find((text) => text.startsWith("INVITE ")) ?? "";
        const message = parseMessage(first);
        const transport = target.includes("tcp") ? ";transport=tcp" : "";
        expect(message.ok && header(message.value, "Contact")).toBe(
          `<sip:alice@192.0.2.5:5060${transport}>`,
        );
      }
    }
  });

  test("RFC 3263 find each other by name, where there is a DNS", async () => {
    const dns = new LyingDns().zone("bob.example A 192.0.2.7");
    const { network, alice, bob } = pair(new Network({ dns }));
    const { call, other } = await talk(network, alice.phone, bob.phone, "sip:bob@bob.example");
    other.hangUp();
    await network.until(call.ended, 5000);
  });

  test("are told when nobody is there, and when the other one declines", async () => {
    const { network, alice, bob } = pair();
    const nobody = alice.phone.call("sip:bob@192.0.2.99");
    expect(await network.until(nobody.ended, 60_000)).toMatchObject({ by: "network" });
    const calls = bob.phone.calls();
    const call = alice.phone.call("sip:bob@192.0.2.7");
    const { value: coming } = (await network.until(calls.next())) as { value: Call };
    coming.decline();
    expect(await network.until(call.ended)).toMatchObject({ code: "SIP_DECLINED" });
    const stranger = alice.phone.call("sip:carol@192.0.2.7");
    expect(await network.until(stranger.ended)).toMatchObject({ code: "SIP_NOT_FOUND" });
  });

  test("go on when one of them has another address", async () => {
    const { network, alice, bob } = pair();
    const { call, other } = await talk(network, alice.phone, bob.phone, "sip:bob@192.0.2.7");
    const states: string[] = [];
    void (async () => {
      for await (const { name } of call.states()) states.push(name);
    })();
    const moved = { host: "192.0.2.55", port: 5060 };
    network.move(alice.host, moved);
    alice.phone.networkChanged([moved.host]);
    await network.run(3000);
    expect(states).toEqual(["Established", "Reconnecting", "Established"]);
    other.hangUp();
    expect(await network.until(call.ended, 3000)).toMatchObject({ code: "SIP_HUNG_UP" });
    const bye = network.sights.findLast(({ octets }) => octets.startsWith("BYE "));
    expect(bye?.octets).toContain("BYE sip:alice@192.0.2.55:5060 ");
  });
});

describe("whose calls are taken", () => {
  const FAR = "198.51.100.9";
  const invited = async (options: Partial<PhoneOptions>, from: string) => {
    const network = new Network();
    const callee = phoneAt(network, "192.0.2.7", { aor: "sip:bob@192.0.2.7", ...options });
    const caller = phoneAt(network, from, { aor: `sip:eve@${from}` });
    callee.phone.calls();
    const call = caller.phone.call("sip:bob@192.0.2.7");
    await network.run(500);
    return call.state.name === "Ringing" ? "rings" : call.state.name;
  };

  test("without a server: from one's own networks, or anybody, or nobody", async () => {
    expect(await invited({}, "192.0.2.9")).toBe("rings");
    expect(await invited({}, FAR)).toBe("Ended");
    expect(await invited({ accept: "anyone" }, FAR)).toBe("rings");
    expect(await invited({ accept: "server" }, "192.0.2.9")).toBe("Ended");
  });

  test("with one: from it alone, unless its owner wants it otherwise", async () => {
    for (const accept of [undefined, "anyone"] as const) {
      const home = house();
      const bob = await home.signedIn("bob", "udp", accept ? { accept } : {});
      bob.calls();
      const caller = phoneAt(home.network, FAR, { aor: `sip:eve@${FAR}` });
      const { host } = home.hostOf(bob).address;
      const call = caller.phone.call(`sip:bob@${host}`);
      await home.network.run(500);
      expect(call.state.name).toBe(accept ? "Ringing" : "Ended");
    }
  });

  test("one who calls straight gets nothing of the calls by the server", async () => {
    const home = house();
    const bob = await home.signedIn("bob", "udp", { accept: "anyone" });
    const alice = await home.signedIn("alice");
    const { to } = await home.talk(alice, bob);
    const { callId, localTag, remoteTag } = to.dialog ?? {
      callId: "",
      localTag: "",
      remoteTag: "",
    };
    const eve = phoneAt(home.network, FAR, { aor: `sip:eve@${FAR}` });
    const { host } = home.hostOf(bob).address;
    const forged = requestText("BYE", {
      ...{ uri: `sip:bob@${host}`, callId, seq: 9 },
      from: `<sip:alice@house.example>;tag=${remoteTag}`,
      to: `<sip:bob@house.example>;tag=${localTag}`,
    });
    const far = eve.host as unknown as Parameters<Network["datagram"]>[0];
    home.network.datagram(far, { host, port: 5060 }, forged);
    await home.network.run(1000);
    expect(to.state.name).toBe("Established");
  });
});

describe("a phone with a server", () => {
  test("can call past it, where it is asked to", async () => {
    const home = house();
    const bob = phoneAt(home.network, "192.0.2.7", { aor: "sip:bob@192.0.2.7", accept: "anyone" });
    bob.phone.calls();
    const alice = await home.signedIn("alice");
    const call = alice.call("sip:bob@192.0.2.7", undefined, { direct: true });
    await home.network.run(500);
    expect(call.state.name).toBe("Ringing");
    const [, ...others] = home.network.sights.filter(({ octets }) => octets.startsWith("INVITE "));
    expect(others).toEqual([]);
  });
});
