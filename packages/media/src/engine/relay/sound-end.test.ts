import {
  type Codec,
  formatRtcp,
  formatRtp,
  g722,
  noiseLevelOf,
  parseRtcp,
  parseRtp,
  pcma,
  pcmu,
  type RtpPacket,
  readTelephoneEvents,
  tone,
  writeTelephoneEvent,
} from "carillon/rtp";
import type { AgreedCodec, AgreedSlot, Direction } from "carillon/sdp";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { opus } from "../../opus/opus.ts";
import { toneShare } from "../../sound/tone-share.ts";
import type { PressedKey, StreamAgreement } from "../transport.ts";
import { SoundEnd } from "./sound-end.ts";

const OPUS: AgreedCodec = {
  ...{ payloadType: 111, receivePayloadType: 111, encoding: "opus", clockRateHz: 48_000 },
  ...{ channels: 2, params: "minptime=10;useinbandfec=1" },
};
const PCMU: AgreedCodec = {
  ...{ payloadType: 0, receivePayloadType: 0, encoding: "PCMU", clockRateHz: 8000, channels: 1 },
  params: undefined,
};
const PCMA: AgreedCodec = { ...PCMU, payloadType: 8, receivePayloadType: 8, encoding: "PCMA" };
const G722: AgreedCodec = { ...PCMU, payloadType: 9, receivePayloadType: 9, encoding: "G722" };
const KEYS = (payloadType: number, clockRateHz = 8000): AgreedCodec => ({
  ...{ payloadType, receivePayloadType: payloadType, encoding: "telephone-event", clockRateHz },
  ...{ channels: 1, params: "0-15" },
});

const SECTION = { kind: "Media", media: "audio", port: 9, proto: "RTP/AVP", lines: [] } as const;

function agreement(codecs: readonly AgreedCodec[], direction: Direction = "sendrecv") {
  const slot: AgreedSlot = {
    ...{ slot: 0, media: "audio", proto: "RTP/AVP", isActive: true, direction, codecs },
    ...{ remote: undefined, transportSlot: 0, rtcpMux: true, remoteRtcp: undefined },
    crypto: undefined,
  };
  const section = { ...SECTION, formats: [] } as unknown as StreamAgreement["local"];
  return { slot, local: section, remote: section };
}

/** One side: its end, what went to it, and what it sends. */
class SideOfTest {
  readonly sent: RtpPacket[] = [];
  readonly reports: Uint8Array[] = [];
  readonly keys: PressedKey[] = [];
  readonly end: SoundEnd;
  sequence = 65_530;
  timestamp = 0xffff_ff00;
  ssrc: number;

  constructor(codecs: readonly AgreedCodec[], ssrc: number) {
    this.ssrc = ssrc;
    let next = ssrc * 1000;
    this.end = new SoundEnd({
      ...{ media: "audio", cname: "test", random: () => next++ },
      send: (packet) => {
        const parsed = parseRtp(packet);
        if (!parsed.ok) throw new Error(parsed.error.message);
        this.sent.push({ ...parsed.value, payload: parsed.value.payload.slice() });
        return true;
      },
      sendControl: (packet) => this.reports.push(packet) > 0,
    });
    this.end.onkey = (key) => this.keys.push(key);
    this.end.agree(agreement(codecs));
    ends.push(this.end);
  }

  says(
    payload: Uint8Array,
    { payloadType = 0, duration = 160, marker = false, at = this.timestamp } = {},
  ): void {
    const bytes = formatRtp({
      ...{ marker, payloadType, sequence: this.sequence, timestamp: at >>> 0, ssrc: this.ssrc },
      payload,
    });
    this.sequence = (this.sequence + 1) & 0xffff;
    this.timestamp = (this.timestamp + duration) >>> 0;
    this.end.take(bytes, performance.now());
  }
}

const ends: SoundEnd[] = [];
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "setInterval", "setImmediate", "performance"] });
});
afterEach(() => {
  for (const end of ends.splice(0)) end.close();
  vi.useRealTimers();
});

function pair(a: readonly AgreedCodec[], b: readonly AgreedCodec[]): [SideOfTest, SideOfTest] {
  const [left, right] = [new SideOfTest(a, 1), new SideOfTest(b, 2)];
  left.end.hear(right.end);
  right.end.hear(left.end);
  return [left, right];
}

