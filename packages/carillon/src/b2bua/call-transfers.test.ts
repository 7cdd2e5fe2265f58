// Transfers of calls that go through the bridge, on the simulated network.
import { describe, expect, test } from "vitest";
import type { Calls } from "../roles/calls-told.ts";
import { type House, type HouseOptions, house } from "../testing/house.ts";
import { type PlainEngine, plainEngine } from "../testing/plain-engine.ts";
import { type SpokenMedia, spokenMedia } from "../testing/spoken-media.ts";
import type { Call } from "../ua/call.ts";
import type { Phone } from "../ua/phone.ts";
import { replacing, successorOf, transfer } from "../ua/transferring.ts";
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
  const calls: Pick<Calls, "began" | "ended"> = {
    began: ({ callerAccount, callee }) => {
      told.push(`${callerAccount} with ${callee}`);
      return { ringing() {}, answered: ({ status }) => void told.push(`${status}`) };
    },
    ended: ({ by }) => void told.push(`ended by ${by}`),
  };
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

describe("RFC 5589 §6: blind, other ways", () => {
  test("a phone that can do it itself is asked, and calls the target itself", async () => {
    const at = stage();
    const alice = await person(at, "alice", "page");
    const bob = await person(at, "bob", "desk");
    const carol = await person(at, "carol", "page");
    const call = await calls(at, alice, bob);
    const moved = transfer(call, carol.phone.aor);
    await at.network.until(moved.done);
    await at.network.run(5000);
    expect(peers(carol)).toEqual(["bob"]);
    expect(at.ladder({ keepAlives: false })).toMatch(/server.*\n(?:.*\n)*.*REFER/);
    expect(at.bridge.list().map(({ caller }) => caller)).toEqual(["sip:bob@house.example"]);
  });

  test("a target that is busy leaves the two with each other, as they were", async () => {
    const at = stage();
    const alice = await person(at, "alice", "page");
    const bob = await person(at, "bob", "plain desk");
    const carol = await at.signedIn("carol", "udp", { isPlain: true });
    void (async () => {
      for await (const ringing of carol.calls()) ringing.decline(486);
    })();
    const call = await calls(at, alice, bob);
    const moved = transfer(call, carol.aor);
    await expect(at.network.until(moved.done)).rejects.toMatchObject({ code: "SIP_BUSY" });
    await at.network.run(3000);
    expect([call.state.name, peers(bob)]).toEqual(["Established", ["alice"]]);
    // And they can hear each other anew: holds go through as before.
    await at.network.until(call.hold());
    call.hangUp();
    await expectNothingLeft(at);
  });

  test("whoever asks and hangs up at once has them put through all the same", async () => {
    const at = stage();
    const alice = await person(at, "alice", "page");
    const bob = await person(at, "bob", "plain desk");
    const carol = await person(at, "carol", "plain desk");
    const call = await calls(at, alice, bob);
    transfer(call, carol.phone.aor, { reports: false });
    await at.network.run(50);
    call.hangUp();
    await at.network.run(8000);
    expect([peers(bob), peers(carol)]).toEqual([["alice"], ["bob"]]);
    open(carol)[0]?.hangUp();
    await expectNothingLeft(at);
  });

  test("A25: who is put through gets no further than whoever asked may call", async () => {
    const at = stage();
    const alice = await person(at, "alice", "page");
    const bob = await person(at, "bob", "plain desk");
    const call = await calls(at, alice, bob);
    const moved = transfer(call, "sip:+900123@premium.example");
    await expect(at.network.until(moved.done)).rejects.toMatchObject({ status: 403 });
    await at.network.run(1000);
    expect([call.state.name, peers(bob)]).toEqual(["Established", ["alice"]]);
  });
});

describe("RFC 4235: lamps of those who were joined", () => {
  test("the calls that there were are over, and there is another one", async () => {
    const at = stage();
    const alice = await person(at, "alice", "page");
    const bob = await person(at, "bob", "plain desk");
    const carol = await person(at, "carol", "plain desk");
    const [first, second] = [await calls(at, alice, bob), await calls(at, alice, carol)];
    await at.network.until(transfer(first, second).done);
    await at.network.run(5000);
    expect(at.told.toSorted()).toEqual(
      ["bob with carol", "200", "ended by caller", "ended by callee"].toSorted(),
    );
    open(carol)[0]?.hangUp();
    await at.network.run(2000);
    expect(at.told).toHaveLength(5);
    expect(at.told.at(-1)).toMatch(/^ended by/);
    await expectNothingLeft(at);
  });
});

