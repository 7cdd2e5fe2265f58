import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tone } from "carillon/rtp";
import type { MediaSession } from "carillon/ua";
import { afterAll, afterEach, expect, test } from "vitest";
import { WavSink } from "../file/wav-sink.ts";
import { WavSource } from "../file/wav-source.ts";
import { toneShare } from "../sound/tone-share.ts";
import type { MediaSecurity } from "./chosen-way.ts";
import { type NodeMediaOptions, type NodeVoice, nodeMedia } from "./node-media.ts";

const folder = mkdtempSync(join(tmpdir(), "carillon-media-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string): string => join(folder, name);
const VOICE = { audio: true, video: false };

const open: NodeVoice[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

function side(options: Partial<NodeMediaOptions> = {}): NodeVoice {
  const made = nodeMedia({ address: "127.0.0.1", ...options })(VOICE);
  open.push(made);
  return made;
}

/** Half a minute of a tone in a file. */
function written(hertz: number): string {
  const sink = new WavSink(file(`${hertz}.wav`), { sampleRate: 16_000 });
  const source = tone({ frequencies: [hertz], sampleRate: 16_000 });
  sink.append(source.read(16_000 * 30) ?? new Int16Array());
  sink.end();
  return file(`${hertz}.wav`);
}

async function exchange(from: MediaSession, to: MediaSession): Promise<readonly string[]> {
  const offer = await from.offer();
  const answer = await to.answer(offer);
  await from.accept(answer);
  return [offer, answer];
}

async function until(what: () => unknown): Promise<void> {
  for (let nth = 0; nth < 400; nth++) {
    if (what()) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`it never came: ${what}`);
}

/** Seconds of a recording in which it is this tone that is heard: a busy machine has gaps. */
function secondsOf(path: string, hertz: number): number {
  const source = new WavSource(path);
  const block = source.sampleRate / 10;
  let blocks = 0;
  for (let pcm = source.read(block); pcm; pcm = source.read(block)) {
    if (toneShare(pcm, source.sampleRate, hertz) > 0.7) blocks++;
  }
  return blocks / 10;
}

const WAYS: readonly (readonly [MediaSecurity, string, boolean])[] = [
  ["none", "RTP/AVP", false],
  ["sdes", "RTP/SAVP", true],
  ["dtls", "UDP/TLS/RTP/SAVPF", true],
  ["auto", "RTP/AVP", true],
];

test.each(WAYS)(
  "RFC 3264: a file is said over %s as it is offered, and recorded",
  async (security, proto, isEncrypted) => {
    const [a, b] = [file(`${security}-a.wav`), file(`${security}-b.wav`)];
    const anne = side({ security, play: written(400), record: { path: a, what: "heard" } });
    // Who answers takes what is offered.
    const ben = side({ play: written(1000), record: { path: b, what: "heard" } });
    const [offer = "", answer = ""] = await exchange(anne, ben);
    for (const text of [offer, answer])
      expect(text).toMatch(new RegExp(`^m=audio \\d+ ${proto} `, "m"));
    // A recording can be read while it is written; a busy machine only takes longer.
    await until(() => secondsOf(a, 1000) > 0.3 && secondsOf(b, 400) > 0.3);
    expect([anne.isEncrypted, ben.isEncrypted]).toEqual([isEncrypted, isEncrypted]);
    await until(() => anne.statistics?.codec === "opus");
    anne.close();
    ben.close();
    expect([secondsOf(a, 1000) > 0.3, secondsOf(b, 400) > 0.3]).toEqual([true, true]);
  },
);

test("RFC 3264 §6: codecs are agreed on in the order of who offers", async () => {
  const anne = side({ codecs: ["PCMA", "opus"] });
  const [offer = "", answer = ""] = await exchange(
    anne,
    side({ codecs: ["opus", "PCMU", "PCMA"] }),
  );
  expect(offer).toMatch(/^m=audio \d+ RTP\/AVP 8 \d+ /m);
  expect(answer).toMatch(/^m=audio \d+ RTP\/AVP 8 \d+ /m);
  expect(offer).toMatch(/a=fmtp:\d+ useinbandfec=1;usedtx=1\r/);
});

test.each(["none", "dtls"] as const)("RFC 4733: keys are heard over %s", async (security) => {
  const [anne, ben] = [side({ security }), side()];
  const keys: string[] = [];
  ben.ondtmf = ({ tone: key }) => keys.push(key);
  await exchange(anne, ben);
  // Over DTLS they wait until the link is open.
  await anne.sendDtmf("42#");
  await until(() => keys.length === 3);
  expect(keys).toEqual(["4", "2", "#"]);
});

test("where encryption is required nothing else is taken or offered", async () => {
  const strict = side({ security: "dtls", requireEncryption: true });
  const plain = await side().offer();
  await expect(strict.answer(plain)).rejects.toMatchObject({ status: 488 });
  const keys = side({ security: "sdes", requireEncryption: true });
  expect(await keys.offer()).toMatch(/^m=audio \d+ RTP\/SAVP /m);
  expect(() => side({ requireEncryption: true })).toThrow(RangeError);
  expect(() => side({ codecs: [] })).toThrow(RangeError);
  expect(() => side({ codecs: ["GSM" as "opus"] })).toThrow("GSM is none of opus, G722");
});

test("what cannot be opened is said in words with the first description", async () => {
  const anne = side({ play: file("none.wav") });
  await expect(anne.offer()).rejects.toMatchObject({ code: "SIP_MEDIA" });
  const ben = side({ microphone: { path: "/nowhere" } });
  await expect(ben.answer(await side().offer())).rejects.toThrow(/no microphone: .*install/);
  const carol = side({ record: "/no/such/folder/a.wav" });
  await expect(carol.offer()).rejects.toThrow("ENOENT");
});

test("a call that is closed while it opens leaves nothing behind", async () => {
  const anne = side({ security: "dtls", record: file("closed.wav") });
  const offering = anne.offer().catch((cause: { code?: string }) => cause.code);
  anne.close();
  anne.close();
  expect(await offering).toBe("SIP_CLOSED");
});