/** Speaks a tone for so long, packet by packet, in time. */
function speaks(
  side: SideOfTest,
  {
    codec,
    payloadType,
    hz = 1000,
    ms = 1000,
  }: { codec: Codec; payloadType: number; hz?: number; ms?: number },
): void {
  const encoder = codec.encoder(OPUS.params);
  const source = tone({ frequencies: [hz], sampleRate: codec.sampleRate });
  for (let n = 0; n < ms / 20; n++) {
    const payload = encoder.encode(source.read(codec.sampleRate / 50) ?? new Int16Array());
    side.says(payload, { payloadType, duration: codec.clockRate / 50 });
    vi.advanceTimersByTime(20);
  }
  encoder.close?.();
}

function heard(side: SideOfTest, codec: Codec): Int16Array {
  const decoder = codec.decoder();
  const frames = side.sent.map(({ payload }) => decoder.decode(payload).slice());
  decoder.close?.();
  return Int16Array.from(frames.flatMap((frame) => [...frame]));
}

function expectSteady(packets: readonly RtpPacket[], duration: number): void {
  expect(new Set(packets.map(({ ssrc }) => ssrc)).size).toBe(1);
  for (const [n, packet] of packets.slice(1).entries()) {
    expect((packet.sequence - packets[n]!.sequence) & 0xffff).toBe(1);
    expect((packet.timestamp - packets[n]!.timestamp) >>> 0).toBe(duration);
  }
}

