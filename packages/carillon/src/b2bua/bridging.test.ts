// A page and a desk phone, with a bridge between them, on the simulated network.
import { expect, test } from "vitest";
import { headerLines } from "../message/headers.ts";
import { type HouseOptions, house } from "../testing/house.ts";
import { type PlainEngine, plainEngine } from "../testing/plain-engine.ts";
import { type SpokenMedia, spokenMedia } from "../testing/spoken-media.ts";
import type { Call } from "../ua/call.ts";
import type { Phone } from "../ua/phone.ts";
import { type BridgeEntry, type Bridging, type BridgingOptions, bridging } from "./bridging.ts";

interface Stage extends ReturnType<typeof house> {
  readonly engine: PlainEngine;
  readonly bridge: Bridging;
  readonly log: BridgeEntry[];
  readonly told: string[];
}

function stage(options: HouseOptions = {}, more: Partial<BridgingOptions> = {}): Stage {
  const engine = plainEngine();
  const log: BridgeEntry[] = [];
  const told: string[] = [];
  const bridge = bridging({
    engine,
    log: (entry) => void log.push(entry),
    calls: { ended: ({ by }) => void told.push(`ended by ${by}`) },
    ...more,
  });
  return { ...house({ ...options, bridging: () => bridge }), engine, bridge, log, told };
}

const page = { media: () => spokenMedia("page") };
const desk = { media: () => spokenMedia("desk") };

/** alice's page and bob's desk phone. */
async function two(at: Stage) {
  const alice = await at.signedIn<SpokenMedia>("alice", "ws", page);
  const bob = await at.signedIn<SpokenMedia>("bob", "udp", desk);
  return { alice, bob };
}

/** Nothing is kept of any call, by the agent or by the engine. */
async function expectNothingLeft({ bridge, engine, network }: Stage): Promise<void> {
  await network.run(40_000);
  expect(bridge.census()).toMatchObject({ sessions: 0, calls: 0 });
  expect(engine.open).toBe(0);
}

/** Answers each call that comes, and keeps them. */
function answering(phone: Phone<SpokenMedia>): Call<SpokenMedia>[] {
  const all: Call<SpokenMedia>[] = [];
  void (async () => {
    for await (const call of phone.calls()) {
      all.push(call);
      await call.answer().catch(() => {});
    }
  })();
  return all;
}

/** One calls the other, who answers as often as it rings. */
async function talk({ network }: Stage, caller: Phone<SpokenMedia>, callee: Phone<SpokenMedia>) {
  const all = answering(callee);
  const from = caller.call(callee.aor);
  await network.until(from.answered);
  await network.run(2000);
  const to = all.at(-1);
  if (!to) throw new Error("nobody was called");
  return { from, to, all };
}

const saidOf = ({ media }: Call<SpokenMedia>): readonly string[] => media?.said ?? [];

test("a desk phone refuses what a page says, and is called again with what it knows", async () => {
  const at = stage();
  const { alice, bob } = await two(at);
  const { from, to } = await talk(at, alice, bob);
  expect(saidOf(from)).toEqual(["offered sendrecv", "heard answer sendrecv"]);
  expect(saidOf(to)).toEqual(["heard offer sendrecv"]);
  expect(at.engine.asked).toEqual(["offer caller>device", "answer device>caller"]);
  expect(at.bridge.list()[0]?.media).toMatchObject({
    caller: { transport: "webrtc", codec: "opus" },
    device: { transport: "rtp", codec: "PCMU" },
  });
  from.hangUp();
  await at.network.until(to.ended);
  expect(at.told).toEqual(["ended by caller"]);
  await expectNothingLeft(at);
});

test("a desk phone calls a page, which it cannot understand: it is bridged at once", async () => {
  const at = stage();
  const { alice, bob } = await two(at);
  const { from, to, all } = await talk(at, bob, alice);
  expect(all).toHaveLength(1);
  expect(saidOf(to)).toEqual(["heard offer sendrecv"]);
  expect(saidOf(from)).toEqual(["offered sendrecv", "heard answer sendrecv"]);
  // Both sides call the dialog by the same name.
  expect(from.dialog?.callId).toBe(to.dialog?.callId);
  expect(from.dialog?.remoteTag).toBe(to.dialog?.localTag);
  to.hangUp();
  await at.network.until(from.ended);
  expect(at.told).toEqual(["ended by callee"]);
  await expectNothingLeft(at);
});

