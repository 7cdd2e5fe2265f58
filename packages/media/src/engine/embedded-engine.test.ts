import type { Described, MediaAnswer, MediaEvent, MediaResult } from "carillon/b2bua";
import { Pending } from "carillon/roles";
import { afterEach, expect, test } from "vitest";
import {
  EmbeddedEngine,
  type EmbeddedEngineOptions,
  type WorkerStatus,
} from "./embedded-engine.ts";
import { TestingPhone, type TestingPhoneOptions } from "./testing-phone.ts";

const engines: EmbeddedEngine[] = [];
const phones: TestingPhone[] = [];
afterEach(async () => {
  for (const { media } of phones.splice(0)) media.close();
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
});

function engineOf(options: EmbeddedEngineOptions = {}): EmbeddedEngine {
  const engine = new EmbeddedEngine({
    workers: 1,
    ports: { from: 41_000, to: 41_399 },
    ...options,
  });
  engines.push(engine);
  return engine;
}

function phone(options: TestingPhoneOptions): TestingPhone {
  const made = new TestingPhone(options);
  phones.push(made);
  return made;
}

const settled = <T>(answer: MediaAnswer<T>): Promise<MediaResult<T>> =>
  new Promise((resolve, reject) => {
    if (answer instanceof Pending) answer.whenSettled(resolve, reject);
    else resolve(answer);
  });

async function done(answer: MediaAnswer<Described>): Promise<Described> {
  const result = await settled(answer);
  if (!result.ok) throw new Error(`${result.error.status} ${result.error.why}`);
  return result.value;
}

