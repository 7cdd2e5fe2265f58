import { createSocket } from "node:dgram";
import { afterEach, describe, expect, test } from "vitest";
import { pcma, pcmu } from "../rtp/g711.ts";
import { g722 } from "../rtp/g722.ts";
import { Mixer } from "../rtp/mixer.ts";
import type { Sink } from "../rtp/pcm.ts";
import { samplesOf, tone } from "../rtp/sources.ts";
import { TurnedClock } from "./testing-voice-clock.ts";
import { VoiceMedia, type VoiceOptions } from "./voice.ts";

const HERE = "127.0.0.1";
const AUDIO = { audio: true, video: false };
const open = new Set<VoiceMedia>();

afterEach(() => {
  for (const media of open) media.close();
  open.clear();
});

/** Keeps what it hears. */
class Ear implements Sink {
  readonly samples: number[] = [];
  rate = 0;
  isOver = false;
  write(pcm: Int16Array, rate: number): void {
    this.rate = rate;
    this.samples.push(...pcm);
  }
  end(): void {
    this.isOver = true;
  }
}

/** The part of the energy that is at this frequency, of the last half second. */
function shareOf(hz: number, { samples, rate }: Ear): number {
  const pcm = samples.slice(-rate / 2);
  const factor = 2 * Math.cos((2 * Math.PI * hz) / rate);
  let [last, before, energy] = [0, 0, 0];
  for (const sample of pcm) {
    [last, before] = [sample + factor * last - before, last];
    energy += sample * sample;
  }
  const power = last * last + before * before - factor * last * before;
  return energy === 0 ? 0 : (2 * power) / (pcm.length * energy);
}

function media(options: Partial<VoiceOptions> = {}): VoiceMedia {
  const made = new VoiceMedia(AUDIO, { address: HERE, clock, ...options });
  open.add(made);
  return made;
}

async function agree(from: VoiceMedia, to: VoiceMedia): Promise<readonly [string, string]> {
  const offer = await from.offer();
  const answer = await to.answer(offer);
  await from.accept(answer);
  return [offer, answer];
}

const clock = new TurnedClock();
const pause = (ms: number) => clock.pass(ms);

async function until(isSo: () => boolean, withinMs = 5000): Promise<void> {
  for (const end = clock.now() + withinMs; !isSo(); await clock.pass(20)) {
    if (clock.now() > end) throw new Error("not in time");
  }
}

/** Two who say tones of 1 kHz and 600 Hz, and listen. */
function pair(one: Partial<VoiceOptions> = {}, other: Partial<VoiceOptions> = one) {
  const [earA, earB] = [new Ear(), new Ear()];
  const say = (hz: number) => tone({ frequencies: [hz], sampleRate: 16_000 });
  const a = media({ source: say(1000), sink: earA, ...one });
  const b = media({ source: say(600), sink: earB, ...other });
  return { a, b, earA, earB };
}

const ways = [
  ["G.711 µ-law", { codecs: [pcmu] }, 8000],
  ["G.711 A-law", { codecs: [pcma] }, 8000],
  ["G.722", { codecs: [g722] }, 16_000],
  ["G.722 with SRTP", { srtp: "require" }, 16_000],
  ["G.711 over IPv6", { address: "::1", codecs: [pcmu] }, 8000],
] as const;

