import type { Described, MediaAnswer, MediaEvent, MediaResult, Side } from "carillon/b2bua";
import { Pending } from "carillon/roles";
import { afterEach, expect, test } from "vitest";
import { entryOf } from "./bencode.ts";
import { RtpengineEngine, type RtpengineOptions } from "./rtpengine-engine.ts";
import { TestingRtpengine } from "./testing-rtpengine.ts";

const open: { close(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

async function server(port?: number): Promise<TestingRtpengine> {
  const made = await TestingRtpengine.open(port);
  open.push(made);
  return made;
}

function engineFor(
  servers: readonly (TestingRtpengine | { readonly port: number; readonly weight?: number })[],
  options: Partial<RtpengineOptions> = {},
): RtpengineEngine {
  const nodes = servers.map((one) => ({
    ...{ host: "127.0.0.1", port: one.port, retryMs: 20 },
    ...("weight" in one && { weight: one.weight ?? 1 }),
  }));
  const engine = new RtpengineEngine({ nodes, pingMs: 60_000, ...options });
  open.push(engine);
  return engine;
}

const settled = <T>(answer: MediaAnswer<T>): Promise<MediaResult<T>> =>
  new Promise((resolve, reject) => {
    if (answer instanceof Pending) answer.whenSettled(resolve, reject);
    else resolve(answer);
  });

async function until(what: () => unknown): Promise<void> {
  for (let nth = 0; nth < 6000; nth++) {
    if (what()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`it never came: ${what}`);
}

const side = (tag: string, transport: Side["transport"] = "rtp", address = "127.0.0.1"): Side => ({
  ...{ tag, transport, address, isBehindNat: false },
});
const NO_NULL = ["no-NULL_HMAC_SHA1_80", "no-NULL_HMAC_SHA1_32"];
const [PAGE, DESK] = [side("a", "webrtc"), side("b", "rtp", "::1")];
const text = (port: number, more = ""): string =>
  `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n` +
  `m=audio ${port} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n${more}`;

async function call(engine: RtpengineEngine, id: string): Promise<readonly Described[]> {
  const results = [
    await settled(engine.offer(id, PAGE, DESK, text(4000))),
    await settled(engine.answer(id, DESK, PAGE, text(5000))),
  ];
  return results.map((one) => {
    if (!one.ok) throw new Error(one.error.why);
    return one.value;
  });
}

test("each side is described as it speaks, and told of as by our own engine", async () => {
  const there = await server();
  const engine = engineFor([there]);
  const [offered, answered] = await call(engine, "c1");
  const [offer, answer] = [there.asked("offer")[0]?.entries, there.asked("answer")[0]?.entries];
  expect(offer).toMatchObject({
    ...{ "from-tag": "a", "transport-protocol": "RTP/AVP", ICE: "remove", DTLS: "passive" },
    ...{ "address-family": "IP6", "rtcp-mux": ["demux"] },
    codec: { transcode: ["opus", "G722", "PCMU", "PCMA", "telephone-event"] },
  });
  expect(answer).toMatchObject({
    ...{ "from-tag": "a", "to-tag": "b", ICE: "force", DTLS: "passive", SDES: ["off", ...NO_NULL] },
    "address-family": "IP4",
  });
  expect(offered?.sdp).not.toBe(text(4000));
  expect(answered?.sides).toEqual({
    a: { transport: "rtp", codec: "PCMU", isEncrypted: false, video: "none" },
    b: { transport: "rtp", codec: "PCMU", isEncrypted: false, video: "none" },
  });
  engine.end("c1");
  await until(() => there.asked("delete").length === 1);
  expect(entryOf(there.asked("delete")[0]?.entries, "call-id")).toBe(entryOf(offer, "call-id"));
});

test("what is lost on the way is asked again with the same cookie", async () => {
  const there = await server();
  const engine = engineFor([there]);
  await until(() => there.asked("ping").length > 0);
  there.deaf = 2;
  const [offered] = await call(engine, "c1");
  expect(offered?.sdp).toContain("m=audio 4");
  const cookies = there.asked("offer").map(({ cookie }) => cookie);
  expect(new Set(cookies).size).toBe(1);
});

test("what rtpengine refuses is refused so; an address to be found is no hold", async () => {
  const there = await server();
  const engine = engineFor([there]);
  const found = "a=candidate:1 1 UDP 1 192.0.2.7 4000 typ host\r\n";
  const nowhere = text(9, found).replace("c=IN IP4 127.0.0.1", "c=IN IP4 0.0.0.0");
  await settled(engine.offer("c1", PAGE, DESK, nowhere));
  expect(entryOf(there.asked("offer")[0]?.entries, "sdp")).toContain("c=IN IP4 192.0.2.7\r\n");
  there.error = "Incomplete SDP specification";
  expect(await settled(engine.offer("c2", PAGE, DESK, text(4000)))).toEqual({
    ok: false,
    error: { status: 488, warning: 305, why: "rtpengine: Incomplete SDP specification" },
  });
  expect(await settled(engine.answer("c2", DESK, PAGE, text(4000)))).toMatchObject({
    error: { status: 481 },
  });
});

test("calls go by weight, and stay where they began", async () => {
  const [large, small] = [await server(), await server()];
  const engine = engineFor([
    { port: large.port, weight: 3 },
    { port: small.port, weight: 1 },
  ]);
  for (let nth = 0; nth < 8; nth++) await call(engine, `c${nth}`);
  expect([large.asked("offer").length, small.asked("offer").length]).toEqual([6, 2]);
  expect([large.asked("answer").length, small.asked("answer").length]).toEqual([6, 2]);
  expect(engine.members.map(({ calls }) => calls)).toEqual([6, 2]);
});

test("one that is silent is left out until it is back; its calls go on in another", async () => {
  const [one, other] = [await server(), await server()];
  const notes: string[] = [];
  const engine = engineFor(
    [
      { port: one.port, weight: 9 },
      { port: other.port, weight: 1 },
    ],
    {
      ...{ pingMs: 50, onnote: (words) => notes.push(words) },
    },
  );
  const events: MediaEvent[] = [];
  engine.onevent = (event) => events.push(event);
  await call(engine, "c1");
  const { port } = one;
  one.close();
  open.splice(open.indexOf(one), 1);
  await until(() => events.length > 0);
  expect(events).toEqual([
    { kind: "Lost", calls: ["c1"], why: `rtpengine 127.0.0.1:${port} does not answer` },
  ]);
  // Both sides are offered anew at once: who is second waits for what comes of the first.
  const first = settled(engine.reoffer("c1", PAGE));
  const second = settled(engine.reoffer("c1", DESK));
  expect(await first).toMatchObject({ ok: true });
  expect(await settled(engine.accept("c1", PAGE, text(4002)))).toMatchObject({ ok: true });
  expect(await second).toMatchObject({ ok: true });
  expect(await settled(engine.accept("c1", DESK, text(5002)))).toMatchObject({ ok: true });
  expect(other.questions.map(({ command }) => command).filter((each) => each !== "ping")).toEqual([
    ...["offer", "answer", "offer"],
  ]);
  await server(port);
  await until(() => engine.members.every(({ isUp }) => isUp));
  expect(notes.at(-1)).toBe(`rtpengine 127.0.0.1:${port} answers again`);
});

test("without any that answers a call is refused for now", async () => {
  const there = await server();
  const engine = engineFor([there], { pingMs: 50 });
  there.close();
  open.splice(open.indexOf(there), 1);
  await until(() => engine.members.every(({ isUp }) => !isUp));
  expect(await settled(engine.offer("c1", PAGE, DESK, text(4000)))).toMatchObject({
    error: { status: 503, retryAfterSeconds: 5 },
  });
});
