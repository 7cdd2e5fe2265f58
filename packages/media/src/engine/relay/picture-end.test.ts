import {
  type Feedback,
  formatExtensionElements,
  formatRtcp,
  formatRtp,
  parseRtcp,
  parseRtp,
  type RtpPacket,
  readExtensionElements,
} from "carillon/rtp";
import { type AgreedCodec, type AgreedSlot, parseSdp } from "carillon/sdp";
import { afterEach, describe, expect, test } from "vitest";
import type { StreamAgreement } from "../transport.ts";
import { PictureEnd } from "./picture-end.ts";

const VP8: AgreedCodec = {
  ...{ payloadType: 96, receivePayloadType: 96, encoding: "VP8", clockRateHz: 90_000 },
  ...{ channels: 1, params: undefined },
};
const H264: AgreedCodec = {
  ...{ ...VP8, payloadType: 97, receivePayloadType: 97, encoding: "H264" },
  params: "profile-level-id=42e01f;packetization-mode=1",
};
const ORIENTATION = "urn:3gpp:video-orientation";

function section(lines: readonly string[]): StreamAgreement["local"] {
  const head = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n";
  const all = ["m=video 9 RTP/AVPF 96", ...lines.map((line) => `a=${line}`)].join("\r\n");
  const parsed = parseSdp(`${head}${all}\r\n` as Parameters<typeof parseSdp>[0]);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value.media[0]!;
}

const FEEDBACK = [
  "rtcp-fb:* nack",
  "rtcp-fb:* nack pli",
  "rtcp-fb:* ccm fir",
  "rtcp-fb:* goog-remb",
];

class SideOfTest {
  readonly sent: RtpPacket[] = [];
  readonly asked: Feedback[] = [];
  readonly end: PictureEnd;
  readonly ssrc: number;

  constructor(codec: AgreedCodec, ssrc: number, lines: readonly string[] = FEEDBACK) {
    this.ssrc = ssrc;
    let next = ssrc * 1000;
    this.end = new PictureEnd({
      ...{ media: "video", cname: "test", random: () => next++ },
      send: (packet) => {
        const parsed = parseRtp(packet.slice());
        if (!parsed.ok) throw new Error(parsed.error.message);
        return this.sent.push(parsed.value) > 0;
      },
      sendControl: (packet) => {
        const parsed = parseRtcp(packet);
        if (!parsed.ok) throw new Error(parsed.error.message);
        //= RFC 4585 §3.1
        //# The FB message(s) MUST be placed in the compound packet after RR and
        //# SDES RTCP packets defined in [1].
        expect(parsed.value[1]?.kind).toBe("SourceDescription");
        for (const each of parsed.value) if (isFeedback(each)) this.asked.push(each);
        return true;
      },
    });
    const slot: AgreedSlot = {
      ...{ slot: 0, media: "video", proto: "RTP/AVPF", isActive: true, direction: "sendrecv" },
      ...{ remote: undefined, transportSlot: 0, rtcpMux: true, remoteRtcp: undefined },
      ...{ crypto: undefined, codecs: [codec] },
    };
    this.end.agree({ slot, local: section(lines), remote: section(lines) });
    ends.push(this.end);
  }

  shows(sequence: number, more: Partial<RtpPacket> = {}): void {
    const numbers = { sequence, timestamp: sequence * 3000, ssrc: this.ssrc, payloadType: 96 };
    const payload = Uint8Array.of(sequence, 1);
    this.end.take(formatRtp({ marker: false, ...numbers, payload, ...more }), performance.now());
  }

  asks(...feedback: readonly Feedback[]): void {
    const report = { kind: "ReceiverReport", ssrc: this.ssrc, reports: [] } as const;
    this.end.takeControl(formatRtcp([report, ...feedback]), performance.now());
  }

  get shown(): number {
    return this.sent[0]?.ssrc ?? 0;
  }
}

const isFeedback = (packet: { readonly kind: string }): packet is Feedback =>
  !packet.kind.endsWith("Report") && !["SourceDescription", "Goodbye"].includes(packet.kind);

const ends: PictureEnd[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end.close();
});

function pair(a = VP8, b = VP8, lines?: readonly string[]): [SideOfTest, SideOfTest] {
  const [left, right] = [new SideOfTest(a, 1, lines), new SideOfTest(b, 2, lines)];
  left.end.hear(right.end);
  right.end.hear(left.end);
  return [left, right];
}

describe("pictures go on as they are", () => {
  test("with the other side's payload type and our SSRC, gaps and all", () => {
    const [left, right] = pair(VP8, { ...VP8, payloadType: 120 });
    for (const n of [1, 2, 5, 4]) left.shows(n);
    expect(right.sent.map(({ payload }) => payload[0])).toEqual([1, 2, 5, 4]);
    const first = right.sent[0]?.sequence ?? 0;
    expect(right.sent.map(({ sequence }) => sequence - first)).toEqual([0, 1, 4, 3]);
    expect(new Set(right.sent.map(({ payloadType }) => payloadType))).toEqual(new Set([120]));
    expect(right.shown).not.toBe(1);
  });

  test("and not at all where the other side has another codec", () => {
    const [left, right] = pair(VP8, H264);
    left.shows(1);
    expect(right.sent).toEqual([]);
  });

  test("RFC 8285: how a picture is turned goes with it, and other extensions do not", () => {
    const [left, right] = pair(VP8, VP8, [...FEEDBACK, `extmap:3 ${ORIENTATION}`]);
    const extension = formatExtensionElements([
      { id: 5, data: Uint8Array.of(9, 9) },
      { id: 3, data: Uint8Array.of(1) },
    ]);
    left.shows(1, { extension });
    const [packet] = right.sent;
    expect(packet?.extension && readExtensionElements(packet.extension)).toEqual([
      { id: 3, data: Uint8Array.of(1) },
    ]);
    expect([...(packet?.payload ?? [])]).toEqual([1, 1]);
  });
});

