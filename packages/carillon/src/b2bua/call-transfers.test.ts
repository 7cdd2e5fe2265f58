// Transfers of calls that go through the bridge, on the simulated network.
import { describe, expect, test } from "vitest";
import { type House, type HouseOptions, house } from "../testing/house.ts";
import { type PlainEngine, plainEngine } from "../testing/plain-engine.ts";
import { type SpokenMedia, spokenMedia } from "../testing/spoken-media.ts";
import type { Call } from "../ua/call.ts";
import type { Phone } from "../ua/phone.ts";
import { successorOf, transfer } from "../ua/transferring.ts";
import { type Bridging, bridging } from "./bridging.ts";

interface Stage extends House {
  readonly engine: PlainEngine;
  readonly bridge: Bridging;
  readonly told: string[];
}

const PEOPLE = { alice: "a", bob: "b", carol: "c" };

function stage(options: HouseOptions = {}): Stage {
  const engine = plainEngine();
  const told: string[] = [];
  const calls = { ended: ({ by }: { by: string }) => void told.push(`ended by ${by}`) };
  const bridge = bridging({ engine, calls });
  return { ...house({ people: PEOPLE, ...options, bridging: () => bridge }), engine, bridge, told };
}

type Kind = "page" | "desk" | "plain desk";

interface Person {
  readonly phone: Phone<SpokenMedia>;
  /** Calls that came, which are answered at once. */
  readonly calls: Call<SpokenMedia>[];
}

async function person(at: Stage, name: string, kind: Kind): Promise<Person> {
  const speaks = kind === "page" ? "page" : "desk";
  const phone = await at.signedIn<SpokenMedia>(name, kind === "page" ? "ws" : "udp", {
    media: () => spokenMedia(speaks),
    transfers: "follow",
    isPlain: kind === "plain desk",
  });
  const calls: Call<SpokenMedia>[] = [];
  void (async () => {
    for await (const call of phone.calls()) {
      calls.push(call);
      await call.answer().catch(() => {});
    }
  })();
  return { phone, calls };
}

async function calls(at: Stage, from: Person, to: Person): Promise<Call<SpokenMedia>> {
  const call = from.phone.call(to.phone.aor);
  await at.network.until(call.answered);
  await at.network.run(2000);
  return call;
}

async function expectNothingLeft({ bridge, engine, network }: Stage): Promise<void> {
  await network.run(40_000);
  expect(bridge.census()).toMatchObject({ sessions: 0, calls: 0 });
  expect(engine.open).toBe(0);
}

/** Calls of theirs that go on, by whom they are with: those that came, and those that they made. */
const open = ({ calls: came }: Person, made: readonly Call<SpokenMedia>[] = []) =>
  [...came, ...made].filter(({ state }) => state.name === "Established");
const peers = (one: Person, made: readonly Call<SpokenMedia>[] = []): string[] =>
  open(one, made).map(({ peer }) => /sips?:([^@]+)@/.exec(peer.uri)?.[1] ?? peer.uri);

/** With those that a transfer has had them make. */
const all = ({ calls: came }: Person): readonly Call<SpokenMedia>[] =>
  came.flatMap((call) => [call, successorOf(call) ?? call]);

describe("RFC 5589 §6: blind, where the other side cannot do it itself", () => {
  test("a page puts a plain desk phone through to another one, which the agent calls", async () => {
    const at = stage();
    const alice = await person(at, "alice", "page");
    const bob = await person(at, "bob", "plain desk");
    const carol = await person(at, "carol", "plain desk");
    const call = await calls(at, alice, bob);
    const moved = transfer(call, carol.phone.aor);
    await at.network.until(moved.done);
    await at.network.run(5000);
    expect(call.state.name).toBe("Ended");
    expect([peers(bob), peers(carol)]).toEqual([["alice"], ["bob"]]);
    open(bob)[0]?.hangUp();
    await at.network.run(2000);
    expect([peers(bob), peers(carol)]).toEqual([[], []]);
    await expectNothingLeft(at);
  });
});

const KINDS: readonly Kind[] = ["page", "desk", "plain desk"];
const isBridged = (one: Kind, other: Kind): boolean => (one === "page") !== (other === "page");
/** Who asks, who is put through, to whom: those whose phones can, or whose calls are ours. */
const COMBINATIONS = (["page", "desk"] as const).flatMap((by) =>
  KINDS.flatMap((whom) =>
    KINDS.filter((to) => {
      const canBePut = whom !== "plain desk" || isBridged(by, whom);
      const canBeTaken = to !== "plain desk" || isBridged(by, to);
      return canBePut && canBeTaken && (isBridged(by, whom) || isBridged(by, to));
    }).map((to) => [by, whom, to] as const),
  ),
);

describe("RFC 5589 §7: attended, through the bridge", () => {
  test.each(COMBINATIONS)("a %s puts a %s through to a %s", async (by, whom, to) => {
    const at = stage();
    const alice = await person(at, "alice", by);
    const bob = await person(at, "bob", whom);
    const carol = await person(at, "carol", to);
    const first = await calls(at, alice, bob);
    await at.network.until(first.hold());
    const second = await calls(at, alice, carol);
    await at.network.until(second.hold());
    const moved = transfer(first, second);
    await at.network.until(moved.done);
    await at.network.run(6000);
    expect(peers(alice, [first, second])).toEqual([]);
    const left = [...new Set([...all(bob), ...all(carol)])].filter(
      ({ state }) => state.name === "Established",
    );
    expect(left).toHaveLength(2);
    left[0]?.hangUp();
    await at.network.run(3000);
    expect(left.map(({ state }) => state.name)).toEqual(["Ended", "Ended"]);
    await expectNothingLeft(at);
  });
});
