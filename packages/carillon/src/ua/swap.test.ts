/** Two calls of one person: one waits, one is held. RFC 5359 §2.1. */

import { expect, test } from "vitest";
import { type House, house } from "../testing/house.ts";
import type { Call } from "./call.ts";
import { swap } from "./swap.ts";

async function waiting(home: House = house()) {
  const alice = await home.signedIn("alice");
  const bob = await home.signedIn("bob");
  const carol = await home.signedIn("carol");
  const { from, to } = await home.talk(alice, bob);
  const calls = alice.calls();
  const third = carol.call(alice.aor);
  const { value: second } = (await home.network.until(calls.next())) as { value: Call };
  return { home, alice, from, to, third, second };
}

const held = ({ state }: Call) =>
  state.name === "Established" ? (state.held ?? "no") : state.name;

test("a call that waits is answered, and the one before it is put on hold", async () => {
  const { home, from, to, third, second } = await waiting();
  await home.network.until(swap(from, second));
  await home.network.until(third.answered);
  expect([from, to, second, third].map(held)).toEqual(["ByUs", "ByThem", "no", "no"]);
});

test("a person goes from one to the other and back", async () => {
  const { home, from, to, third, second } = await waiting();
  await home.network.until(swap(from, second));
  await home.network.until(swap(second, from));
  await home.network.run(100);
  expect([from, to, second, third].map(held)).toEqual(["no", "no", "ByUs", "ByThem"]);
});

test("where the other one is gone, the first goes on", async () => {
  const { home, from, to, third, second } = await waiting();
  third.hangUp();
  await home.network.until(second.ended);
  await expect(home.network.until(swap(from, second))).rejects.toMatchObject({
    code: "SIP_CANCELLED",
  });
  await home.network.run(100);
  expect([from, to].map(held)).toEqual(["no", "no"]);
});
