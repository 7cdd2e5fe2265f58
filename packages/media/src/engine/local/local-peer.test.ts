import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Beat, VoiceTime } from "carillon/node";
import {
  type Codec,
  describedCodecs,
  g722,
  parseRtp,
  pcma,
  pcmu,
  tone,
  VoiceStream,
  voiceAgreement,
} from "carillon/rtp";
import type { AgreedSlot } from "carillon/sdp";
import { afterAll, expect, test } from "vitest";
import { OpusFileSink } from "../../file/opus-file-sink.ts";
import { WavSink } from "../../file/wav-sink.ts";
import { opus } from "../../opus/opus.ts";
import { promptPath } from "../../prompts/prompts.ts";
import { toneShare } from "../../sound/tone-share.ts";
import { LocalPeer, type LocalPeerOptions } from "./local-peer.ts";

const folder = mkdtempSync(join(tmpdir(), "carillon-local-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string): string => join(folder, name);

class Turned implements VoiceTime {
  readonly beats = new Set<Beat>();
  time = 1000;
  now = (): number => this.time;
  add(beat: Beat): void {
    this.beats.add(beat);
  }
  delete(beat: Beat): void {
    this.beats.delete(beat);
  }
}

/** A peer, and a phone that calls it: no network between them. */
class Call {
  readonly clock = new Turned();
  readonly peer: LocalPeer;
  readonly phone: VoiceStream;
  readonly packets: Uint8Array[] = [];
  readonly heard: number[] = [];
  readonly told: string[] = [];
  readonly rate: number;

  constructor(codec: Codec, options: Partial<LocalPeerOptions> = {}, fmtp = codec.fmtp) {
    this.rate = codec.sampleRate;
    const slot = slotOf(codec, fmtp);
    this.peer = new LocalPeer({
      ...{ codecs: [codec], clock: this.clock },
      send: (packet) => {
        this.packets.push(packet);
        this.phone.receive(packet, this.clock.time);
      },
      sendControl: (packet) => this.phone.receiveControl(packet, this.clock.time),
      onplayed: () => this.told.push("played"),
      ondtmf: (key) => this.told.push(key),
      onerror: (words) => this.told.push(words),
      ...options,
    });
    const random = () => Math.trunc(Math.random() * 2 ** 32);
    this.phone = new VoiceStream({ random, cname: "phone", epochMs: 0 });
    this.phone.agree(voiceAgreement(slot, [codec]));
    this.peer.agree(slot);
  }

  /** So long, saying that. */
  async run(ms: number, said?: ReturnType<typeof tone>): Promise<void> {
    for (let passed = 0; passed < ms; passed += 20) {
      this.clock.time += 20;
      for (const packet of this.phone.send(said?.read(this.rate / 50) ?? undefined)) {
        this.peer.receive(packet);
      }
      for (const beat of this.clock.beats) beat(this.clock.time);
      this.heard.push(...(this.phone.play(this.clock.time)?.pcm ?? []));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  share(hertz: number, fromMs: number, toMs: number): number {
    const [from, to] = [fromMs, toMs].map((ms) => (ms * this.rate) / 1000);
    return toneShare(Int16Array.from(this.heard.slice(from, to)), this.rate, hertz);
  }
}

function slotOf(codec: Codec, params = codec.fmtp): AgreedSlot {
  const codecs = describedCodecs([codec]).map((each) => ({
    ...{ encoding: each.encoding, clockRateHz: each.clockRateHz, channels: each.channels ?? 1 },
    ...{ payloadType: each.payloadType, receivePayloadType: each.payloadType, feedback: [] },
    params: each.encoding === codec.name ? params : each.params,
  }));
  return {
    ...{ slot: 0, media: "audio", proto: "RTP/AVP", isActive: true, direction: "sendrecv" },
    ...{ codecs, transportSlot: 0, rtcpMux: true, remoteRtcp: undefined, crypto: undefined },
    remote: { address: "127.0.0.1", port: 9 },
  } as unknown as AgreedSlot;
}

const CODECS = [pcmu, pcma, g722, opus()];

test.each(CODECS)("$name: a tone is heard, and is over when it should be", async (codec) => {
  const call = new Call(codec);
  call.peer.play({ kind: "Tone", hz: 440, durationMs: 1000 });
  await call.run(1400);
  expect(call.share(440, 300, 900)).toBeGreaterThan(0.97);
  expect(call.told).toEqual(["played"]);
  call.peer.close();
});

test.each(CODECS)(
  "$name: who speaks to an echo hears themselves, later and quieter",
  async (codec) => {
    const call = new Call(codec);
    call.peer.echo(500);
    const amplitude = 0.2;
    await call.run(1600, tone({ frequencies: [1000], sampleRate: codec.sampleRate, amplitude }));
    expect(call.share(1000, 1000, 1500)).toBeGreaterThan(0.95);
    const at = (ms: number) => (ms * codec.sampleRate) / 1000;
    const loudest = (from: number, to: number) =>
      Math.max(...call.heard.slice(at(from), at(to)).map(Math.abs));
    expect(loudest(0, 450)).toBeLessThan(200);
    expect(loudest(1000, 1500)).toBeGreaterThan(2500);
    expect(loudest(1000, 1500)).toBeLessThan(4500);
    call.peer.close();
  },
);

async function opusFile(name: string, seconds: number): Promise<string> {
  const sink = await OpusFileSink.open(file(name));
  sink.append(tone({ frequencies: [1000], sampleRate: 48_000 }).read(48_000 * seconds)!);
  sink.end();
  await sink.ended;
  return file(name);
}

test("Opus in a file goes to who speaks Opus as it is in the file, octet for octet", async () => {
  const path = await opusFile("a.opus", 2);
  const call = new Call(opus());
  call.peer.play({ kind: "Files", paths: [path] });
  for (let n = 0; n < 50 && !call.told.includes("played"); n++) await call.run(100);
  const { Clip } = await import("./clip.ts");
  const [clip, inFile] = [(await Clip.read(path)).say(), [] as string[]];
  for (let said = clip.next({ sampleRate: 48_000, opus: true }); said; ) {
    if (said.kind === "Opus") inFile.push(Buffer.from(said.payload).toString("hex"));
    said = clip.next({ sampleRate: 48_000, opus: true });
  }
  const sent = call.packets.flatMap((packet) => {
    const parsed = parseRtp(packet);
    return parsed.ok ? [Buffer.from(parsed.value.payload).toString("hex")] : [];
  });
  const first = sent.indexOf(inFile[0] ?? "");
  expect(inFile).toHaveLength(100);
  expect(sent.slice(first, first + 100)).toEqual(inFile);
  call.peer.close();
});

test("RFC 7587 §6.1: who wants less on average, or CBR, gets what is coded for them", async () => {
  const path = await opusFile("b.opus", 1);
  for (const fmtp of ["maxaveragebitrate=12000", "cbr=1"]) {
    const call = new Call(opus(), {}, fmtp);
    call.peer.play({ kind: "Files", paths: [path] });
    await call.run(1500);
    const sizes = call.packets.map(({ length }) => length - 12);
    const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
    expect(mean).toBeLessThan(fmtp === "cbr=1" ? 45 : 32);
    call.peer.close();
  }
});

test.each([pcmu, g722, opus()])(
  "$name: files follow each other, again and again",
  async (codec) => {
    const wav = new WavSink(file("440.wav"), { sampleRate: 16_000 });
    wav.append(tone({ frequencies: [440], sampleRate: 16_000 }).read(16_000)!);
    wav.end();
    const paths = [file("440.wav"), await opusFile(`${codec.name}.opus`, 1)];
    const call = new Call(codec);
    call.peer.play({ kind: "Files", paths, repeat: 2, delayMs: 400 });
    await call.run(6000);
    const tones = [440, 1000].map((hertz) => {
      let [seconds, was] = [0, false];
      const begins: number[] = [];
      for (let ms = 0; ms < 5900; ms += 50) {
        const isThere = call.share(hertz, ms, ms + 50) > 0.9;
        if (isThere) seconds += 0.05;
        if (isThere && !was && call.share(hertz, ms + 50, ms + 100) > 0.9) begins.push(ms);
        was = isThere;
      }
      return { seconds, begins };
    });
    for (const { seconds } of tones) expect(Math.abs(seconds - 2)).toBeLessThan(0.3);
    const [first, second] = tones[0]?.begins ?? [];
    expect(Math.abs((second ?? 0) - (first ?? 0) - 2400)).toBeLessThan(200);
    expect(call.told).toEqual(["played"]);
    call.peer.close();
  },
);

test("a file is cut off after its time, and one that is not there is told of", async () => {
  const call = new Call(pcmu);
  const paths = [await opusFile("long.opus", 3)];
  call.peer.play({ kind: "Files", paths, repeat: Number.POSITIVE_INFINITY, durationMs: 5000 });
  await call.run(4900);
  expect(call.told).toEqual([]);
  await call.run(200);
  expect(call.told).toEqual(["played"]);
  call.peer.play({ kind: "Files", paths: [file("none.opus")], repeat: 1000 });
  await call.run(200);
  // Of a thousand rounds the first that says nothing is the last, and the next was made ready.
  expect(call.told.slice(1, 3)).toEqual([expect.stringContaining("ENOENT"), expect.any(String)]);
  expect(call.told.slice(1).filter((words) => words === "played")).toHaveLength(1);
  expect(call.told.length).toBeLessThan(6);
  call.told.length = 0;
  writeFileSync(file("bad.opus"), "OggS and nothing more");
  call.peer.play({ kind: "Files", paths: [file("bad.opus")] });
  await call.run(200);
  expect(call.told).toEqual([expect.stringContaining("bad.opus: "), "played"]);
  call.peer.close();
});

test("RFC 4733: keys are heard, and pressed", async () => {
  const call = new Call(pcma);
  call.phone.press(5, 100, 80);
  call.phone.press(11, 100, 80);
  const pressed: number[] = [];
  call.phone.onevent = (event) => {
    if (event.kind === "Ended") pressed.push(event.event);
  };
  expect(call.peer.press("1#")).toBe(true);
  expect(() => call.peer.press("x")).toThrow(RangeError);
  await call.run(800);
  expect(call.told).toEqual(["5", "#"]);
  expect(pressed).toEqual([1, 11]);
  for (let n = 0; n < 255; n++) call.peer.press("1");
  expect(call.peer.press("11")).toBe(false);
  call.peer.close();
});

test("nothing is said before the way is open, or to who is on hold", async () => {
  let isOpen = false;
  const call = new Call(pcmu, { isOpen: () => isOpen });
  call.peer.play({ kind: "Files", paths: [promptPath("welcome")] });
  await call.run(500);
  expect(call.packets).toEqual([]);
  isOpen = true;
  await call.run(1500);
  expect(call.told).toEqual(["played"]);
  expect(call.packets.length).toBe(75);
  call.peer.agree({ ...slotOf(pcmu), direction: "inactive" });
  const { length } = call.packets;
  await call.run(200);
  call.peer.agree(undefined);
  await call.run(200);
  expect(call.packets.length).toBe(length);
  call.peer.close();
  call.peer.close();
  expect(call.clock.beats.size).toBe(0);
});
