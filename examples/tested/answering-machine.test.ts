/**
 * The answering machine's tests: minutes of calls in milliseconds.
 *
 *   node --test examples/tested/answering-machine.test.ts
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type HouseOptions, house } from "carillon/testing";
import { answeringMachine } from "./answering-machine.ts";

/** A house in which bob is not at home, his machine is, and alice has a phone. */
async function atBobs(options: HouseOptions = {}) {
  const home = house(options);
  const { network, signedIn } = home;
  const [alice, machine] = [await signedIn("alice"), await signedIn("bob", "ws")];
  const left: string[] = [];
  void answeringMachine(machine, {
    sleep: (ms) => network.sleep(ms),
    ringsMs: 20_000,
    longestMs: 120_000,
    left: (from) => left.push(from),
  });
  home.ladder(); // Signing in is not what these tests are about.
  return { ...home, alice, machine, left };
}

test("it answers after twenty seconds and keeps what is said until they hang up", async () => {
  const { network, alice, left, withLadder } = await atBobs();
  await withLadder(async () => {
    const call = alice.call("sip:bob@house.example");
    await network.run(19_000);
    assert.equal(call.state.name, "Ringing");
    await network.until(call.answered, 2_000);
    await network.run(30_000);
    call.hangUp();
    await network.run(1_000);
    assert.deepEqual(left, ["sip:alice@house.example"]);
  });
});

test("who gives up before leaves no message", async () => {
  const { network, alice, left, withLadder } = await atBobs();
  await withLadder(async () => {
    const call = alice.call("sip:bob@house.example");
    await network.run(15_000);
    call.hangUp();
    await network.run(10_000);
    assert.deepEqual(left, []);
  });
});

test("a message has two minutes", async () => {
  const { network, alice, left, withLadder } = await atBobs();
  await withLadder(async () => {
    const call = alice.call("sip:bob@house.example");
    await network.until(call.answered);
    const since = network.now;
    const end = await network.until(call.ended, 180_000);
    assert.equal(end.by, "remote");
    assert.equal(Math.round((network.now - since) / 1000), 120);
    assert.equal(left.length, 1);
  });
});

for (let seed = 1; seed <= 20; seed++) {
  test(`on a line that loses every fifth datagram, seed ${seed}`, async () => {
    const { network, alice, left, withLadder } = await atBobs({ seed });
    network.weather = { loss: 0.2, duplication: 0.1, jitterMs: 100 };
    await withLadder(async () => {
      const call = alice.call("sip:bob@house.example");
      await network.until(call.answered, 30_000);
      await network.run(5_000);
      call.hangUp();
      await network.run(40_000);
      assert.equal(left.length, 1);
    });
  });
}

test("its connection is lost in the middle of a message, and the message goes on", async () => {
  const { network, alice, machine, left, hostOf, withLadder } = await atBobs();
  await withLadder(async () => {
    const call = alice.call("sip:bob@house.example");
    await network.until(call.answered);
    await network.run(5_000);
    hostOf(machine).disconnect();
    await network.run(10_000);
    assert.equal(call.state.name, "Established");
    call.hangUp();
    await network.run(1_000);
    assert.equal(left.length, 1);
    // Nothing of the call is left on the machine: no transaction, and no timer of one.
    await network.run(40_000);
    const { clients, servers } = hostOf(machine).endpoint.census();
    assert.deepEqual({ clients, servers }, { clients: 0, servers: 0 });
  });
});
