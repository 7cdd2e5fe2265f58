import { expect, test } from "vitest";
import { allFlows } from "./all-flows.ts";
import { playFlow } from "./flow.ts";
import { FlowStage } from "./flow-stage.ts";
import { playInStorm } from "./storm.ts";

const SEEDS = 40;

for (const flow of allFlows) {
  test(`${flow.source}: ${flow.title}: ends as it should, and leaves nothing behind`, async () => {
    const { came, stage } = await playFlow(flow);
    expect(came).toEqual(flow.ends);
    expect(stage.again).toBe(0);
    expect(await stage.left()).toEqual([]);
  });

  test(`${flow.source}: ${flow.title}: so it does in bad weather`, async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      expect(await playInStorm(flow, seed)).toMatchObject({ seed, failures: [] });
    }
  });
}

test("in bad weather the same story takes more messages", async () => {
  const [first] = allFlows;
  if (!first) throw new Error("there are no flows");
  const calm = (await playFlow(first)).sights.length;
  const stormy = await Promise.all([1, 2, 3, 4, 5].map((seed) => playInStorm(first, seed)));
  expect(Math.max(...stormy.map(({ messages }) => messages))).toBeGreaterThan(calm);
});

test("what is left of a call that nobody ended is told", async () => {
  const stage = new FlowStage({});
  const [alice, bob] = [await stage.signedIn("alice"), await stage.signedIn("bob")];
  await stage.talk(alice, bob);
  expect(await stage.left()).toEqual([
    "a call, outgoing, Established",
    "a call, incoming, Established",
    // When to register again, and when to refresh the session.
    "alice: 0 servers, 0 clients, 2 timers",
    "bob: 0 servers, 0 clients, 2 timers",
  ]);
});

test("a flow that comes to another end, or to none, is told with its seed", async () => {
  const [first] = allFlows;
  if (!first) throw new Error("there are no flows");
  const other = await playInStorm({ ...first, ends: ["something else"] }, 7);
  expect(other.seed).toBe(7);
  expect(other.failures).toEqual([
    'came to "phone: Registered; server: 1 device" and not to "something else"',
  ]);
  const play = () => Promise.reject(new Error("stuck"));
  expect((await playInStorm({ ...first, play }, 8)).failures).toEqual(["threw: Error: stuck"]);
});
