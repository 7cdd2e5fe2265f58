// Calls that are recorded, on the simulated network: who is told, and how.
import { expect, test } from "vitest";
import { house } from "../testing/house.ts";
import { plainEngine } from "../testing/plain-engine.ts";
import { type SpokenMedia, spokenMedia } from "../testing/spoken-media.ts";
import type { Call } from "../ua/call.ts";
import type { Phone } from "../ua/phone.ts";
import { RecordingNotes, recordAware } from "../ua/recording-notes.ts";
import { bridging } from "./bridging.ts";
import type { RecordState } from "./recorded-call.ts";

/** A page that shows when it is recorded, and a desk phone, which talk. */
async function stage(isAware = true) {
  const engine = plainEngine();
  const bridge = bridging({ engine });
  const at = house({ bridging: () => bridge });
  const notes = new RecordingNotes();
  const alice = await at.signedIn<SpokenMedia>("alice", "ws", {
    media: () => spokenMedia("page"),
    trace: notes.trace,
  });
  if (isAware) recordAware(alice);
  const bob = await at.signedIn<SpokenMedia>("bob", "udp", { media: () => spokenMedia("desk") });
  const told: RecordState[] = [];
  const heard = (state: RecordState) => void told.push(state);
  const inTurn = <T>(run: () => T): T => {
    let done: T | undefined;
    at.server.call(() => {
      done = run();
    });
    return done as T;
  };
  const record = (id = bridge.list()[0]?.id ?? "") =>
    inTurn(() => bridge.record(id, { path: "/r/call.ogg", format: "ogg", heard }));
  const stop = () => inTurn(() => bridge.stopRecording(bridge.list()[0]?.id ?? ""));
  const tell = (event: Parameters<typeof engine.tell>[0]) => inTurn(() => engine.tell(event));
  return { ...at, engine, bridge, alice, bob, notes, told, inTurn, record, stop, tell };
}

type Stage = Awaited<ReturnType<typeof stage>>;

/** Answers each call that comes. */
function answering(phone: Phone<SpokenMedia>): void {
  void (async () => {
    for await (const call of phone.calls()) void call.answer().catch(() => {});
  })();
}

async function talk({ network, alice, bob }: Stage): Promise<Call<SpokenMedia>> {
  answering(bob);
  const call = alice.call(bob.aor);
  await network.until(call.answered);
  await network.run(2000);
  return call;
}

const verbs = ({ engine }: Stage) => engine.asked.filter((one) => /record|play|reoffer/.test(one));

test("RFC 7866 §6.1.2: who is aware is offered anew, and everybody else hears a tone", async () => {
  //= RFC 7866 §6.1.2
  //# A participant UA in a CS can indicate that it is recording aware by providing the
  //# "record-aware" option tag, and the SRC MUST provide recording indications in the new SDP
  //# "a=record" attribute described in Section 7 below.
  const at = await stage();
  const call = await talk(at);
  expect(at.record()).toEqual({ ok: true });
  await at.network.run(1000);
  expect(verbs(at)).toEqual(["record", "play device", "reoffer caller"]);
  expect(at.notes.of(call)).toBe("on");
  //= RFC 7866 §6.1.2
  //# In the absence of the "record-aware" option tag -- meaning that the participant UA is not
  //# recording aware -- an SRC MUST provide recording indications through other means, such as
  //# playing a tone in-band or having a signed participant contract in place.
  await at.network.run(15_000);
  expect(verbs(at).slice(3)).toEqual(["play device"]);
  expect(at.bridge.list()[0]).toMatchObject({ isRecorded: true });
});

test("RFC 7866 §7.1.2: at its end that is said as well, and no tone follows", async () => {
  const at = await stage();
  const call = await talk(at);
  at.record();
  await at.network.run(1000);
  const id = at.bridge.list()[0]?.id ?? "";
  at.tell({ kind: "Recording", call: id, path: "/r/call.ogg" });
  expect(at.stop()).toBe(true);
  at.tell({ kind: "Recorded", call: id, paths: ["/r/call.ogg"] });
  //= RFC 7866 §7.1.2
  //# Whenever the recording indication needs to change, such as termination of recording, the SRC
  //# MUST initiate a re-INVITE or UPDATE to update the SDP "a=record" attribute.
  await at.network.run(1000);
  expect(at.notes.of(call)).toBe("off");
  expect(at.told).toEqual([
    { name: "Recording", path: "/r/call.ogg" },
    { name: "Recorded", paths: ["/r/call.ogg"] },
  ]);
  await at.network.run(60_000);
  expect(verbs(at).filter((one) => one.startsWith("play"))).toHaveLength(1);
  expect(at.stop()).toBe(false);
});

test("two who are not aware of recordings both hear the tone", async () => {
  const at = await stage(false);
  await talk(at);
  at.record();
  await at.network.run(1000);
  expect(verbs(at)).toEqual(["record", "play caller", "play device"]);
});

test("what nobody answered, is not there, or is recorded already is refused", async () => {
  const at = await stage();
  void at.alice.calls()[Symbol.asyncIterator]().next();
  const ringing = at.bob.call(at.alice.aor);
  await at.network.run(1000);
  expect(at.record()).toEqual({ ok: false, error: "ringing" });
  ringing.hangUp();
  await at.network.run(2000);
  expect(at.record("none")).toEqual({ ok: false, error: "unknown" });
  await talk(at);
  at.record();
  expect(at.record()).toEqual({ ok: false, error: "recorded" });
});

test("a worker that is lost costs what was on its way: the next one goes on", async () => {
  const at = await stage();
  await talk(at);
  at.record();
  const id = at.bridge.list()[0]?.id ?? "";
  at.tell({ kind: "Recording", call: id, path: "/r/call.ogg" });
  await at.network.run(1000);
  at.inTurn(() => at.engine.lose());
  await at.network.run(2000);
  expect(at.engine.asked.filter((one) => one === "record")).toHaveLength(2);
  at.tell({ kind: "Recording", call: id, path: "/r/call-2.ogg" });
  at.stop();
  at.tell({ kind: "Recorded", call: id, paths: ["/r/call-2.ogg"] });
  expect(at.told.at(-1)).toEqual({ name: "Recorded", paths: ["/r/call.ogg", "/r/call-2.ogg"] });
});

test("a call's end is its recording's, and the files are told when they are whole", async () => {
  const at = await stage();
  const call = await talk(at);
  at.record();
  const id = at.bridge.list()[0]?.id ?? "";
  call.hangUp();
  await at.network.run(2000);
  at.tell({ kind: "Recorded", call: id, paths: ["/r/call.ogg"] });
  expect(at.told).toEqual([{ name: "Recorded", paths: ["/r/call.ogg"] }]);
  await at.network.run(60_000);
  expect(at.bridge.census()).toMatchObject({ sessions: 0, calls: 0 });
});

test("a disk that is full ends it, and both are told", async () => {
  const at = await stage();
  const call = await talk(at);
  at.record();
  await at.network.run(1000);
  const id = at.bridge.list()[0]?.id ?? "";
  at.tell({ kind: "Recorded", call: id, paths: [], why: "the disk is nearly full" });
  await at.network.run(1000);
  expect(at.notes.of(call)).toBe("off");
  expect(at.told).toEqual([{ name: "Recorded", paths: [], why: "the disk is nearly full" }]);
});
