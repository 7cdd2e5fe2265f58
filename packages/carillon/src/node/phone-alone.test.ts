/** Phones on real sockets that have no server. */
import { createSocket } from "node:dgram";
import { afterEach, describe, expect, test } from "vitest";
import { certificate } from "../testing/certificate.ts";
import { silentMedia } from "../testing/silent-media.ts";
import type { Call } from "../ua/call.ts";
import type { PhoneOptions } from "../ua/phone.ts";
import { formatAddress } from "../uri/host.ts";
import { bindableAddresses, ownNetworks, soundAddress, watchAddresses } from "./own-networks.ts";
import { type NodePhoneOptions, Phone } from "./phone.ts";

type Options = Partial<PhoneOptions> & Pick<NodePhoneOptions<never>, "local" | "tls">;

const open: Phone<ReturnType<typeof silentMedia>>[] = [];

async function alone(user: string, host: string, more: Options = {}) {
  const made = await Phone.open({
    ...{ aor: `sip:${user}@${formatAddress({ host, port: 5060 }).replace(/:5060$/, "")}` },
    ...{ local: { host, port: 0 }, media: () => silentMedia(), ...more },
  });
  open.push(made);
  return made;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

async function talk(from: Awaited<ReturnType<typeof alone>>, to: typeof from, target: string) {
  const coming = to.calls().next();
  const call = from.call(target);
  const { value: other } = (await coming) as { value: Call };
  await Promise.all([other.answer(), call.answered]);
  return { call, other };
}

describe("a phone on Node without a server", () => {
  test.each(["127.0.0.1", "::1"])("is called at %s over UDP and TCP", async (host) => {
    const [alice, bob] = [await alone("alice", host), await alone("bob", host)];
    expect(alice.state).toEqual({ name: "Listening" });
    const [udp, tcp] = bob.addresses;
    expect(udp?.port, "the same for both").toBe(tcp?.port);
    for (const transport of ["", ";transport=tcp"]) {
      const at = formatAddress(udp ?? { host, port: 0 });
      const { call, other } = await talk(alice, bob, `sip:bob@${at}${transport}`);
      other.hangUp();
      expect((await call.ended).code).toBe("SIP_HUNG_UP");
    }
  });

  test("is called over TLS, where it has a certificate that proves where it is", async () => {
    const { cert, key } = certificate({ name: "bob's phone", uris: ["sip:127.0.0.1"] });
    const bob = await alone("bob", "127.0.0.1", { tls: { cert, key } });
    const alice = await alone("alice", "127.0.0.1", { tls: { ca: cert } });
    const secure = bob.addresses.find((_, at) => at === 2);
    expect(bob.addresses).toHaveLength(3);
    const target = `sip:bob@127.0.0.1:${secure?.port};transport=tls`;
    const { call, other } = await talk(alice, bob, target);
    call.hangUp();
    expect((await other.ended).code).toBe("SIP_HUNG_UP");
  });

  test("takes another port where nobody asked for the one that is taken", async () => {
    const other = createSocket("udp4");
    const host = "127.0.0.87";
    await new Promise<void>((bound) => other.bind({ address: host, port: 5060 }, bound));
    const phone = await alone("alice", host, { local: { host } });
    expect(phone.addresses[0]?.port).not.toBe(5060);
    await expect(alone("bob", host, { local: { host, port: 5060 } })).rejects.toMatchObject({
      code: "EADDRINUSE",
    });
    other.close();
  });

  test("listens at every address of the machine, if it is not told otherwise", async () => {
    const phone = await alone("alice", "127.0.0.1", { local: { port: 0 } });
    const hosts = new Set(phone.addresses.map(({ host }) => host));
    expect([...hosts].sort()).toEqual([...new Set(bindableAddresses())].sort());
  });

  test("is told when nobody is there", async () => {
    const alice = await alone("alice", "127.0.0.1");
    const call = alice.call("sip:bob@127.0.0.1:9;transport=tcp");
    expect(await call.ended).toMatchObject({ by: "network", code: "SIP_TRANSPORT" });
  });
});

describe("the networks of this machine", () => {
  test("are read with how large they are", () => {
    const info = { netmask: "", mac: "", internal: false, scopeid: 0 };
    const interfaces = {
      eth0: [
        { ...info, address: "192.168.1.20", cidr: "192.168.1.20/24", family: "IPv4" as const },
        { ...info, address: "fe80::1", cidr: "fe80::1/64", family: "IPv6" as const },
        { ...info, address: "2001:db8::1", cidr: null, family: "IPv6" as const },
      ],
    };
    expect(ownNetworks(interfaces as never)).toEqual([
      { address: "192.168.1.20", prefixLength: 24 },
      { address: "fe80::1", prefixLength: 64 },
      { address: "2001:db8::1", prefixLength: 128 },
    ]);
    expect(bindableAddresses(interfaces as never)).toEqual(["192.168.1.20", "2001:db8::1"]);
    expect(soundAddress(interfaces as never)).toBe("192.168.1.20");
    expect(soundAddress({ eth0: interfaces.eth0.slice(2) } as never)).toBe("2001:db8::1");
    expect(soundAddress({})).toBe("127.0.0.1");
  });

  test("are seen when they change, whatever the order, and not after the end", async () => {
    let addresses = ["a", "b"];
    const heard: (readonly string[])[] = [];
    const stop = watchAddresses(
      (now) => heard.push(now),
      5,
      () => addresses,
    );
    const pause = () => new Promise((done) => setTimeout(done, 40));
    addresses = ["b", "a"];
    await pause();
    expect(heard).toEqual([]);
    addresses = ["b", "c"];
    await pause();
    expect(heard).toEqual([["b", "c"]]);
    stop();
    addresses = ["d"];
    await pause();
    expect(heard).toHaveLength(1);
  });
});
