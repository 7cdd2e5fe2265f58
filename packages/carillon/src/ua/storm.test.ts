import { describe, expect, test } from "vitest";
import { house } from "../testing/house.ts";
import { NASTY } from "../testing/nasty.ts";
import { seeded } from "../testing/random.ts";
import type { Call } from "./call.ts";

/** One octet in a message in ten is another, is gone, or has something nasty put before it. */
function spoil(octets: string, random: () => number): string {
  if (random() > 0.1) return octets;
  const at = Math.floor(random() * octets.length);
  const put = random() < 0.5 ? (NASTY[Math.floor(random() * NASTY.length)] ?? "") : "";
  const one = random() < 0.5 ? String.fromCharCode(Math.floor(random() * 256)) : "";
  return octets.slice(0, at) + put + one + octets.slice(at + 1);
}

/** A call in bad weather, hung up at some moment by one of the two. What it came to. */
async function call(seed: number, weather: Parameters<typeof house>[0]) {
  const home = house({ seed, ...weather });
  const { network } = home;
  const random = seeded(seed);
  const [alice, bob] = [home.phone("alice"), home.phone("bob")];
  for (const phone of [alice, bob]) phone.register().catch(() => {});
  await network.run(150_000);
  const incoming: Call[] = [];
  void (async () => {
    for await (const one of bob.calls()) {
      incoming.push(one);
      one.answer().catch(() => {});
    }
  })();
  const from = alice.call("sip:bob@house.example");
  from.ended.catch(() => {});
  // Somewhere between ringing and talking, or long after.
  await network.run(random() < 0.5 ? random() * 2000 : 60_000);
  const talked = from.state.name === "Established";
  if (random() < 0.5 || incoming.length === 0) from.hangUp();
  else for (const one of incoming) one.hangUp();
  await network.run(120_000);
  const ends = [from, ...incoming].map(({ state }) => state.name);
  if (from.state.name !== "Ended") from.hangUp();
  await network.run(200_000);
  const hosts = [home.server, home.hostOf(alice), home.hostOf(bob)];
  let isQuiet = false;
  // The phones sign in anew now and then: between two of those there is to be nothing.
  for (let i = 0; i < 20 && !isQuiet; i++) {
    await network.run(10_000);
    const left = hosts.map(({ endpoint }) => endpoint.census());
    isQuiet = left.every(({ servers, clients }) => servers + clients === 0);
  }
  return { talked, ends, isQuiet };
}

describe("a call when every fifth datagram is lost and others come twice and late", () => {
  test("is set up and ends on both sides, and leaves nothing behind, with 200 seeds", async () => {
    const weather = { loss: 0.2, duplication: 0.1, delayMs: 30, jitterMs: 60 };
    let talked = 0;
    for (let seed = 1; seed <= 200; seed++) {
      const outcome = await call(seed, weather);
      expect(outcome.ends, `seed ${seed}`).toEqual(outcome.ends.map(() => "Ended"));
      expect(outcome.isQuiet, `seed ${seed}`).toBe(true);
      if (outcome.talked) talked++;
    }
    expect(talked).toBeGreaterThan(100);
  }, 60_000);
});

describe("a call when one message in ten has an octet wrong", () => {
  test("may fail, but nobody throws, and in the end nothing is left of it", async () => {
    for (let seed = 1; seed <= 150; seed++) {
      const { isQuiet } = await call(seed, { spoil });
      expect(isQuiet, `seed ${seed}`).toBe(true);
    }
  }, 60_000);
});
