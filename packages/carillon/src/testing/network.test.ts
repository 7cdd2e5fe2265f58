import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { portableCrypto } from "../auth/portable-crypto.ts";
import { createEndpoint } from "../endpoint/endpoint.ts";
import type { Role } from "../endpoint/role.ts";
import { house } from "./house.ts";
import { Network, type NetworkOptions } from "./network.ts";
import { seeded, seededBytes } from "./random.ts";

/** Everything that is said in a stormy call. */
async function storm(seed: number): Promise<string> {
  const weather = { loss: 0.2, duplication: 0.1, jitterMs: 80, delayMs: 20 };
  const { network, phone } = house({ seed, ...weather });
  const [alice, bob] = [phone("alice"), phone("bob", "ws")];
  await network.until(Promise.all([alice.register(), bob.register()]), 120_000);
  const calls = bob.calls();
  alice.call("sip:bob@house.example");
  const { value: call } = await network.until(calls.next(), 120_000);
  void call.answer().catch(() => {});
  await network.run(40_000);
  call.hangUp();
  await network.run(60_000);
  return JSON.stringify(network.sights);
}

const hash = (text: string) => createHash("sha256").update(text).digest("hex");

describe("the simulated network", () => {
  test("says the same to the last octet with the same seed, and else with another", async () => {
    const [one, again, other] = [await storm(3), await storm(3), await storm(4)];
    expect(one.length).toBeGreaterThan(5000);
    expect(hash(one)).toBe(hash(again));
    expect(hash(one)).not.toBe(hash(other));
  });

  test("loses, doubles and delays as many datagrams as it was told to", async () => {
    const { network, arrivals, send } = line({
      loss: 0.2,
      duplication: 0.1,
      delayMs: 50,
      jitterMs: 100,
    });
    for (let i = 0; i < 10_000; i++) send(i);
    await network.run(1000);
    const lost = network.sights.filter((one) => one.lost).length;
    expect(lost / 10_000).toBeCloseTo(0.2, 1);
    expect((arrivals.length + lost - 10_000) / (10_000 - lost)).toBeCloseTo(0.1, 1);
    const delays = arrivals.map(({ afterMs }) => afterMs);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(50);
    expect(Math.max(...delays)).toBeLessThan(150);
    expect(mean(delays)).toBeGreaterThan(95);
    expect(mean(delays)).toBeLessThan(105);
    const order = arrivals.map(({ nth }) => nth);
    expect(order, "they overtake each other").not.toEqual([...order].sort((a, b) => a - b));
  });

  test("keeps everything on a connection, in order, and its end comes last", async () => {
    const { network, phone } = house({ loss: 0.9, jitterMs: 500, duplication: 0.5 });
    const alice = phone("alice", "ws");
    await network.until(alice.register());
    expect(network.sights.every(({ lost }) => !lost)).toBe(true);
    // It signs off and closes in one turn: the server hears the farewell first.
    const closing = alice.close();
    await network.until(closing);
    await network.run(1000);
    expect(network.sights.at(-1)?.octets).toMatch(/^SIP\/2\.0 200 OK/);
  });

  test("a host that is closed says and hears nothing more, and its peers hear of it", async () => {
    const { network, server, phone, hostOf } = house();
    const alice = phone("alice", "ws");
    await network.until(alice.register());
    expect(server.endpoint.census().connections).toBe(1);
    hostOf(alice).close();
    await network.run(100);
    expect(server.endpoint.census().connections).toBe(0);
    const sights = network.sights.length;
    await network.run(3_600_000);
    expect(network.sights).toHaveLength(sights);
  });

  test("an hour passes in no time, and until gives up when it was told to", async () => {
    const { network } = house();
    const before = network.now;
    await expect(network.until(new Promise(() => {}), 3_600_000)).rejects.toThrow("3600000 ms");
    expect(network.now - before).toBe(3_600_000);
  });
});

const mean = (all: readonly number[]) => all.reduce((sum, one) => sum + one, 0) / all.length;

/** Two hosts, and what arrives at the second one. */
function line(weather: NetworkOptions) {
  const network = new Network({ seed: 5, ...weather });
  const arrivals: { nth: number; afterMs: number }[] = [];
  const sentAt = network.now;
  const crypto = portableCrypto(seededBytes(seeded(1)));
  const role: Role = { attach() {}, request() {}, ack() {} };
  const from = network.host(
    "a",
    { host: "192.0.2.1", port: 5060 },
    createEndpoint({ role, crypto }),
  );
  const heard = createEndpoint({
    role,
    crypto,
    trace: ({ octets }) =>
      arrivals.push({ nth: Number(octets.split(" ")[1]), afterMs: network.now - sentAt }),
  });
  const to = { host: "192.0.2.2", port: 5060 };
  network.host("b", to, heard);
  return {
    network,
    arrivals,
    send: (nth: number) => network.datagram(from, to, `number ${nth} of many sent`),
  };
}
