import { expect, test } from "vitest";
import { house } from "./house.ts";
import { silentMedia } from "./silent-media.ts";

const AN_HOUR_MS = 3_600_000;

test("a story that fails has its ladder in message and stack, without keep-alives", async () => {
  const { network, signedIn, withLadder, ladder } = house();
  const [alice] = [await signedIn("alice", "ws"), await signedIn("bob")];
  ladder();
  const told = await withLadder(async () => {
    const call = alice.call("sip:bob@house.example");
    await network.run(60_000);
    throw new RangeError(`the call is ${call.state.name}`);
  }).catch((error: unknown) => error);
  expect(told).toBeInstanceOf(RangeError);
  const { message, stack } = told as RangeError;
  expect(message).toMatch(/^the call is Ended\n\n +alice +server +bob\n/);
  expect(message).toMatch(/\|-+ INVITE -+>\|/);
  expect(network.sights.some(({ octets }) => octets.trim() === "")).toBe(true);
  expect(message).not.toContain("keep-alive");
  expect(stack).toContain(message);
  expect(stack?.split("the call is Ended")).toHaveLength(2);
});

test("a story that ends well gives what it gives, and what is no Error becomes one", async () => {
  const { withLadder } = house();
  expect(await withLadder(async () => 7)).toBe(7);
  await expect(withLadder(() => Promise.reject("no reason"))).rejects.toThrow(/^no reason\n\n/);
});

test("an application sleeps in the network's time", async () => {
  const { network } = house();
  const since = network.now;
  let woken = 0;
  void network.sleep(AN_HOUR_MS).then(() => (woken = network.now));
  await network.run(AN_HOUR_MS - 1);
  expect(woken).toBe(0);
  await network.run(1);
  expect(woken - since).toBe(AN_HOUR_MS);
});

test("who waits for something outside of the network is told what is not waited for", async () => {
  const { network } = house();
  const never = new Promise<never>(() => {});
  await expect(network.until(never, 5_000)).rejects.toThrow(
    /^still waiting after 5000 ms of virtual time\. .*no timer of the system's, no file/,
  );
});

test("a phone with media of one's own has calls whose media are of that kind", async () => {
  const { signedIn, talk } = house();
  const media = () => ({ ...silentMedia(), played: ["greeting.wav"] });
  const bob = await signedIn<ReturnType<typeof media>>("bob", "udp", { media });
  const { to } = await talk(await signedIn("alice"), bob);
  expect(to.media?.played).toEqual(["greeting.wav"]);
});

test("phones without a server call each other at their addresses", async () => {
  const { network, phone, talk, server, ladder } = house();
  const [alice, bob] = [phone("alice", "direct"), phone("bob", "direct")];
  expect([alice.aor, bob.aor]).toEqual(["sip:alice@203.0.113.1", "sip:bob@203.0.113.2"]);
  const { from, to } = await talk(alice, bob);
  to.hangUp();
  expect((await network.until(from.ended)).by).toBe("remote");
  expect(ladder()).not.toContain(server.name);
});
