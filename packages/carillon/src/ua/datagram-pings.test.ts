/** A phone over UDP behind a box that is restarted. */
import { expect, test } from "vitest";
import { house } from "../testing/house.ts";
import { woken } from "./sleepable.ts";

const INSTANCE = "urn:uuid:f81d4fae-7dec-11d0-a765-000000000b0b";

//= RFC 5626 §4.4.2
//# If the XOR-MAPPED-ADDRESS in the STUN Binding Response changes, the UA MUST treat this event
//# as a failure on the flow.
test.each([1, 5, 20])(
  "RFC 5626 §4.4.2: a box that is restarted %i s after a REGISTER is noticed by the first ping",
  async (seconds) => {
    const home = house();
    const { network, location } = home;
    const nat = network.nat({ host: "192.0.2.9" });
    const phone = await home.signedIn("bob", "udp", { instance: INSTANCE, behind: nat });
    await network.run(seconds * 1000);
    nat.box.rebind();
    await network.run(35_000);
    const [binding] = location.bindings("bob", network.now);
    expect(binding?.flow.remote.port).toBe(61_002);
    const alice = await home.signedIn("alice");
    const call = alice.call(phone.aor);
    const { value: incoming } = await network.until(phone.calls().next());
    await network.until(Promise.all([incoming.answer(), call.answered]));
  },
);

/** `woken` while nobody talks, and called before the registrar has answered that. */
test("RFC 5626 §4.4.2: a box restarted in a call that came with a push is noticed", async () => {
  const home = house({ delayMs: 40 });
  const { network, location } = home;
  const nat = network.nat({ host: "192.0.2.9" });
  const phone = await home.signedIn("bob", "udp", { instance: INSTANCE, behind: nat });
  const alice = await home.signedIn("alice");
  await network.run(100_000);
  const call = alice.call(phone.aor);
  await network.run(100);
  woken(phone);
  const { value: incoming } = await network.until(phone.calls().next());
  await network.until(Promise.all([incoming.answer(), call.answered]));
  await network.run(2000);
  expect(location.bindings("bob", network.now)[0]?.flow.remote.port).toBe(61_001);
  nat.box.rebind();
  await network.run(35_000);
  expect(location.bindings("bob", network.now)[0]?.flow.remote.port).toBe(61_002);
  expect([call.state.name, incoming.state.name]).toEqual(["Established", "Established"]);
  incoming.hangUp();
  await network.until(call.ended);
});

test("a box that stays as it is has nobody register anew", async () => {
  const home = house();
  const { network } = home;
  const nat = network.nat({ host: "192.0.2.9" });
  await home.signedIn("bob", "udp", { instance: INSTANCE, behind: nat });
  const seen = network.sights.length;
  await network.run(200_000);
  const sent = network.sights.slice(seen).filter(({ octets }) => octets.startsWith("REGISTER"));
  expect(sent).toEqual([]);
});