test("a phone that has refused what pages say is not offered it again", async () => {
  const at = stage();
  const { alice, bob } = await two(at);
  const first = await talk(at, alice, bob);
  expect(first.all).toHaveLength(2);
  first.from.hangUp();
  await at.network.run(2000);
  const again = alice.call(bob.aor);
  await at.network.until(again.answered);
  expect(first.all).toHaveLength(3);
  again.hangUp();
  await expectNothingLeft(at);
});

test("a phone that has called is known by what it offered then", async () => {
  const at = stage();
  const { alice, bob } = await two(at);
  const first = await talk(at, bob, alice);
  first.from.hangUp();
  await at.network.run(2000);
  const { all } = await talk(at, alice, bob);
  expect(all).toHaveLength(1);
  await at.network.run(1000);
});

//= RFC 5627 §4.4
//# A UA SHOULD use a GRUU when populating the Contact header field of dialog-forming and target
//# refresh requests and responses.
test("RFC 5627 §4.4: a phone that calls by its GRUU is known as that device", async () => {
  const at = stage();
  const instance = "urn:uuid:f81d4fae-7dec-11d0-a765-000000000b0b";
  const alice = await at.signedIn<SpokenMedia>("alice", "ws", page);
  const bob = await at.signedIn<SpokenMedia>("bob", "udp", { ...desk, instance });
  const first = await talk(at, bob, alice);
  first.from.hangUp();
  await at.network.run(2000);
  const { all } = await talk(at, alice, bob);
  expect(all).toHaveLength(1);
  await at.network.run(1000);
});

test("two pages, and two desk phones, talk to each other without a bridge", async () => {
  const at = stage();
  const { alice, bob } = await two(at);
  const carol = await at.signedIn<SpokenMedia>("carol", "ws", page);
  const pages = await talk(at, alice, carol);
  pages.from.hangUp();
  const desks = await at.signedIn<SpokenMedia>("carol", "udp", desk);
  carol.close();
  const phones = await talk(at, bob, desks);
  phones.from.hangUp();
  expect(at.engine.asked).toEqual([]);
});

test("a phone without a browser's handshake is called as it is, and rings once", async () => {
  for (const isNoBrowser of [true, false]) {
    const at = stage({}, { isNoBrowser: () => isNoBrowser });
    const alice = await at.signedIn<SpokenMedia>("alice", "udp", desk);
    const bob = await at.signedIn<SpokenMedia>("bob", "ws", desk);
    const { to } = await talk(at, alice, bob);
    expect([isNoBrowser, at.engine.asked.length]).toEqual([isNoBrowser, isNoBrowser ? 0 : 2]);
    to.hangUp();
    await expectNothingLeft(at);
  }
});

test("a desk phone that came by WebSocket is no browser: it is called as it is", async () => {
  const at = stage();
  const alice = await at.signedIn<SpokenMedia>("alice", "ws", desk);
  const bob = await at.signedIn<SpokenMedia>("bob", "udp", desk);
  const { from, all } = await talk(at, bob, alice);
  expect(all).toHaveLength(2);
  expect(at.bridge.list()).toEqual([]);
  from.hangUp();
  await at.network.run(1000);
  // It is known from then on.
  const again = await talk(at, bob, alice);
  expect(again.all).toHaveLength(1);
  expect(at.bridge.list()).toEqual([]);
  again.from.hangUp();
  await expectNothingLeft(at);
});

test("either side holds and resumes, and the other one hears of it", async () => {
  const at = stage();
  const { alice, bob } = await two(at);
  const { from, to } = await talk(at, bob, alice);
  await at.network.until(from.hold());
  expect(to.state).toMatchObject({ name: "Established", held: "ByThem" });
  await at.network.until(from.resume());
  await at.network.until(to.hold());
  expect(from.state).toMatchObject({ name: "Established", held: "ByThem" });
  await at.network.until(to.resume());
  expect(from.state).not.toHaveProperty("held");
  expect(saidOf(to).slice(1)).toEqual([
    ...["heard offer sendonly", "heard offer sendrecv"],
    ...["offered sendonly", "heard answer recvonly", "offered sendrecv", "heard answer sendrecv"],
  ]);
  from.hangUp();
  await expectNothingLeft(at);
});