describe("RFC 3550 §7.1: what both sides have goes on as it is", () => {
  test("with the other side's payload type, our SSRC, and numbers without a gap", () => {
    const [left, right] = pair([{ ...PCMU }], [{ ...PCMU, payloadType: 96 }]);
    for (let n = 0; n < 10; n++) left.says(Uint8Array.of(n, n, n));
    expect(right.sent.map(({ payload }) => payload[0])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(new Set(right.sent.map(({ payloadType }) => payloadType))).toEqual(new Set([96]));
    expectSteady(right.sent, 160);
    expect(right.sent[0]?.marker).toBe(true);
    expect(right.end.statistics(0).isTranscoded).toBe(false);
  });

  test("sources, extensions and padding of the one session do not get into the other", () => {
    const [left, right] = pair([PCMU], [PCMU]);
    const extended = formatRtp({
      ...{ marker: false, payloadType: 0, sequence: 1, timestamp: 1, ssrc: 1, csrcs: [5, 6] },
      extension: { profile: 0xbede, data: Uint8Array.of(1, 2, 3, 4) },
      payload: Uint8Array.of(7, 7, 7, 0, 0, 0, 0, 4),
    });
    extended[0]! |= 0x20;
    left.end.take(extended, 0);
    const [packet] = right.sent;
    expect([...(packet?.payload ?? [])]).toEqual([7, 7, 7, 0]);
    expect([packet?.csrcs, packet?.extension]).toEqual([undefined, undefined]);
  });

  test("another source at the same side goes on in the same stream", () => {
    const [left, right] = pair([PCMU], [PCMU]);
    for (let n = 0; n < 3; n++, vi.advanceTimersByTime(20)) left.says(Uint8Array.of(1));
    [left.ssrc, left.sequence, left.timestamp] = [77, 5, 5];
    for (let n = 0; n < 3; n++, vi.advanceTimersByTime(20)) left.says(Uint8Array.of(2));
    expect(right.sent.map(({ payload }) => payload[0])).toEqual([1, 1, 1, 2, 2, 2]);
    expectSteady(right.sent, 160);
  });

  test("RFC 3264 §8.4: nothing goes to a side that is on hold, and nothing of it is taken", () => {
    const [left, right] = pair([PCMU], [PCMU]);
    right.end.agree(agreement([PCMU], "inactive"));
    left.says(Uint8Array.of(1));
    right.says(Uint8Array.of(1));
    expect([left.sent, right.sent]).toEqual([[], []]);
  });

  test("RFC 3550 §5.1: what was not agreed on is passed over, and counted", () => {
    const [left, right] = pair([PCMU], [PCMU]);
    left.says(Uint8Array.of(1), { payloadType: 33 });
    left.end.take(Uint8Array.of(0x80), 0);
    expect(right.sent).toEqual([]);
    expect(left.end.statistics(0).packetsRefused).toBe(2);
  });
});

describe("what the other side does not have is coded anew", () => {
  test.each([
    ["PCMU to Opus", PCMU, pcmu, OPUS, opus(), 960],
    ["Opus to PCMA", OPUS, opus(), PCMA, pcma, 160],
    ["Opus to G.722", OPUS, opus(), G722, g722, 160],
    ["G.722 to Opus", G722, g722, OPUS, opus(), 960],
    ["G.722 to PCMU", G722, g722, PCMU, pcmu, 160],
    ["PCMA to G.722", PCMA, pcma, G722, g722, 160],
    ["PCMA to PCMU", PCMA, pcma, PCMU, pcmu, 160],
  ] as const)("%s: a tone is the same tone there", (_, from, codec, to, other, duration) => {
    const [left, right] = pair([from], [to]);
    speaks(left, { codec, payloadType: from.payloadType });
    expect(right.sent.length).toBeGreaterThan(44);
    expect(right.sent.every(({ payloadType }) => payloadType === to.payloadType)).toBe(true);
    expectSteady(right.sent, duration);
    const pcm = heard(right, other).subarray(other.sampleRate / 5);
    expect(toneShare(pcm, other.sampleRate, 1000)).toBeGreaterThan(0.95);
    expect(right.end.statistics(0).isTranscoded).toBe(true);
  });

  test("RFC 6716 §4.4: what is lost of Opus is made up for, from its FEC if there is some", () => {
    const [left, right] = pair([OPUS], [PCMU]);
    const codec = opus({ bitrate: 32_000, lossFraction: 0.3 });
    const encoder = codec.encoder(OPUS.params);
    const source = tone({ frequencies: [400], sampleRate: 48_000 });
    for (let n = 0; n < 100; n++) {
      const payload = encoder.encode(source.read(960) ?? new Int16Array());
      if (n % 10 !== 5) left.says(payload, { payloadType: 111, duration: 960 });
      else [left.sequence, left.timestamp] = [(left.sequence + 1) & 0xffff, left.timestamp + 960];
      vi.advanceTimersByTime(20);
    }
    const pcm = heard(right, pcmu).subarray(1600);
    for (let at = 0; at + 160 <= pcm.length; at += 160) {
      const loudest = Math.max(...pcm.subarray(at, at + 160).map(Math.abs));
      expect(loudest).toBeGreaterThan(1000);
    }
    expect(left.end.statistics(0).packetsLost).toBe(10);
  });
});

describe("keys", () => {
  const press = (side: SideOfTest, payloadType: number, event: number): void => {
    const at = side.timestamp;
    for (const [n, duration] of [160, 320, 480, 640, 640, 640].entries()) {
      const payload = writeTelephoneEvent({ event, isEnd: n > 2, volume: 10, duration });
      side.says(payload, { payloadType, duration: 0, marker: n === 0, at });
      vi.advanceTimersByTime(20);
    }
  };

  test("RFC 4733: beside sound that goes on as it is they do too", () => {
    const [left, right] = pair([PCMU, KEYS(101)], [PCMU, KEYS(96)]);
    left.says(Uint8Array.of(1));
    press(left, 101, 5);
    const events = right.sent.filter(({ payloadType }) => payloadType === 96);
    expect(events.length).toBe(6);
    expect(events.map(({ payload }) => readTelephoneEvents(payload)[0]?.event)).toEqual(
      Array(6).fill(5),
    );
    expect(new Set(events.map(({ timestamp }) => timestamp)).size).toBe(1);
    expect(left.keys).toEqual([{ tone: "5", durationMs: 80, isInBand: false, isUnsaid: false }]);
  });

  test("RFC 4733 §2.5: beside sound that is coded anew they are told in that side's clock", () => {
    const [left, right] = pair([PCMU, KEYS(101)], [OPUS, KEYS(126, 48_000)]);
    speaks(left, { codec: pcmu, payloadType: 0, ms: 200 });
    press(left, 101, 11);
    const events = right.sent.filter(({ payloadType }) => payloadType === 126);
    const told = events.map(({ payload }) => readTelephoneEvents(payload)[0]);
    expect(told.map((event) => event?.duration)).toEqual([960, 1920, 2880, 3840, 3840, 3840]);
    expect(new Set(events.map(({ timestamp }) => timestamp)).size).toBe(1);
    expect(events.map(({ marker }) => marker)).toEqual([true, false, false, false, false, false]);
    const sequences = right.sent.map(({ sequence }) => sequence);
    expect(new Set(sequences).size).toBe(sequences.length);
    expect(left.keys).toEqual([{ tone: "#", durationMs: 80, isInBand: false, isUnsaid: false }]);
  });

  test("where the other side has none but G.711, it hears tones", () => {
    const [left, right] = pair([OPUS, KEYS(126)], [PCMA]);
    press(left, 126, 1);
    vi.advanceTimersByTime(300);
    const pcm = heard(right, pcma);
    const share =
      toneShare(pcm.subarray(0, 400), 8000, 697) + toneShare(pcm.subarray(0, 400), 8000, 1209);
    expect(share).toBeGreaterThan(0.8);
    expect(left.keys[0]?.isUnsaid).toBe(false);
  });

  test("where there is no way at all that is told, for an INFO", () => {
    const [left] = pair([PCMU, KEYS(101)], [OPUS]);
    press(left, 101, 0);
    expect(left.keys).toEqual([{ tone: "0", durationMs: 80, isInBand: false, isUnsaid: true }]);
  });

  test("tones in the sound of who has nothing else are heard as keys", () => {
    const [left, right] = pair([PCMU], [OPUS, KEYS(126, 48_000)]);
    const source = tone({ frequencies: [852, 1477], amplitude: 0.3, sampleRate: 8000 });
    const encoder = pcmu.encoder();
    for (let n = 0; n < 30; n++, vi.advanceTimersByTime(20)) {
      const pcm = n < 5 || n > 12 ? new Int16Array(160) : (source.read(160) ?? new Int16Array());
      left.says(encoder.encode(pcm));
    }
    expect(left.keys).toEqual([
      { tone: "9", durationMs: expect.any(Number), isInBand: true, isUnsaid: false },
    ]);
    const events = right.sent.filter(({ payloadType }) => payloadType === 126);
    expect(readTelephoneEvents(events[0]?.payload ?? new Uint8Array())[0]?.event).toBe(9);
  });

  test("the verb presses keys towards a side, one after the other, and sound waits", () => {
    const [left, right] = pair([PCMU], [PCMU, KEYS(101)]);
    right.end.press("1#");
    for (let n = 0; n < 30; n++, vi.advanceTimersByTime(20)) left.says(Uint8Array.of(1));
    const told = right.sent
      .filter(({ payloadType }) => payloadType === 101)
      .map(({ payload }) => readTelephoneEvents(payload)[0]);
    expect([...new Set(told.map((event) => event?.event))]).toEqual([1, 11]);
    expect(told.filter((event) => event?.isEnd).length).toBe(6);
    const sequences = right.sent.map(({ sequence }) => sequence);
    expect(new Set(sequences).size).toBe(sequences.length);
  });
});

test("keys that nobody could hear any more are left out, and sound goes on", () => {
  const [left, right] = pair([PCMU], [PCMU, KEYS(101)]);
  right.end.press("5".repeat(1000));
  // 256 of them wait, 180 ms each; then somebody is heard again.
  for (let n = 0; n < 2400; n++) vi.advanceTimersByTime(20);
  right.sent.length = 0;
  left.says(Uint8Array.of(1));
  expect(right.sent.map(({ payloadType }) => payloadType)).toEqual([0]);
});

describe("RFC 3389: silence", () => {
  const CN: AgreedCodec = { ...PCMU, payloadType: 13, receivePayloadType: 13, encoding: "CN" };

  test("what both sides have goes on between sound that does", () => {
    const [left, right] = pair([PCMU, CN], [PCMU, CN]);
    left.says(Uint8Array.of(1, 2));
    left.says(Uint8Array.of(60), { payloadType: 13 });
    expect(right.sent.map(({ payloadType }) => payloadType)).toEqual([0, 13]);
    expect([...(right.sent[1]?.payload ?? [])]).toEqual([60]);
  });

  test("noise of the level that was told fills the silence of sound that is coded anew", () => {
    const [left, right] = pair([PCMU, CN], [PCMA]);
    speaks(left, { codec: pcmu, payloadType: 0, ms: 200 });
    for (let n = 0; n < 20; n++) {
      if (n % 10 === 0) left.says(Uint8Array.of(50), { payloadType: 13, duration: 1600 });
      vi.advanceTimersByTime(20);
    }
    const pcm = heard(right, pcma);
    expect(Math.abs(noiseLevelOf(pcm.subarray(-800)) - 50)).toBeLessThan(3);
  });

  test("who makes noise itself is told the level, and no sound until somebody speaks again", () => {
    const [left, right] = pair([OPUS], [PCMA, CN]);
    speaks(left, { codec: opus({ dtx: false }), payloadType: 111, ms: 400 });
    const before = right.sent.length;
    vi.advanceTimersByTime(1000);
    left.timestamp = (left.timestamp + 48_000) >>> 0;
    const quiet = right.sent.slice(before).filter(({ payloadType }) => payloadType === 13);
    expect(quiet.length).toBeGreaterThan(0);
    expect(right.sent.length - before).toBeLessThan(15);
    speaks(left, { codec: opus({ dtx: false }), payloadType: 111, ms: 400 });
    const again = right.sent.slice(before).find((each) => each.payloadType === 8 && each.marker);
    expect(again).toBeDefined();
    const sequences = right.sent.map(({ sequence }) => sequence);
    expect(new Set(sequences).size).toBe(sequences.length);
  });
});

describe("verbs", () => {
  test("what is played is heard instead of the other side, until it is over", () => {
    const [left, right] = pair([PCMU], [PCMU]);
    let isDone = false;
    right.end.play(tone({ frequencies: [500], lengthMs: 200, sampleRate: 16_000 }), () => {
      isDone = true;
    });
    for (let n = 0; n < 20; n++, vi.advanceTimersByTime(20)) left.says(Uint8Array.of(n));
    expect(isDone).toBe(true);
    const played = right.sent.filter(({ payload }) => payload.length === 160);
    expect(played.length).toBe(10);
    expect(right.sent.length).toBeGreaterThan(17);
    expectSteady(right.sent.slice(-5), 160);
  });

  test("what is coded as Opus already goes as it is, unless a side's limit is low", () => {
    const coded = [Uint8Array.of(9, 8, 7), Uint8Array.of(6, 5, 4)];
    const source = () => {
      const left = [...coded];
      const read = (samples: number) => (left.length > 0 ? new Int16Array(samples) : null);
      return { sampleRate: 48_000, coded: () => left.shift(), read };
    };
    const [, right] = pair([PCMU], [OPUS]);
    right.end.play(source());
    vi.advanceTimersByTime(100);
    expect(right.sent.map(({ payload }) => payload)).toEqual(coded);
    expectSteady(right.sent, 960);
    const [, narrow] = pair([PCMU], [{ ...OPUS, params: "maxaveragebitrate=12000" }]);
    narrow.end.play(source());
    vi.advanceTimersByTime(100);
    expect(narrow.sent.some(({ payload }) => payload.length === 3)).toBe(false);
  });

  test("a tap hears a side at its own rate, though its packets go on as they are", () => {
    const [left, right] = pair([PCMU], [PCMU]);
    const frames: Int16Array[] = [];
    left.end.tap({ sampleRate: 16_000, write: (pcm) => frames.push(pcm.slice()) });
    speaks(left, { codec: pcmu, payloadType: 0, ms: 500 });
    const pcm = Int16Array.from(frames.flatMap((frame) => [...frame]));
    expect(toneShare(pcm.subarray(3200), 16_000, 1000)).toBeGreaterThan(0.95);
    expect(right.sent.length).toBe(25);
  });
});

describe("A15: one bad packet never ends a call", () => {
  const head = fc.record({
    first: fc.constantFrom(0x80, 0x90, 0xa0, 0x8f, 0xbf, 0x00),
    payloadType: fc.constantFrom(0, 111, 101, 126, 13, 72, 200, 205),
    sequence: fc.oneof(fc.nat(30), fc.nat(65_535)),
    timestamp: fc.oneof(fc.nat(10_000), fc.nat(0xffff_ffff)),
    ssrc: fc.nat(2),
  });
  const packet = fc.tuple(head, fc.uint8Array({ maxLength: 60 })).map(([of, rest]) => {
    const octets = Buffer.alloc(12 + rest.length);
    octets.writeUInt8(of.first, 0);
    octets.writeUInt8(of.payloadType, 1);
    octets.writeUInt16BE(of.sequence, 2);
    octets.writeUInt32BE(of.timestamp, 4);
    octets.writeUInt32BE(of.ssrc, 8);
    octets.set(rest, 12);
    return Uint8Array.from(octets);
  });
  const hostile = fc.array(fc.oneof(packet, fc.uint8Array({ maxLength: 40 })), { maxLength: 60 });

  test.each([
    ["passed on", [PCMU, KEYS(101)], [PCMU, KEYS(96)]],
    ["coded anew", [OPUS, KEYS(126, 48_000)], [PCMA]],
  ] as const)("sound that is %s goes on after whatever came", (_, a, b) => {
    fc.assert(
      fc.property(hostile, (packets) => {
        const [left, right] = pair(a, b);
        for (const octets of packets) {
          left.end.take(octets.slice(), performance.now());
          left.end.takeControl(octets, performance.now());
          vi.advanceTimersByTime(7);
        }
        const before = right.sent.length;
        const codec = a[0] === OPUS ? opus() : pcmu;
        left.ssrc = 4711;
        speaks(left, { codec, payloadType: a[0].payloadType, ms: 400 });
        expect(right.sent.length).toBeGreaterThan(before + 10);
        for (const side of [left, right]) side.end.close();
      }),
      { numRuns: 40 },
    );
  });
});

describe("RTCP", () => {
  test("RFC 3550 §6: each side gets reports of its own, about what came and what went", () => {
    const [left, right] = pair([PCMU], [PCMU]);
    for (let n = 0; n < 400; n++, vi.advanceTimersByTime(20)) {
      if (n % 10 !== 9) left.says(Uint8Array.of(1, 2));
      else left.sequence = (left.sequence + 1) & 0xffff;
    }
    const parsed = parseRtcp(left.reports[0] ?? new Uint8Array());
    expect(parsed.ok && parsed.value[0]?.kind).toBe("ReceiverReport");
    const last = parseRtcp(left.reports.at(-1) ?? new Uint8Array());
    const [report] = last.ok ? last.value : [];
    const block = report?.kind === "ReceiverReport" ? report.reports[0] : undefined;
    expect(block?.ssrc).toBe(left.ssrc);
    expect(block?.fractionLost).toBeGreaterThan(20);
    const sender = parseRtcp(right.reports.at(-1) ?? new Uint8Array());
    const [sent] = sender.ok ? sender.value : [];
    expect(sent?.kind).toBe("SenderReport");
    expect(left.end.statistics(performance.now()).packetsLost).toBe(39);
    expect(left.end.statistics(performance.now()).mos).toBeLessThan(4);
  });

  test("RFC 3550 §6.4.1: there and back is told from their reports", () => {
    const [left, right] = pair([PCMU], [PCMU]);
    for (let n = 0; n < 400; n++, vi.advanceTimersByTime(20)) left.says(Uint8Array.of(1, 2));
    const parsed = parseRtcp(right.reports.at(-1) ?? new Uint8Array());
    const sent = parsed.ok ? parsed.value[0] : undefined;
    if (sent?.kind !== "SenderReport") throw new Error("no report");
    vi.advanceTimersByTime(100);
    const lastReport = ((sent.ntpSeconds & 0xffff) * 65_536 + (sent.ntpFraction >>> 16)) >>> 0;
    const block = { ssrc: sent.ssrc, fractionLost: 26, cumulativeLost: 3, highestSequence: 1 };
    const report = { ...block, jitter: 0, lastReport, delaySinceReport: 0 };
    right.end.takeControl(
      formatRtcp([{ kind: "ReceiverReport", ssrc: 2, reports: [report] }]),
      performance.now(),
    );
    expect(right.end.statistics(performance.now()).roundTripMs).toBeGreaterThan(90);
  });
});