describe("what a receiver asks for", () => {
  test("RFC 4585 §6.2.1: what was sent goes again; what never came is asked for", () => {
    const [left, right] = pair();
    for (const n of [10, 11, 13]) left.shows(n);
    const first = right.sent[0]?.sequence ?? 0;
    const nack = { kind: "Nack", ssrc: 2, mediaSsrc: right.shown } as const;
    right.asks({ ...nack, sequences: [first + 1, first + 2] });
    expect(right.sent.map(({ payload }) => payload[0])).toEqual([10, 11, 13, 11]);
    expect(left.asked.at(-1)).toMatchObject({ kind: "Nack", mediaSsrc: 1, sequences: [12] });
    left.shows(12);
    expect(right.sent.at(-1)?.sequence).toBe(first + 2);
  });

  test("RFC 4585 §6.2.1: datagrams full of NACKs have few packets sent again", () => {
    const [left, right] = pair();
    for (let n = 0; n < 100; n++) left.shows(n);
    const first = right.sent[0]?.sequence ?? 0;
    const before = [right.sent.length, left.asked.length];
    const known = Array.from({ length: 64 }, (_, n) => first + n);
    const unknown = known.map((sequence) => sequence + 1000);
    const nack = { kind: "Nack", ssrc: 2, mediaSsrc: right.shown } as const;
    const many = Array.from({ length: 50 }, () => ({ ...nack, sequences: known }));
    for (let n = 0; n < 20; n++) right.asks(...many);
    for (let n = 0; n < 20; n++) right.asks({ ...nack, sequences: unknown });
    // 64,000 were asked for; a few more may be due by the time that all were read.
    expect(right.sent.length - (before[0] ?? 0)).toBeLessThan(1000);
    expect(left.asked.length - (before[1] ?? 0)).toBeLessThanOrEqual(20);
  });

  test("REMB: of many in a datagram the last one is passed on, and no other", () => {
    const [left, right] = pair();
    left.shows(1);
    const estimate = { kind: "BandwidthEstimate", ssrc: 2, ssrcs: [right.shown] } as const;
    const rates = Array.from({ length: 60 }, (_, n) => 100_000 + n * 1000);
    right.asks(...rates.map((bitsPerSecond) => ({ ...estimate, bitsPerSecond })));
    const told = left.asked.filter(({ kind }) => kind === "BandwidthEstimate");
    expect(told).toHaveLength(1);
    const [last] = told;
    expect(last?.kind === "BandwidthEstimate" && last.bitsPerSecond).toBeGreaterThan(158_900);
  });

  test("RFC 4585 §6.3.1, RFC 5104 §4.3.1: a whole picture is asked of who makes them, once", () => {
    const [left, right] = pair();
    left.shows(1);
    const asked = () => left.asked.filter(({ kind }) => kind === "PictureLoss");
    right.asks({ kind: "PictureLoss", ssrc: 2, mediaSsrc: right.shown });
    right.asks({
      kind: "FullIntraRequest",
      ssrc: 2,
      requests: [{ ssrc: right.shown, commandSequence: 1 }],
    });
    expect(asked()).toEqual([{ kind: "PictureLoss", ssrc: expect.any(Number), mediaSsrc: 1 }]);
  });

  test("RFC 5104 §4.3.1.1: who knows FIR alone is asked by that, with a number of its own", () => {
    const [left, right] = pair(VP8, VP8, ["rtcp-fb:* ccm fir"]);
    left.shows(1);
    right.asks({ kind: "PictureLoss", ssrc: 2, mediaSsrc: right.shown });
    expect(left.asked.at(-1)).toMatchObject({
      ...{ kind: "FullIntraRequest", requests: [{ ssrc: 1, commandSequence: 1 }] },
    });
  });

  test("REMB: what gets through there is told who makes the pictures", () => {
    const [left, right] = pair();
    left.shows(1);
    right.asks({
      kind: "BandwidthEstimate",
      ssrc: 2,
      bitsPerSecond: 500_000,
      ssrcs: [right.shown],
    });
    const told = left.asked.at(-1);
    expect(told).toMatchObject({ kind: "BandwidthEstimate", ssrcs: [1] });
    expect(told?.kind === "BandwidthEstimate" && Math.abs(told.bitsPerSecond - 5e5)).toBeLessThan(
      4,
    );
  });

  test("what is about others' pictures, or comes of nobody, asks nobody", () => {
    const [left, right] = pair();
    left.shows(1);
    const before = left.asked.length;
    right.asks({ kind: "PictureLoss", ssrc: 2, mediaSsrc: 99 });
    right.asks({ kind: "Nack", ssrc: 2, mediaSsrc: 99, sequences: [1] });
    right.end.takeControl(Uint8Array.of(0x81, 206, 0, 9), 0);
    right.end.take(Uint8Array.of(0x80, 96), 0);
    expect(left.asked.length).toBe(before);
    expect(right.end.statistics(0).packetsRefused).toBe(1);
  });

  test("who begins to see somebody asks for a whole picture", () => {
    const left = new SideOfTest(VP8, 1);
    left.shows(1);
    const right = new SideOfTest(VP8, 2);
    right.end.hear(left.end);
    expect(left.asked).toEqual([{ kind: "PictureLoss", ssrc: expect.any(Number), mediaSsrc: 1 }]);
  });
});