test("RFC 3261 §14.1: both hold at once, and in the end both are on hold", async () => {
  const at = stage();
  const { alice, bob } = await two(at);
  const { from, to } = await talk(at, bob, alice);
  await at.network.until(Promise.allSettled([from.hold(), to.hold()]));
  await at.network.run(5000);
  if (from.state.name === "Established" && from.state.held !== "ByBoth") {
    await at.network.until(from.hold());
  }
  if (to.state.name === "Established" && to.state.held !== "ByBoth") {
    await at.network.until(to.hold());
  }
  expect(from.state).toMatchObject({ held: "ByBoth" });
  expect(to.state).toMatchObject({ held: "ByBoth" });
  from.hangUp();
  await expectNothingLeft(at);
});

test("the caller gives up while it rings, and the device stops", async () => {
  const at = stage();
  const { alice, bob } = await two(at);
  const calls = alice.calls();
  const from = bob.call(alice.aor);
  const { value: to } = (await at.network.until(calls.next())) as { value: Call<SpokenMedia> };
  await at.network.run(500);
  expect(from.state.name).toBe("Ringing");
  from.hangUp();
  expect(await at.network.until(to.ended)).toMatchObject({ code: "SIP_CANCELLED" });
  await expectNothingLeft(at);
});

test("what the device refuses with reaches the caller", async () => {
  const at = stage();
  const { alice, bob } = await two(at);
  const calls = alice.calls();
  const from = bob.call(alice.aor);
  const { value: to } = (await at.network.until(calls.next())) as { value: Call<SpokenMedia> };
  to.decline(486);
  expect(await at.network.until(from.ended)).toMatchObject({ code: "SIP_BUSY", status: 486 });
  await expectNothingLeft(at);
});

test("the caller hears what the device says before it answers", async () => {
  const at = stage();
  const { alice, bob } = await two(at);
  const calls = alice.calls();
  const from = bob.call(alice.aor);
  const { value: to } = (await at.network.until(calls.next())) as { value: Call<SpokenMedia> };
  expect(await at.network.until(to.startEarly())).toBe(true);
  await at.network.run(1000);
  expect(saidOf(from)).toEqual(["offered sendrecv", "preview"]);
  await at.network.until(Promise.all([to.answer(), from.answered]));
  expect(saidOf(from)).toEqual(["offered sendrecv", "preview", "heard answer sendrecv"]);
  expect(at.engine.asked.slice(1)).toContain("answer device>caller early");
  from.hangUp();
  await expectNothingLeft(at);
});

test("an engine that refuses is a 488 that says what was lacking, and no phone rings", async () => {
  const at = stage();
  const { alice, bob } = await two(at);
  const all = answering(alice);
  const why = "no format in common: they have G729 only";
  at.engine.refuseNext({ status: 488, why, warning: 305 });
  const from = bob.call(alice.aor);
  const end = await at.network.until(from.ended);
  expect(end).toMatchObject({ status: 488, message: why });
  expect(end.response && headerLines(end.response, "Warning")).toEqual([
    `399 Carillon "${why}"`,
    `305 Carillon "${why}"`,
  ]);
  expect(all).toHaveLength(0);
  await expectNothingLeft(at);
});

test("an engine that refuses the answer ends the call at both sides", async () => {
  const at = stage();
  const { alice, bob } = await two(at);
  const calls = alice.calls();
  const from = bob.call(alice.aor);
  const { value: to } = (await at.network.until(calls.next())) as { value: Call<SpokenMedia> };
  at.engine.refuseNext({ status: 488, why: "that answer has no format at all" });
  to.answer().catch(() => {});
  expect(await at.network.until(from.ended)).toMatchObject({ status: 488 });
  expect(await at.network.until(to.ended)).toMatchObject({ code: "SIP_MEDIA" });
  await expectNothingLeft(at);
});

