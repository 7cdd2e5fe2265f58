// Lines that are called by phones over real sockets, and heard: plain G.711, and Opus with ICE and
// DTLS-SRTP as a page has it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEndpoint } from "carillon/endpoint";
import { nodeCrypto, Phone, run, udp } from "carillon/node";
import { domain, MemoryLocation } from "carillon/roles";
import { tone } from "carillon/rtp";
import { testAccounts } from "carillon/testing";
import { type NodeVoice, nodeMedia, toneShare } from "carillon-media";
import { EmbeddedEngine } from "carillon-media/engine";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type HouseLines, houseLines } from "./house-lines.ts";

const HERE = { host: "127.0.0.1", port: 0 };
const PEOPLE = { alice: "a secret" };

let engine: EmbeddedEngine;
let lines: HouseLines;
let runner: ReturnType<typeof run>;
let server: { readonly host: string; readonly port: number };
let folder: string;
const open: Phone[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "carillon-heard-"));
  const inTurn = (what: () => void) => runner.call(what);
  engine = new EmbeddedEngine({ workers: 1, ports: { from: 34_000, to: 34_999 }, inTurn });
  lines = houseLines({ engine, announcements: folder });
  const crypto = nodeCrypto();
  const names = { domain: "house.example", aliases: ["127.0.0.1"], realm: "house.example" };
  const role = domain({
    ...{ ...names, crypto, location: new MemoryLocation(), node: "n1", services: [lines] },
    accounts: testAccounts(crypto, "house.example", PEOPLE),
    ...{ key: crypto.randomBytes(32), tokenKey: crypto.randomBytes(32) },
  });
  runner = run(createEndpoint({ role, crypto, node: "n1" }));
  server = (await udp(runner, HERE)).address;
});

afterAll(async () => {
  for (const phone of open) await phone.close();
  runner.close();
  await engine.close();
  rmSync(folder, { recursive: true });
});

const KINDS = {
  "G.711": () => nodeMedia({ address: "127.0.0.1", codecs: ["PCMU"] }),
  "Opus over ICE and DTLS-SRTP": () =>
    nodeMedia({ address: "127.0.0.1", codecs: ["opus"], security: "dtls" }),
} as const;

/** What is heard of a line in so many seconds, at 8 kHz; and what is done meanwhile. */
async function heard(
  kind: keyof typeof KINDS,
  uri: string,
  seconds: number,
  during: (call: Awaited<ReturnType<typeof dial>>["call"]) => Promise<unknown> = async () => {},
): Promise<Int16Array> {
  const { call, samples } = await dial(kind, uri);
  await during(call);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  await call.hangUp();
  return Int16Array.from(samples);
}

async function dial(kind: keyof typeof KINDS, uri: string) {
  const phone = await Phone.open({
    ...{
      aor: "sip:alice@house.example",
      password: PEOPLE.alice,
      server,
      transport: "UDP",
      local: HERE,
    },
    media: KINDS[kind](),
  });
  open.push(phone);
  await phone.register();
  const call = phone.call(uri);
  const samples: number[] = [];
  await call.answered;
  const media = mediaOf(call);
  media.source = tone({ frequencies: [700], sampleRate: 8000 });
  media.sink = { sampleRate: 8000, write: (pcm: Int16Array) => void samples.push(...pcm) };
  return { call, samples };
}

function mediaOf({ media }: { readonly media: NodeVoice | undefined }): NodeVoice {
  if (!media) throw new Error("a call without media");
  return media;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Until so much of it was heard. */
async function secondsOf440(samples: readonly number[], seconds: number): Promise<void> {
  const heard = (): number => {
    let blocks = 0;
    for (let at = 0; at + 400 <= samples.length; at += 400) {
      const block = Int16Array.from(samples.slice(at, at + 400));
      if (toneShare(block, 8000, 440) > 0.9) blocks++;
    }
    return blocks / 20;
  };
  await expect.poll(heard, { timeout: 15_000, interval: 50 }).toBeGreaterThanOrEqual(seconds);
}

/** The most of a tenth of a second that is this tone. */
function most(pcm: Int16Array, hertz: number): number {
  let best = 0;
  for (let at = 0; at + 800 <= pcm.length; at += 400) {
    best = Math.max(best, toneShare(pcm.subarray(at, at + 800), 8000, hertz));
  }
  return best;
}

test.each(Object.keys(KINDS) as (keyof typeof KINDS)[])(
  "%s: the tone is heard, and another when a key is pressed",
  async (kind) => {
    const pcm = await heard(kind, "sip:tone@house.example", 1.5, async (call) => {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      await mediaOf(call).sendDtmf("2");
    });
    expect(most(pcm, 440)).toBeGreaterThan(0.95);
    expect(most(pcm, 1000)).toBeGreaterThan(0.95);
    expect(most(pcm, 2000)).toBeLessThan(0.2);
  },
  40_000,
);

test.each(Object.keys(KINDS) as (keyof typeof KINDS)[])(
  "%s: who speaks to an echo hears themselves",
  async (kind) => {
    const pcm = await heard(kind, "sip:echo@house.example;delay=200", 1.5);
    expect(most(pcm, 700)).toBeGreaterThan(0.9);
  },
  40_000,
);

test.each(Object.keys(KINDS) as (keyof typeof KINDS)[])(
  "%s: on hold nothing is heard, and afterwards all of it again",
  async (kind) => {
    const { call, samples } = await dial(kind, "sip:tone@house.example");
    await secondsOf440(samples, 0.5);
    await call.hold();
    await pause(300);
    samples.length = 0;
    await pause(500);
    expect(most(Int16Array.from(samples), 440)).toBeLessThan(0.2);
    await call.resume();
    samples.length = 0;
    await secondsOf440(samples, 0.5);
    await call.hangUp();
  },
  40_000,
);

test.each(Object.keys(KINDS) as (keyof typeof KINDS)[])(
  "%s: after a worker was killed the tone is heard again",
  async (kind) => {
    const { call, samples } = await dial(kind, "sip:tone@house.example");
    await secondsOf440(samples, 0.5);
    const [worker] = engine.workers;
    process.kill(worker?.pid ?? 0, "SIGKILL");
    await expect.poll(() => engine.workers[0]?.pid !== worker?.pid).toBe(true);
    samples.length = 0;
    await secondsOf440(samples, 0.2);
    await call.hangUp();
  },
  40_000,
);

test("an announcement is heard, and then the line hangs up", async () => {
  const { call, samples } = await dial("G.711", "sip:annc@house.example;play=welcome");
  const end = await call.ended;
  expect(end).toMatchObject({ by: "remote", code: "SIP_HUNG_UP" });
  expect(samples.some((sample) => Math.abs(sample) > 3000)).toBe(true);
  await expect.poll(() => lines.count, { timeout: 5000 }).toBe(0);
}, 40_000);