describe("voice on Node", () => {
  test.each(ways)("%s: each hears the other's tone", async (_, options, rate) => {
    const { a, b, earA, earB } = pair(options);
    await agree(a, b);
    await until(() => Math.min(earA.samples.length, earB.samples.length) > rate * 1.2);
    expect([earA.rate, earB.rate]).toEqual([rate, rate]);
    expect(shareOf(1000, earB)).toBeGreaterThan(0.97);
    expect(shareOf(600, earA)).toBeGreaterThan(0.97);
    expect([a.isEncrypted, b.isEncrypted]).toEqual(Array(2).fill("srtp" in options));
    a.close();
    expect(earA.isOver).toBe(true);
  });

  test("RFC 4568 §5.1: who offers keys does without, who requires them does not", async () => {
    const encrypted = pair({ srtp: "offer" });
    const [offer, answer] = await agree(encrypted.a, encrypted.b);
    expect(offer).toContain("m=audio");
    expect(offer).toMatch(/ RTP\/SAVP /);
    expect(answer).toMatch(/a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:/);
    const plain = pair({}, { srtp: "offer" });
    const [, taken] = await agree(plain.a, plain.b);
    expect(taken).toMatch(/ RTP\/AVP /);
    expect(plain.b.isEncrypted).toBe(false);
    const strict = pair({}, { srtp: "require" });
    await expect(agree(strict.a, strict.b)).rejects.toMatchObject({ code: "SIP_MEDIA" });
    const other = pair({ srtp: "require" }, {});
    await expect(agree(other.a, other.b)).rejects.toMatchObject({ code: "SIP_MEDIA", status: 488 });
  });

  test("who holds is not heard, and afterwards is, with the keys of before", async () => {
    const { a, b, earA, earB } = pair({ srtp: "require", codecs: [pcmu] });
    await agree(a, b);
    await until(() => earB.samples.length > 8000);
    await a.want({ ...AUDIO, held: true });
    await agree(a, b);
    await pause(300);
    const [heardA, sent] = [earA.samples.length, a.statistics?.sent.packets ?? 0];
    await pause(300);
    expect(earA.samples.length).toBe(heardA);
    expect((a.statistics?.sent.packets ?? 0) - sent).toBeLessThan(60);
    await a.want({ ...AUDIO, held: false });
    await agree(b, a);
    await until(() => earA.samples.length > heardA + 8000);
    earB.samples.length = 0;
    await until(() => earB.samples.length > 6000);
    expect(shareOf(1000, earB)).toBeGreaterThan(0.97);
  });

  test("RFC 3960 §3: what is told before the answer is heard", async () => {
    const { a, b, earA } = pair({ codecs: [pcmu] });
    await a.preview(await b.answer(await a.offer()));
    await until(() => earA.samples.length > 6000);
    expect(shareOf(600, earA)).toBeGreaterThan(0.97);
  });

  test.each(["off", "require"] as const)(
    "RFC 3264 §5.1: sound that is quicker than the answer is heard from its beginning (SRTP %s)",
    async (srtp) => {
      const { a, b, earA } = pair({ codecs: [pcmu], srtp });
      const answer = await b.answer(await a.offer());
      // B speaks already, and its answer is on its way.
      await clock.pass(300);
      //= RFC 3264 §5.1
      //# Once the offerer has sent the offer, it MUST be prepared to receive media for any recvonly
      //# streams described by that offer.
      await a.accept(answer);
      await until(() => a.statistics !== undefined);
      expect(a.statistics?.received).toMatchObject({ lost: 0 });
      expect(a.statistics?.received.packets).toBeGreaterThan(63);
      expect(earA.samples.length).toBeGreaterThan(7000);
      expect(shareOf(600, earA)).toBeGreaterThan(0.97);
      expect(a.statistics?.received.bufferMs).toBeLessThan(60);
    },
  );

  test.each(["off", "require"] as const)(
    "RFC 3264 §8.3.1: a machine that has another address now takes its call along (SRTP %s)",
    async (srtp) => {
      let own = HERE;
      const { a, b, earA, earB } = pair({ srtp, codecs: [pcmu], address: () => own }, { srtp });
      const [before] = await agree(a, b);
      await until(() => earB.samples.length > 4000);
      own = "127.0.0.7";
      await a.restart();
      const [offer] = await agree(a, b);
      expect(offer).toContain("c=IN IP4 127.0.0.7");
      expect(/m=audio \d+/.exec(offer)?.[0]).not.toBe(/m=audio \d+/.exec(before)?.[0]);
      expect(/^o=- \d+/m.exec(offer)?.[0]).toBe(/^o=- \d+/m.exec(before)?.[0]);
      await clock.pass(700);
      expect([shareOf(600, earA), shareOf(1000, earB)].every((share) => share > 0.97)).toBe(true);
      expect(b.statistics?.received.lost).toBe(0);
      // Nothing has changed since.
      await a.restart();
      expect((await a.offer()).split("m=")[1]).toBe(offer.split("m=")[1]);
      await a.withdraw();
    },
  );

  test("RFC 4733: keys that are pressed at one end are told at the other", async () => {
    const { a, b } = pair();
    await agree(a, b);
    const heard: string[] = [];
    b.ondtmf = ({ tone: key, durationMs }) => heard.push(`${key} ${durationMs}`);
    const sent = a.sendDtmf("1*#", { durationMs: 60, gapMs: 40 });
    await until(() => heard.length === 3);
    await clock.pass(100);
    await sent;
    expect(heard).toEqual(["1 60", "* 60", "# 60"]);
    await expect(media().sendDtmf("1")).rejects.toMatchObject({ code: "SIP_MEDIA" });
    expect(() => a.sendDtmf("x")).toThrow(RangeError);
  });

  test("three people in two calls, mixed by who has both", async () => {
    const mixer = new Mixer(16_000);
    const ears = [new Ear(), new Ear()] as const;
    const own = mixer.join();
    const [one, two] = [mixer.join(), mixer.join()];
    const hub = [one, two].map((seat) => media({ source: seat, sink: seat }));
    const spokes = ears.map((sink, n) =>
      media({ sink, source: tone({ frequencies: [700 + 600 * n], sampleRate: 8000 }) }),
    );
    const said = tone({ frequencies: [400], sampleRate: 16_000 });
    const speak = () => own.write(said.read(320) ?? new Int16Array(320), 16_000);
    clock.add(speak);
    for (const [n, each] of hub.entries()) await agree(each, spokes[n] ?? each);
    await until(() => ears.every(({ samples }) => samples.length > 30_000));
    clock.delete(speak);
    const shares = ears.map((ear) => [400, 700, 1300].map((hz) => shareOf(hz, ear)));
    for (const [n, [first = 0, second = 0, third = 0]] of shares.entries()) {
      expect(first).toBeGreaterThan(0.25);
      expect(n === 0 ? third : second).toBeGreaterThan(0.25);
      expect(n === 0 ? second : third).toBeLessThan(0.02);
    }
  });

  test("every second there are statistics, and some seconds later the peer's too", async () => {
    const { a, b } = pair({ codecs: [pcmu] });
    let count = 0;
    a.onstatistics = () => count++;
    await agree(a, b);
    await until(() => a.statistics?.remote !== undefined, 12_000);
    expect(count).toBeGreaterThan(0);
    const { codec, sent, received, remote, mos } = a.statistics ?? {};
    expect(codec).toBe("PCMU");
    expect(sent?.packets).toBeGreaterThan(40);
    expect(sent?.octets).toBe((sent?.packets ?? 0) * 160);
    expect(received).toMatchObject({ lost: 0, lossFraction: 0 });
    expect(remote?.lossFraction).toBe(0);
    expect(mos).toBeGreaterThan(4);
  });

  test("a source that ends is told of, another comes, and muted it is not heard", async () => {
    const { a, b, earB } = pair({ codecs: [pcmu] });
    a.source = samplesOf(new Int16Array(1600).fill(5), 8000);
    let ended = 0;
    a.onsourceend = () => ended++;
    await agree(a, b);
    await until(() => ended === 1);
    a.source = tone({ frequencies: [1000] });
    await until(() => earB.samples.length > 8000 && shareOf(1000, earB) > 0.97);
    a.muted = true;
    await pause(700);
    expect(Math.max(...earB.samples.slice(-800))).toBeLessThan(200);
  });

  test("a source that fails ends its own call, in words, and no other", async () => {
    const good = pair({ codecs: [pcmu] });
    await agree(good.a, good.b);
    const bad = pair({ codecs: [pcmu] });
    const lost: string[] = [];
    bad.a.onlost = (why) => lost.push(why);
    bad.a.source = {
      sampleRate: 8000,
      read: () => {
        throw new Error("the microphone was pulled out");
      },
    };
    await agree(bad.a, bad.b);
    await until(() => lost.length > 0);
    expect(lost).toEqual(["the microphone was pulled out"]);
    const before = good.earB.samples.length;
    await until(() => good.earB.samples.length > before + 1600);
  });

  test("packets of strangers are not heard, and nothing goes to them", async () => {
    const { a, b, earB } = pair({ codecs: [pcmu] });
    const [, answer] = await agree(a, b);
    const port = Number(/m=audio (\d+)/.exec(answer)?.[1]);
    const stranger = createSocket("udp4");
    await new Promise<void>((bound) => stranger.bind(0, "127.0.0.66", bound));
    let came = 0;
    stranger.on("message", () => came++);
    const loud = Buffer.alloc(172, 0x80);
    loud.set([0x80, 0, 0, 1]);
    let sequence = 0;
    const spray = () => {
      for (let n = 0; n < 5; n++) {
        const packet = Buffer.from(loud);
        packet.writeUInt16BE(sequence++, 2);
        stranger.send(packet, port, HERE);
        stranger.send(packet, port + 1, HERE);
      }
    };
    clock.add(spray);
    await until(() => earB.samples.length > 12_000);
    clock.delete(spray);
    stranger.close();
    expect(came).toBe(0);
    expect(shareOf(1000, earB)).toBeGreaterThan(0.97);
  });

  test("sound goes to where it was described; behind a NAT, to where it comes from", async () => {
    for (const behindNat of [false, true]) {
      const a = media({ behindNat, codecs: [pcmu] });
      const described = createSocket("udp4");
      const mapped = createSocket("udp4");
      await new Promise<void>((bound) => described.bind(0, HERE, bound));
      await new Promise<void>((bound) => mapped.bind(0, "127.0.0.5", bound));
      const counts = { described: 0, mapped: 0 };
      described.on("message", () => counts.described++);
      mapped.on("message", () => counts.mapped++);
      const { port } = described.address();
      const body = `m=audio ${port} RTP/AVP 0\r\na=rtcp-mux\r\n`;
      const offer = `v=0\r\no=- 1 1 IN IP4 ${HERE}\r\ns=-\r\nc=IN IP4 ${HERE}\r\nt=0 0\r\n${body}`;
      const to = Number(/m=audio (\d+)/.exec(await a.answer(offer))?.[1]);
      let sequence = 0;
      const speak = () => {
        const packet = Buffer.alloc(172, 0xff);
        packet.set([0x80, 0, 0, sequence++]);
        mapped.send(packet, to, HERE);
      };
      clock.add(speak);
      await pause(300);
      const before = { ...counts };
      await pause(400);
      clock.delete(speak);
      for (const socket of [described, mapped]) socket.close();
      expect(counts.mapped > before.mapped).toBe(behindNat);
      expect(counts.described > before.described).toBe(!behindNat);
    }
  });

  test("says in words that all ports are taken", async () => {
    const ports = { from: 39_990, to: 39_993 };
    const three = [media({ ports }), media({ ports }), media({ ports })] as const;
    await three[0].offer();
    await three[1].offer();
    await expect(three[2].offer()).rejects.toThrow("All ports for sound from 39990 to 39993");
  });

  test("closed before its sockets are there, it lets go of them", async () => {
    const ports = { from: 39_980, to: 39_981 };
    const early = media({ ports });
    const offering = early.offer();
    early.close();
    await offering;
    await pause(50);
    await media({ ports }).offer();
  });
});
