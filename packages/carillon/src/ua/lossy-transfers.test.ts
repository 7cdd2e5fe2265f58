/** Transfers on a network that loses, doubles and reorders: whatever happens, all agree on it. */

import { expect, test } from "vitest";
import { type House, house } from "../testing/house.ts";
import type { Call } from "./call.ts";
import type { Phone } from "./phone.ts";
import type { Transfer } from "./transfer.ts";
import * as transferring from "./transferring.ts";

const WEATHER = { delayMs: 20, jitterMs: 60, loss: 0.2, duplication: 0.1 };
const SEEDS = 40;

async function three(seed: number) {
  const home = house({ seed });
  const alice = await home.signedIn("alice");
  const bob = await home.signedIn("bob", "udp", { transfers: "follow" });
  const carol = await home.signedIn("carol");
  const { from, to } = await home.talk(alice, bob);
  return { home, network: home.network, alice, bob, carol, from, to };
}

/** What it came to: told once, in time, and never open. */
async function outcome({ network }: House, transfer: Transfer): Promise<string> {
  await network.until(
    transfer.done.catch(() => {}),
    700_000,
  );
  return transfer.state.name;
}

/** Ends what still goes on, in good weather, and looks at what is left. */
async function leavesNothing(home: House, calls: readonly (Call | undefined)[], phones: Phone[]) {
  const { network } = home;
  network.weather = {};
  await network.run(5000);
  for (const call of calls) call?.hangUp();
  await network.run(700_000);
  return phones.map((phone) => {
    const { servers, clients } = home.hostOf(phone).endpoint.census();
    return servers + clients;
  });
}

/** Both talk, or one of them heard nothing of the other for half a minute. */
const goesOn = (call: Call | undefined) =>
  call?.state.name === "Established" ||
  (call?.state.name === "Ended" && call.state.end.code === "SIP_TIMEOUT");

const isOver = (call: Call | undefined) => call?.state.name === "Ended";

test(`blind, over ${SEEDS} seeds: done or refused in words, and both sides agree`, async () => {
  const outcomes: string[] = [];
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { home, network, alice, bob, carol, from, to } = await three(seed);
    const calls = carol.calls();
    void (async () => {
      for await (const call of calls) call.answer().catch(() => {});
    })();
    network.weather = WEATHER;
    const transfer = transferring.transfer(from, carol.aor);
    const came = await outcome(home, transfer);
    outcomes.push(came);
    await network.run(60_000);
    // Whoever was put through is so; whoever was not still talks, unless the line broke for both.
    if (came === "Transferred") {
      expect([isOver(from), isOver(to)], `seed ${seed}`).toEqual([true, true]);
      expect(goesOn(transferring.successorOf(to)), `seed ${seed}`).toBe(true);
    } else {
      expect(isOver(from), `seed ${seed}`).toBe(isOver(to));
    }
    const left = await leavesNothing(
      home,
      [from, to, transferring.successorOf(to)],
      [alice, bob, carol],
    );
    expect(left, `seed ${seed}`).toEqual([0, 0, 0]);
  }
  expect(outcomes.filter((one) => one === "Transferred").length).toBeGreaterThan(SEEDS * 0.8);
});

test(`attended, over ${SEEDS} seeds: two talk, and nobody else is left in a call`, async () => {
  const outcomes: string[] = [];
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { home, network, alice, bob, carol, from, to } = await three(seed);
    const { from: second, to: carols } = await home.talk(alice, carol);
    network.weather = WEATHER;
    const came = await outcome(home, transferring.transfer(from, second));
    outcomes.push(came);
    await network.run(100_000);
    if (came === "Transferred") {
      expect([from, to].map(isOver), `seed ${seed}`).toEqual([true, true]);
      // Where no ACK ever came, Carol never left her call with Alice.
      const isTaken = transferring.successorOf(carols) !== undefined;
      expect([second, carols].map(isOver), `seed ${seed}`).toEqual([isTaken, isTaken]);
      expect(goesOn(transferring.successorOf(to)), `seed ${seed}`).toBe(true);
    }
    const all = [
      from,
      to,
      second,
      carols,
      transferring.successorOf(to),
      transferring.successorOf(carols),
    ];
    const left = await leavesNothing(home, all, [alice, bob, carol]);
    expect(left, `seed ${seed}`).toEqual([0, 0, 0]);
  }
  expect(outcomes.filter((one) => one === "Transferred").length).toBeGreaterThan(SEEDS * 0.8);
});
