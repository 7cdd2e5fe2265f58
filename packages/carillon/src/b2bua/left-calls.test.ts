// Bridged calls over a restart of the server, whose media went through it: both sides are told.
import { describe, expect, test } from "vitest";
import type { CallEnded } from "../roles/calls-told.ts";
import { house } from "../testing/house.ts";
import { plainEngine } from "../testing/plain-engine.ts";
import { spokenMedia } from "../testing/spoken-media.ts";
import { bridging } from "./bridging.ts";
import type { BridgedStore, SavedBridged } from "./left-calls.ts";

/** As a disk has it: what cannot be written as JSON is lost. */
class Disk implements BridgedStore {
  readonly rows = new Map<string, string>();
  all = () => [...this.rows.values()].map((row) => JSON.parse(row) as SavedBridged);
  save = (call: SavedBridged) => void this.rows.set(call.id, JSON.stringify(call));
  remove = (id: string) => void this.rows.delete(id);
}

function stage(isKept = true) {
  const disk = new Disk();
  const ended: CallEnded[] = [];
  const calls = { ended: (one: CallEnded) => void ended.push(one) };
  const at = house({
    bridging: () =>
      bridging({
        engine: plainEngine(),
        mode: () => "always",
        calls,
        ...(isKept && { kept: disk }),
      }),
  });
  return { at, disk, ended };
}

const desk = { media: () => spokenMedia("desk") };

describe("calls that an earlier run left", () => {
  test("RFC 3261 §15: both sides of a call whose media are gone get a BYE", async () => {
    const { at, disk, ended } = stage();
    const alice = await at.signedIn("alice", "udp", desk);
    const bob = await at.signedIn("bob", "udp", desk);
    const { from, to } = await at.talk(alice, bob);
    await at.network.run(1000);
    // Numbers in the dialogs have gone on by the time that it is killed.
    await at.network.until(from.hold());
    await at.network.until(from.resume());
    await at.network.run(1000);
    expect(disk.all().map(({ ends }) => ends.length)).toEqual([2]);
    at.restart();
    await at.network.run(2000);
    for (const call of [from, to]) {
      expect(call.state.name).toBe("Ended");
      expect((await call.ended).message).toBe("They hung up.");
    }
    const byes = at.network.sights.filter(({ octets }) => octets.startsWith("BYE "));
    expect(byes.map(({ to }) => to).sort()).toEqual(["alice", "bob"]);
    expect(byes.every(({ octets }) => octets.includes("The server was started anew"))).toBe(true);
    expect(ended.map(({ by }) => by)).toEqual(["server"]);
    expect(disk.all()).toEqual([]);
    expect(at.server.endpoint.census()).toMatchObject({ clients: 2 });
  });

  test("without a store they hear silence, and nobody says so", async () => {
    const { at } = stage(false);
    const alice = await at.signedIn("alice", "udp", desk);
    const bob = await at.signedIn("bob", "udp", desk);
    const { from, to } = await at.talk(alice, bob);
    await at.network.run(1000);
    at.restart();
    await at.network.run(60_000);
    expect([from.state.name, to.state.name]).toEqual(["Established", "Established"]);
  });

  test("of a page and a desk phone the desk phone is told, and the page comes to ask", async () => {
    const { at, disk } = stage();
    const alice = await at.signedIn("alice", "ws", desk);
    const bob = await at.signedIn("bob", "udp", desk);
    const { from, to } = await at.talk(alice, bob);
    await at.network.run(1000);
    expect(disk.all().map(({ ends }) => ends.length)).toEqual([1]);
    at.restart();
    await at.network.run(2000);
    expect(to.state).toMatchObject({ name: "Ended" });
    await at.network.run(60_000);
    expect(from.state).toMatchObject({ name: "Ended" });
  });

  test("one that was over, and one that rang, are nobody's to be told", async () => {
    const { at, disk, ended } = stage();
    const alice = await at.signedIn("alice", "udp", desk);
    const bob = await at.signedIn("bob", "udp", desk);
    const { from } = await at.talk(alice, bob);
    from.hangUp();
    await at.network.run(2000);
    expect([disk.all(), ended.length]).toEqual([[], 1]);
    void alice.call(bob.aor).answered.catch(() => {});
    await at.network.run(2000);
    at.restart();
    await at.network.run(2000);
    expect([disk.all(), ended.length]).toEqual([[], 1]);
  });

  test("a side that is silent costs a transaction, and is not asked again", async () => {
    const { at, disk } = stage();
    const alice = await at.signedIn("alice", "udp", desk);
    const bob = await at.signedIn("bob", "udp", desk);
    const { from } = await at.talk(alice, bob);
    await at.network.run(1000);
    at.hostOf(bob).close();
    at.restart();
    await at.network.run(2000);
    expect([from.state.name, disk.all().length]).toEqual(["Ended", 1]);
    await at.network.run(40_000);
    expect(disk.all()).toEqual([]);
  });
});
