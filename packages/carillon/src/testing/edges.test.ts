/** The library's phone with two flows: straight to its registrar, and by way of two edges. */
import { describe, expect, test } from "vitest";
import { bridging } from "../b2bua/bridging.ts";
import type { Call } from "../ua/call.ts";
import type { Phone } from "../ua/phone.ts";
import { edgeBefore, phoneWithFlowsTo as phoneOf } from "./edge-before.ts";
import { type House, house } from "./house.ts";
import type { Host } from "./network.ts";
import { PlainEngine } from "./plain-engine.ts";

const INSTANCE = "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6";
const HOME = "198.51.100.1";
const [FIRST, SECOND] = ["198.51.100.11", "198.51.100.12"] as const;

/** What phones call both edges. */
const NAME = "edges.example";

const edge = (made: House, host: string, name?: string): Host =>
  edgeBefore(made, { host, tower: `edge-${host}`, ...(name !== undefined && { name }) });

/** bob's phone, with a flow to each of these over WebSocket. */
const phoneWithFlowsTo = (made: House, servers: readonly string[]): Phone =>
  phoneOf(made, servers, {
    ...{ user: "bob", password: "b secret", instance: INSTANCE, address: "203.0.113.99" },
  }).phone;

const bindings = ({ location, network }: House) => location.bindings("bob", network.now);
const invitesTo = ({ network }: House, name: string, since: number) =>
  network.sights
    .slice(since)
    .filter(({ to, octets }) => to === name && octets.startsWith("INVITE ")).length;

describe("RFC 5626: the library's phone at our server, with two flows", () => {
  test("is one device with two bindings, and rings once", async () => {
    const made = house();
    const { network } = made;
    const bob = phoneWithFlowsTo(made, [HOME, HOME]);
    await network.until(bob.register());
    await network.run(2000);
    expect(bindings(made).map(({ regId, instance }) => [regId, instance])).toEqual([
      [1, `<${INSTANCE}>`],
      [2, `<${INSTANCE}>`],
    ]);
    const alice = await made.signedIn("alice");
    const since = network.sights.length;
    const { from } = await made.talk(alice, bob);
    expect(invitesTo(made, "bob", since)).toBe(1);
    from.hangUp();
    await network.until(from.ended);
  });
});

describe("RFC 5626: the library's phone behind two edges of ours", () => {
  test("rings once by one edge, by the other when that is gone, and calls go on", async () => {
    const made = house();
    const { network } = made;
    const edges = [edge(made, FIRST), edge(made, SECOND)] as const;
    const bob = phoneWithFlowsTo(made, [FIRST, SECOND]);
    await network.until(bob.register());
    await network.run(2000);
    expect(bindings(made).map(({ regId, path = [] }) => [regId, path.length])).toEqual([
      [1, 1],
      [2, 1],
    ]);
    const alice = await made.signedIn("alice");
    let since = network.sights.length;
    const first = await made.talk(alice, bob);
    expect(invitesTo(made, "bob", since)).toBe(1);
    // The edge that it came by ends its connections; the phone's other flow is there.
    const used = invitesTo(made, `edge-${FIRST}`, since) === 1 ? 0 : 1;
    edges[used].disconnect();
    await network.run(100);
    await network.until(first.from.hold(), 10_000);
    first.from.hangUp();
    expect((await network.until(first.to.ended, 10_000)).by).toBe("remote");
    edges[used].stop();
    since = network.sights.length;
    const second = await made.talk(alice, bob);
    expect(invitesTo(made, "bob", since)).toBe(1);
    second.from.hangUp();
    await network.until(second.to.ended, 10_000);
  });
});

describe("RFC 5626 §7: a bridged call whose edge dies goes on by the other one", () => {
  interface Story {
    readonly made: House;
    readonly engine: PlainEngine;
    readonly edges: readonly [Host, Host];
    /** The page, and the phone behind the edges. */
    readonly page: Call;
    readonly phone: Call;
    /** The edge that the call came by. */
    readonly used: 0 | 1;
    /** What the phone has heard since it died. */
    heard(): readonly string[];
  }

  async function bridged(begins: "page" | "phone"): Promise<Story> {
    const engine = new PlainEngine();
    const bridge = bridging({ engine, mode: () => "always" });
    const made = house({ bridging: () => bridge });
    const { network } = made;
    const edges = [edge(made, FIRST, NAME), edge(made, SECOND, NAME)] as const;
    const bob = phoneWithFlowsTo(made, [FIRST, SECOND]);
    await network.until(bob.register());
    await network.run(2000);
    const alice = await made.signedIn("alice", "ws");
    let since = network.sights.length;
    const { from, to } = await (begins === "page" ? made.talk(alice, bob) : made.talk(bob, alice));
    const [page, phone] = begins === "page" ? [from, to] : [to, from];
    const by = (name: string) =>
      network.sights
        .slice(since)
        .some((one) => [one.from, one.to].includes(name) && /^INVITE /.test(one.octets));
    const used = by(`edge-${FIRST}`) ? 0 : 1;
    await network.run(1000);
    // As by kill -9: its connections are gone, and nobody is at its address.
    edges[used].disconnect();
    edges[used].stop();
    // Long enough for the phone to see that, and too short for it to have done anything else.
    await network.run(100);
    since = network.sights.length;
    const heard = () =>
      network.sights.slice(since).flatMap(({ to, octets }) => {
        const method = /^([A-Z]+) /.exec(octets)?.[1];
        return to === "bob" && method !== undefined ? [method] : [];
      });
    return { made, engine, edges, page, phone, used, heard };
  }

  const heldOf = ({ state }: Call): string =>
    state.name === "Established" ? (state.held ?? "No") : state.name;

  for (const begins of ["page", "phone"] as const) {
    test(`the ${begins} calls: the page holds, resumes and hangs up`, async () => {
      const { made, engine, page, phone, heard } = await bridged(begins);
      const { network } = made;
      await made.withLadder(() => network.until(page.hold(), 20_000));
      expect(heldOf(phone)).toBe("ByThem");
      await network.until(page.resume(), 20_000);
      expect(heldOf(phone)).toBe("No");
      page.hangUp();
      expect((await network.until(phone.ended, 20_000)).by).toBe("remote");
      expect(heard().filter((method) => method === "ACK").length).toBeGreaterThanOrEqual(2);
      await network.run(40_000);
      expect(engine.open).toBe(0);
    });

    test(`the ${begins} calls: the phone holds, resumes and hangs up`, async () => {
      const { made, engine, page, phone } = await bridged(begins);
      const { network } = made;
      await made.withLadder(() => network.until(phone.hold(), 20_000));
      expect(heldOf(page)).toBe("ByThem");
      await network.until(phone.resume(), 20_000);
      expect(heldOf(page)).toBe("No");
      phone.hangUp();
      expect((await network.until(page.ended, 20_000)).by).toBe("remote");
      await network.run(40_000);
      expect(engine.open).toBe(0);
    });
  }
});