test("an engine that answers late loses nothing, and one that never does is a 503", async () => {
  const at = stage();
  const { alice, bob } = await two(at);
  at.engine.hold();
  const all = answering(alice);
  const from = bob.call(alice.aor);
  await at.network.run(2000);
  expect(all).toHaveLength(0);
  at.server.call(() => at.engine.release());
  await at.network.until(from.answered);
  from.hangUp();
  await at.network.run(1000);
  at.engine.hold();
  const vain = bob.call(alice.aor);
  expect(await at.network.until(vain.ended)).toMatchObject({ code: "SIP_UNAVAILABLE" });
  at.server.call(() => at.engine.release());
  await at.network.run(40_000);
  expect(at.bridge.census()).toMatchObject({ sessions: 0, calls: 0 });
});

test("a lost worker's calls are offered anew at both sides within two seconds", async () => {
  const at = stage();
  const { alice, bob } = await two(at);
  const { from, to } = await talk(at, bob, alice);
  at.engine.asked.length = 0;
  at.server.call(() => at.engine.lose());
  await at.network.run(2000);
  expect(at.engine.asked.sort()).toEqual([
    ...["accept caller", "accept device", "reoffer caller restart", "reoffer device restart"],
  ]);
  expect([from.state.name, to.state.name]).toEqual(["Established", "Established"]);
  expect(saidOf(from).at(-1)).toBe("heard offer sendrecv");
  expect(at.log.map(({ kind }) => kind)).toContain("Lost");
  from.hangUp();
  await expectNothingLeft(at);
});

test("a worker that is lost while its calls are brought back costs time, and no call", async () => {
  const at = stage();
  const { alice, bob } = await two(at);
  const { from, to } = await talk(at, bob, alice);
  at.server.call(() => {
    at.engine.lose();
    at.engine.refuseNext({ status: 503, why: "no worker" });
    at.engine.lose();
  });
  await at.network.run(3000);
  expect([from.state.name, to.state.name]).toEqual(["Established", "Established"]);
  expect(at.engine.asked.filter((one) => one === "accept device").length).toBeGreaterThan(0);
  from.hangUp();
  await expectNothingLeft(at);
});

test("a worker that is lost while a re-offer is asked for costs no call", async () => {
  const at = stage();
  const { alice, bob } = await two(at);
  const { from, to } = await talk(at, bob, alice);
  at.server.call(() => {
    at.engine.hold();
    at.engine.refuseNext({ status: 503, why: "the media worker ended" });
    at.engine.lose();
  });
  at.server.call(() => at.engine.lose());
  await at.network.run(100);
  at.server.call(() => at.engine.release());
  await at.network.run(100);
  at.server.call(() => at.engine.lose());
  await at.network.run(3000);
  expect([from.state.name, to.state.name]).toEqual(["Established", "Established"]);
  from.hangUp();
  await expectNothingLeft(at);
});

test("a worker that is lost while it rings, or as it is answered, is a 503", async () => {
  for (const moment of ["ringing", "answering"] as const) {
    const at = stage();
    const { alice, bob } = await two(at);
    const calls = alice.calls();
    const from = bob.call(alice.aor);
    const { value: to } = (await at.network.until(calls.next())) as { value: Call<SpokenMedia> };
    if (moment === "answering") {
      at.engine.hold();
      to.answer().catch(() => {});
      await at.network.run(500);
    }
    at.server.call(() => {
      at.engine.lose();
      at.engine.release();
    });
    await at.network.until(Promise.all([from.ended, to.ended]));
    await expectNothingLeft(at);
  }
});

test("what the engine cannot bring back ends with a reason in words", async () => {
  const at = stage();
  const { alice, bob } = await two(at);
  const { from, to } = await talk(at, bob, alice);
  at.server.call(() => {
    at.engine.refuseNext({ status: 488, why: "no format that the next worker has" });
    at.engine.lose();
  });
  await at.network.until(Promise.all([from.ended, to.ended]));
  await expectNothingLeft(at);
});