describe("RFC 3891 §3: a call of ours is taken over", () => {
  test("by who names it, though the phone at its other end knows no Replaces", async () => {
    const at = stage();
    const alice = await person(at, "alice", "page");
    const bob = await person(at, "bob", "plain desk");
    const carol = await person(at, "carol", "page");
    const call = await calls(at, alice, bob);
    const taken = carol.phone.call(bob.phone.aor, undefined, replacing(dialogOf(call)));
    await at.network.until(taken.answered);
    await at.network.run(3000);
    expect([call.state.name, taken.state.name]).toEqual(["Ended", "Established"]);
    expect(bob.calls.filter(({ state }) => state.name === "Established")).toHaveLength(1);
    taken.hangUp();
    await at.network.run(2000);
    expect(peers(bob)).toEqual([]);
    await expectNothingLeft(at);
  });

  test("and one that nobody has is refused, by whoever is called", async () => {
    const at = stage();
    const alice = await person(at, "alice", "page");
    const bob = await person(at, "bob", "desk");
    const carol = await person(at, "carol", "desk");
    const call = await calls(at, alice, bob);
    const wrong = { ...dialogOf(call), localTag: "nobody" };
    const taken = carol.phone.call(bob.phone.aor, undefined, replacing(wrong));
    await expect(at.network.until(taken.answered)).rejects.toMatchObject({ status: 481 });
    expect(call.state.name).toBe("Established");
  });

  test("where the topology is hidden, too: each side has ids of its own", async () => {
    const at = stage({ policy: { route: () => ({ kind: "Bridge", hide: true }) } });
    const alice = await person(at, "alice", "desk");
    const bob = await person(at, "bob", "desk");
    const carol = await person(at, "carol", "desk");
    const call = await calls(at, alice, bob);
    const bobs = open(bob)[0];
    expect(bobs && dialogOf(bobs).callId).not.toBe(dialogOf(call).callId);
    const taken = carol.phone.call(bob.phone.aor, undefined, replacing(dialogOf(call)));
    await at.network.until(taken.answered);
    await at.network.run(3000);
    expect([call.state.name, peers(bob).length]).toEqual(["Ended", 1]);
    taken.hangUp();
    await expectNothingLeft(at);
  });
});

const dialogOf = ({ dialog }: Call<SpokenMedia>) => {
  if (!dialog) throw new Error("nobody has answered");
  return dialog;
};

describe("RFC 4733 §3.2: keys by INFO", () => {
  test("go to a phone that takes them as they came, and to others in their media", async () => {
    for (const [kind, isPressed] of [
      ["desk", false],
      ["plain desk", true],
    ] as const) {
      const at = stage();
      const alice = await person(at, "alice", "page");
      const bob = await person(at, "bob", kind);
      const call = await calls(at, alice, bob);
      const heard: string[] = [];
      const bobs = open(bob)[0];
      void (async () => {
        for await (const { tone } of bobs?.dtmf() ?? []) heard.push(tone);
      })();
      await at.network.until(call.sendDtmf("5"));
      await at.network.run(500);
      expect(heard).toEqual(isPressed ? [] : ["5"]);
      expect(at.engine.asked.includes("dtmf device 5")).toBe(isPressed);
    }
  });
});

test("RFC 4733 §3.2: a key that a phone says in its media, a page hears by INFO", async () => {
  const at = stage();
  const alice = await person(at, "alice", "page");
  const bob = await person(at, "bob", "plain desk");
  const call = await calls(at, alice, bob);
  const heard: string[] = [];
  void (async () => {
    for await (const { tone } of call.dtmf()) heard.push(tone);
  })();
  const id = at.bridge.list()[0]?.id ?? "";
  const key = { kind: "Dtmf", call: id, durationMs: 100, isInBand: false } as const;
  const press = (tag: string, tone: string) =>
    at.server.call(() => at.engine.tell({ ...key, tag, tone, isUnsaid: false }));
  press("device", "7");
  // And not back to where it was pressed, nor to a phone whose media have said it.
  press("caller", "8");
  await at.network.run(500);
  expect(heard).toEqual(["7"]);
  call.hangUp();
  await expectNothingLeft(at);
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

describe("RFC 5359 §2.16: a call that rings at a desk phone is picked up elsewhere", () => {
  test.each(["desk", "page"] as const)("through the bridge, by a %s", async (by) => {
    const at = stage({ policy: { route: () => ({ kind: "Bridge" }) } });
    const alice = await person(at, "alice", "page");
    const bob = await at.signedIn<SpokenMedia>("bob", "udp", { media: () => spokenMedia("desk") });
    void (async () => {
      for await (const ringing of bob.calls()) void ringing;
    })();
    const carol = await person(at, "carol", by);
    const call = alice.phone.call(bob.aor);
    await at.network.run(3000);
    expect(call.state.name).toBe("Ringing");
    // As a lamp of bob's says it: RFC 4235.
    const { callId, localTag, remoteTag } = dialogOf(call);
    const named = { callId, localTag: remoteTag, remoteTag: localTag, earlyOnly: true };
    const picked = carol.phone.call(alice.phone.aor, undefined, replacing(named));
    await at.network.until(picked.answered);
    await at.network.run(3000);
    expect([call.state.name, picked.state.name]).toEqual(["Ended", "Established"]);
    expect(peers(alice)).toEqual(["carol"]);
    picked.hangUp();
    await expectNothingLeft(at);
  });
});

describe("RFC 4028 §7: each leg has a timer of its own", () => {
  test("one that has none does not hinder the other, which is missed when it is gone", async () => {
    const at = stage();
    const alice = await person(at, "alice", "page");
    const bob = await person(at, "bob", "plain desk");
    const call = await calls(at, alice, bob);
    await at.network.run(3_600_000);
    expect([call.state.name, peers(bob)]).toEqual(["Established", ["alice"]]);
    at.hostOf(alice.phone).close();
    await at.network.run(2 * 3_600_000);
    expect(peers(bob)).toEqual([]);
    expect(at.bridge.census()).toMatchObject({ calls: 0 });
    expect(at.engine.open).toBe(0);
  });
});
