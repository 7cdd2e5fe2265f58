/** Whole calls between phones, through a server, on the simulated network. */
import { describe, expect, test } from "vitest";
import { messageLabel } from "../message/message-label.ts";
import { type House, type HouseOptions, house } from "../testing/house.ts";

type Phone = ReturnType<House["phone"]>;
type Call = ReturnType<Phone["call"]>;

const BOB = "sip:bob@house.example";
type Way = "udp" | "ws";

async function registered({ network }: House, ...phones: readonly Phone[]): Promise<void> {
  await network.until(Promise.all(phones.map((phone) => phone.register())));
}

/** What comes to a phone next. */
async function rings({ network }: House, phone: Phone): Promise<Call> {
  const { value } = await network.until(phone.calls().next());
  return value as Call;
}

/** A call between two phones that has been answered. */
async function answered(ways: readonly [Way, Way], options: HouseOptions = {}) {
  const scene = house(options);
  const [alice, bob] = [scene.phone("alice", ways[0]), scene.phone("bob", ways[1])];
  await registered(scene, alice, bob);
  const next = rings(scene, bob);
  const outgoing = alice.call(BOB);
  const incoming = await next;
  await scene.network.until(Promise.all([incoming.answer(), outgoing.answered]));
  return { ...scene, outgoing, incoming };
}

const WAYS: readonly (readonly [Way, Way])[] = [
  ["udp", "udp"],
  ["ws", "udp"],
  ["udp", "ws"],
  ["ws", "ws"],
];

describe.each(WAYS)("a call from %s to %s", (...ways) => {
  test.each(["caller", "callee"] as const)("is set up, and ended by the %s", async (who) => {
    const { network, outgoing, incoming, server } = await answered(ways);
    await network.run(5000);
    const [first, other] = who === "caller" ? [outgoing, incoming] : [incoming, outgoing];
    network.sights.length = 0;
    first.hangUp();
    expect(await network.until(other.ended)).toMatchObject({ by: "remote", code: "SIP_HUNG_UP" });
    await network.run(40_000);
    // Nobody is asked who it is, and nothing is said twice.
    const said = network.sights
      .map((one) => messageLabel(one.octets))
      .filter((one) => !one.startsWith("(keep"));
    const about = said.filter((one) => one.includes("BYE"));
    expect(about).toEqual(["BYE", "BYE", "200 OK (BYE)", "200 OK (BYE)"]);
    expect(server.endpoint.census()).toMatchObject({ clients: 0, servers: 0 });
  });
});

test("a call over a network that loses a fifth of everything is set up and ended", async () => {
  for (const seed of [1, 2, 3]) {
    const { network, outgoing, incoming } = await answered(["udp", "udp"], { seed, loss: 0.2 });
    await network.run(1000);
    outgoing.hangUp();
    await network.until(incoming.ended);
  }
});

describe("somebody with three devices", () => {
  async function threeDevices() {
    const scene = house();
    const alice = scene.phone("alice", "ws");
    const devices = [scene.phone("bob"), scene.phone("bob", "ws"), scene.phone("bob", "ws")];
    await registered(scene, alice, ...devices);
    const next = Promise.all(devices.map((phone) => rings(scene, phone)));
    const outgoing = alice.call(BOB);
    const [first, second, third] = await scene.network.until(next);
    if (!first || !second || !third) throw new Error("not all ring");
    return { ...scene, outgoing, first, second, third };
  }

  test("RFC 3326: answers on one, and the others know that it was answered", async () => {
    const { network, outgoing, first, second, third } = await threeDevices();
    await network.until(Promise.all([second.answer(), outgoing.answered]));
    const ends = await network.until(Promise.all([first.ended, third.ended]));
    expect(ends.map(({ code }) => code)).toEqual([
      "SIP_ANSWERED_ELSEWHERE",
      "SIP_ANSWERED_ELSEWHERE",
    ]);
    outgoing.hangUp();
    expect((await network.until(second.ended)).code).toBe("SIP_HUNG_UP");
  });

  test("declines on one, and that is the end on all", async () => {
    const { network, outgoing, first, second, third } = await threeDevices();
    second.decline();
    const ends = await network.until(Promise.all([outgoing.ended, first.ended, third.ended]));
    expect(ends[0]).toMatchObject({ code: "SIP_DECLINED", status: 603 });
  });

  test("is not called any more when the caller thinks better of it", async () => {
    const { network, outgoing, first, second, third } = await threeDevices();
    outgoing.hangUp();
    const ends = await network.until(Promise.all([first.ended, second.ended, third.ended]));
    expect(ends.map(({ code }) => code)).toEqual(Array(3).fill("SIP_CANCELLED"));
  });
});

test("somebody who is not online is told so, and so is a name that nobody has", async () => {
  const scene = house();
  const alice = scene.phone("alice");
  await registered(scene, alice);
  const offline = await scene.network.until(alice.call(BOB).ended);
  expect(offline).toMatchObject({ code: "SIP_UNAVAILABLE", status: 480 });
  const nobody = await scene.network.until(alice.call("sip:zoe@house.example").ended);
  expect(nobody).toMatchObject({ code: "SIP_NOT_FOUND", status: 404 });
});
