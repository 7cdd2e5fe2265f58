/** Multicast DNS on real sockets: on loopback, which has to take multicast for it. */
import { afterEach, describe, expect, test } from "vitest";
import { type MulticastNeighbours, multicastNeighbours } from "./multicast.ts";

const open: MulticastNeighbours[] = [];

async function join(name: string, port: number, status = "online") {
  const user = name.toLowerCase();
  const self = { user, status, host: `${user}-test.local`, port, addresses: ["127.0.0.1"] };
  const made = await multicastNeighbours({ name, self: () => self, interfaces: ["127.0.0.1"] });
  open.push(made);
  return { ...made, self };
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one[Symbol.asyncDispose]()));
});

const until = async (check: () => boolean, ms = 3000) => {
  for (const end = performance.now() + ms; performance.now() < end && !check(); ) {
    await new Promise((done) => setTimeout(done, 20));
  }
  expect(check()).toBe(true);
};

describe("two programs on one link", () => {
  test("find each other in three seconds, hear how the other is, and miss who left", async () => {
    const alice = await join("Alice Test", 5061);
    const bob = await join("Bob Test", 5062);
    await until(() => alice.neighbours.called("bob test") !== undefined);
    expect(alice.neighbours.called("bob test")).toEqual({
      ...{ name: "Bob Test", user: "bob test", status: "online" },
      uri: "sip:bob%20test@127.0.0.1:5062",
    });
    await until(() => bob.neighbours.called("alice test") !== undefined);
    bob.self.status = "busy";
    bob.neighbours.changed();
    await until(() => alice.neighbours.called("bob test")?.status === "busy");
    await bob[Symbol.asyncDispose]();
    await until(() => alice.neighbours.called("bob test") === undefined);
  });

  test("are refused where there is no such network", async () => {
    const self = () => ({ user: "x", status: "", host: "x.local", port: 1, addresses: [] });
    const interfaces = ["192.0.2.1"];
    await expect(multicastNeighbours({ name: "x", self, interfaces })).rejects.toThrow();
  });
});