test("a side without a way is offered another one once; then it is over", async () => {
  const at = stage();
  const { alice, bob } = await two(at);
  const { from, to } = await talk(at, bob, alice);
  const [{ id = "" } = {}] = at.bridge.list();
  const fail = (): void =>
    at.server.call(() =>
      at.engine.tell({ kind: "Failed", call: id, tag: "device", why: "ICE found no way" }),
    );
  at.engine.asked.length = 0;
  fail();
  await at.network.run(2000);
  expect(at.engine.asked).toContain("reoffer device restart");
  expect([from.state.name, to.state.name]).toEqual(["Established", "Established"]);
  fail();
  const ends = await at.network.until(Promise.all([from.ended, to.ended]));
  expect(ends.map(({ code }) => code)).toEqual(["SIP_MEDIA", "SIP_MEDIA"]);
  await expectNothingLeft(at);
});

test("a person with a page and a desk phone: either answers, and the other stops", async () => {
  for (const winner of ["page", "desk"] as const) {
    const at = stage();
    const alice = await at.signedIn<SpokenMedia>("alice", "ws", page);
    const bobs = {
      page: await at.signedIn<SpokenMedia>("bob", "ws", page),
      desk: await at.signedIn<SpokenMedia>("bob", "udp", desk),
    };
    // The desk phone is known by a call that it made.
    const before = await talk(at, bobs.desk, alice);
    before.from.hangUp();
    await at.network.run(2000);
    const [atPage, atDesk] = [bobs.page.calls(), bobs.desk.calls()];
    const from = alice.call(bobs.page.aor);
    const both = await at.network.until(Promise.all([atPage.next(), atDesk.next()]));
    const [onPage, onDesk] = both.map(({ value }) => value as Call<SpokenMedia>);
    if (!onPage || !onDesk) throw new Error("not both ring");
    const [to, other] = winner === "page" ? [onPage, onDesk] : [onDesk, onPage];
    await at.network.until(Promise.all([to.answer(), from.answered]));
    expect(await at.network.until(other.ended)).toMatchObject({ code: "SIP_ANSWERED_ELSEWHERE" });
    expect(saidOf(from)).toEqual(["offered sendrecv", "heard answer sendrecv"]);
    expect(at.bridge.census().calls).toBe(winner === "desk" ? 1 : 0);
    from.hangUp();
    await at.network.until(to.ended);
    await expectNothingLeft(at);
  }
});

test("a phone whose INVITE was too large for UDP goes on when that connection ends", async () => {
  const at = stage();
  const alice = await at.signedIn<SpokenMedia>("alice", "ws", page);
  const displayName = "B".repeat(1300);
  const bob = await at.signedIn<SpokenMedia>("bob", "udp", { ...desk, displayName });
  const { from, to } = await talk(at, bob, alice);
  // It idles for five minutes; whoever is cut off comes back within two, or never.
  await at.network.run(500_000);
  expect([from.state.name, to.state.name]).toEqual(["Established", "Established"]);
  to.hangUp();
  await at.network.until(from.ended);
  await expectNothingLeft(at);
});

test("a page that loses its connection comes back into the bridged call", async () => {
  const at = stage();
  const { alice, bob } = await two(at);
  const { from, to } = await talk(at, bob, alice);
  const host = at.hostOf(alice);
  host.disconnect();
  await at.network.run(8000);
  expect(to.state.name).toBe("Established");
  expect(from.state.name).toBe("Established");
  to.hangUp();
  await at.network.until(from.ended);
  await expectNothingLeft(at);
});

test("how well both were heard is told after the end, where the engine knows it", async () => {
  const rated: unknown[] = [];
  const calls = { ended() {}, rated: (call: unknown) => void rated.push(call) };
  const at = stage({}, { calls });
  const { alice, bob } = await two(at);
  const { from, to } = await talk(at, alice, bob);
  const numbers = { packetsReceived: 9, packetsSent: 9, octetsReceived: 9, octetsSent: 9 };
  const media = { transport: "rtp", isEncrypted: false, video: "none" } as const;
  const side = { media, ...numbers, packetsLost: 0, jitterMs: 1, packetsRefused: 0 };
  const sides = { caller: { ...side, mos: 4.4 }, device: side };
  at.engine.numbers = { sides, worker: "w", isTranscoded: true };
  const { callId } = from.dialog ?? {};
  from.hangUp();
  await at.network.until(to.ended);
  await at.network.run(1000);
  expect(rated).toMatchObject([{ callId, mos: { caller: 4.4 } }]);
  await expectNothingLeft(at);
});