/** With a limit that only something broken reaches, however busy the machine is. */
async function until(what: () => unknown): Promise<void> {
  for (let nth = 0; nth < 6000; nth++) {
    if (what()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`it never came: ${what}`);
}

/** One calls the other through the engine. */
async function call(engine: EmbeddedEngine, id: string, a: TestingPhone, b: TestingPhone) {
  const [from, to] = [a.side("a"), b.side("b")];
  const offered = await done(engine.offer(id, from, to, await a.media.offer()));
  const answer = await b.media.answer(offered.sdp);
  const answered = await done(engine.answer(id, to, from, answer));
  await a.media.accept(answered.sdp);
  return { offered, answered };
}

const page = (codecs: TestingPhoneOptions["codecs"] = ["opus", "PCMU"]) =>
  phone({ security: "dtls", codecs, hz: 440, as: "webrtc" });
const desk = (codecs: TestingPhoneOptions["codecs"] = ["PCMA"], hz = 1000) =>
  phone({ codecs, hz, as: "rtp" });

test("a page with ICE, DTLS-SRTP and Opus talks to a telephone with RTP and PCMA", async () => {
  const engine = engineOf();
  const [anne, ben] = [page(), desk()];
  const { offered, answered } = await call(engine, "c1", anne, ben);
  expect(offered.sdp).toMatch(/^m=audio \d+ RTP\/AVP /m);
  expect(offered.sdp).not.toMatch(/a=(ice|fingerprint|candidate|setup)/);
  expect(answered.sdp).toMatch(/^m=audio \d+ UDP\/TLS\/RTP\/SAVPF /m);
  expect(answered.sides).toEqual({
    a: { transport: "webrtc", codec: "opus", isEncrypted: true, video: "none" },
    b: { transport: "rtp", codec: "PCMA", isEncrypted: false, video: "none", path: "direct" },
  });
  await until(() => anne.heard(1000) > 3 && ben.heard(440) > 3);
});

test("a telephone calls a page, and what both can speak is not decoded", async () => {
  const engine = engineOf();
  const [ben, anne] = [desk(["PCMU"]), page()];
  const { answered } = await call(engine, "c2", ben, anne);
  expect([answered.sides["a"]?.codec, answered.sides["b"]?.codec]).toEqual(["PCMU", "PCMU"]);
  await until(() => anne.heard(1000) > 3 && ben.heard(440) > 3);
});

test.each([1, 2])(
  "the calls of one of %i workers that is killed are heard again",
  async (workers) => {
    const engine = engineOf({ workers });
    const lost: MediaEvent[] = [];
    engine.onevent = (event) => lost.push(event);
    const [anne, ben] = [page(), desk()];
    await call(engine, "c3", anne, ben);
    await until(() => anne.heard(1000) > 3 && ben.heard(440) > 3);
    const victim = engine.workers.find(({ calls }) => calls === 1);
    process.kill(victim?.pid ?? 0, "SIGKILL");
    await until(() => lost.length > 0);
    expect(lost).toEqual([
      { kind: "Lost", calls: ["c3"], why: `${victim?.name}: it was ended by SIGKILL` },
    ]);
    const sides = [[anne, anne.side("a")] as const, [ben, ben.side("b")] as const];
    for (const [who, side] of sides) {
      const { sdp } = await done(engine.reoffer("c3", side));
      await done(engine.accept("c3", side, await who.media.answer(sdp)));
    }
    anne.forget();
    ben.forget();
    await until(() => anne.heard(1000) > 3 && ben.heard(440) > 3);
    await until(() => engine.workers.every(({ pid }) => pid !== undefined));
  },
);

test("a call goes on where all workers end at once: it is not what ends them", async () => {
  const engine = engineOf({ workers: 2, suspectMs: 3_600_000 });
  const [anne, ben] = [page(), desk()];
  await call(engine, "c8", anne, ben);
  const victim = engine.workers.find(({ calls }) => calls === 1);
  // The other one has begun once it has a call.
  const isOther = ({ name, calls }: WorkerStatus) => name !== victim?.name && calls > 0;
  for (let nth = 0; !engine.workers.some(isOther); nth++) {
    await done(engine.terminate(`t${nth}`, ben.side("a"), await ben.media.offer()));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const other = engine.workers.find(isOther);
  const results: boolean[] = [];
  let isOtherKilled = false;
  // As the agent does, in the same turn: the other worker ends, too, and nobody knows it yet.
  engine.onevent = (event) => {
    if (event.kind !== "Lost" || !event.calls.includes("c8")) return;
    if (!isOtherKilled) process.kill(other?.pid ?? 0, "SIGKILL");
    isOtherKilled = true;
    const again = settled(engine.reoffer("c8", ben.side("b")));
    void again.then(({ ok }) => results.push(ok));
  };
  process.kill(victim?.pid ?? 0, "SIGKILL");
  await until(() => results.length > 0);
  expect(results).toEqual([true]);
});

test.each([
  ["that had it for a while: it goes on each time", 0, [true, true, true]],
  ["as soon as they had it: it is not handed on a third time", 3_600_000, [true, false, false]],
] as const)("a call outlives workers %s", async (_, suspectMs, expected) => {
  const engine = engineOf({ suspectMs });
  let lost = 0;
  engine.onevent = () => lost++;
  const [anne, ben] = [page(), desk()];
  await call(engine, "c7", anne, ben);
  const goesOn: boolean[] = [];
  for (let nth = 1; nth <= 3; nth++) {
    const victim = engine.workers.find(({ calls }) => calls === 1);
    if (victim?.pid !== undefined) {
      process.kill(victim.pid, "SIGKILL");
      await until(() => lost === nth && engine.workers.some(({ pid }) => pid !== undefined));
    }
    const { ok } = await settled(engine.reoffer("c7", ben.side("b")));
    goesOn.push(ok);
  }
  expect(goesOn).toEqual(expected);
});

test("a call that nobody knows is refused, and verbs about it are passed over", async () => {
  const engine = engineOf();
  const side = desk().side("a");
  const refusal = await settled(engine.answer("none", side, { ...side, tag: "b" }, "v=0\r\n"));
  expect(refusal).toMatchObject({ ok: false, error: { status: 481 } });
  engine.end("none");
  engine.dtmf("none", "a", "1");
  expect(engine.statistics("none")).toBeUndefined();
});

test("RFC 4733 §2.5.1: keys go to a side that nothing else is said to", async () => {
  const engine = engineOf();
  const anne = desk(["PCMU"], 440);
  const side = anne.side("a");
  const { sdp } = await done(engine.terminate("k1", side, await anne.media.offer()));
  await anne.media.accept(sdp);
  engine.dtmf("k1", "a", "11#");
  await until(() => anne.keys.length === 3);
  expect(anne.keys).toEqual(["1", "1", "#"]);
});

test("the engine itself is the other side: it plays, echoes and hears keys", async () => {
  const engine = engineOf();
  const events: MediaEvent[] = [];
  engine.onevent = (event) => events.push(event);
  const anne = desk(["opus"], 440);
  const side = anne.side("a");
  const { sdp } = await done(engine.terminate("t1", side, await anne.media.offer()));
  await anne.media.accept(sdp);
  engine.play("t1", "a", { kind: "Tone", hz: 1300, durationMs: 1000 });
  await until(() => events.some(({ kind }) => kind === "Played"));
  expect(anne.heard(1300)).toBeGreaterThan(3);
  engine.echo("t1", "a", 100);
  await until(() => anne.heard(440) > 3);
  await anne.media.sendDtmf("7");
  await until(() => events.some(({ kind }) => kind === "Dtmf"));
  expect(events.at(-1)).toMatchObject({ kind: "Dtmf", call: "t1", tag: "a", tone: "7" });
  engine.dtmf("t1", "a", "42");
  await until(() => anne.keys.length === 2);
  expect(anne.keys).toEqual(["4", "2"]);
});

test("RFC 3264 §5: a side that sent no offer is offered what the engine speaks", async () => {
  const engine = engineOf();
  const anne = desk(["PCMU"], 440);
  const side = anne.side("a");
  const { sdp } = await done(engine.originate("o1", side));
  expect(sdp).toMatch(/^m=audio \d+ RTP\/AVP 96 9 0 8 /m);
  await done(engine.accept("o1", side, await anne.media.answer(sdp)));
  engine.play("o1", "a", { kind: "Tone", hz: 700 });
  await until(() => anne.heard(700) > 3);
});
