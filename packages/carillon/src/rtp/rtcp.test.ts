import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ok } from "../grammar/result.ts";
import { formatRtcp, parseRtcp, type RtcpPacket, SDES_CNAME } from "./rtcp.ts";

const word = fc.integer({ min: 0, max: 0xffff_ffff });
const block = fc.record({
  ssrc: word,
  fractionLost: fc.integer({ min: 0, max: 255 }),
  cumulativeLost: fc.integer({ min: -0x80_0000, max: 0x7f_ffff }),
  ...{ highestSequence: word, jitter: word, lastReport: word, delaySinceReport: word },
});
const reports = fc.array(block, { maxLength: 31 });
const text = fc.string({ unit: "grapheme", maxLength: 30 });
const chunk = fc.record({
  ssrc: word,
  items: fc.array(fc.record({ type: fc.integer({ min: 1, max: 255 }), text }), { maxLength: 5 }),
});
const kind = <K extends RtcpPacket["kind"]>(name: K) => fc.constant(name);
const senderReport = fc.record({
  ...{
    kind: kind("SenderReport"),
    ssrc: word,
    ntpSeconds: word,
    ntpFraction: word,
    timestamp: word,
  },
  ...{ packets: word, octets: word, reports },
});
const receiverReport = fc.record({ kind: kind("ReceiverReport"), ssrc: word, reports });
const request = fc.record({ ssrc: word, commandSequence: fc.integer({ min: 0, max: 255 }) });
const anyOther: fc.Arbitrary<RtcpPacket> = fc.oneof(
  fc.record({ kind: kind("SourceDescription"), chunks: fc.array(chunk, { maxLength: 31 }) }),
  fc.record({ kind: kind("Goodbye"), ssrcs: fc.array(word, { maxLength: 31 }) }),
  fc.record({
    ...{ kind: kind("Nack"), ssrc: word, mediaSsrc: word },
    sequences: fc
      .uniqueArray(fc.nat(900), { minLength: 1, maxLength: 60 })
      .map((all) => all.sort((a, b) => a - b)),
  }),
  fc.record({ kind: kind("PictureLoss"), ssrc: word, mediaSsrc: word }),
  fc.record({
    kind: kind("FullIntraRequest"),
    ssrc: word,
    requests: fc.array(request, { maxLength: 9 }),
  }),
);

const EMPTY = { kind: "ReceiverReport", ssrc: 7, reports: [] } as const;

describe("RTCP", () => {
  test("parse(format(x)) is x", () => {
    const first = fc.oneof(senderReport, receiverReport);
    fc.assert(
      fc.property(first, fc.array(anyOther, { maxLength: 4 }), (report, others) => {
        expect(parseRtcp(formatRtcp([report, ...others]))).toEqual(ok([report, ...others]));
      }),
    );
  });

  test("§6.4.1, §6.5, §6.6: octets as the pictures have them", () => {
    const bytes = formatRtcp([
      {
        ...{ kind: "SenderReport", ssrc: 0x01020304, ntpSeconds: 5, ntpFraction: 6, timestamp: 7 },
        ...{ packets: 8, octets: 9 },
        reports: [
          {
            ...{ ssrc: 0x0a, fractionLost: 0x40, cumulativeLost: -2, highestSequence: 0x10005 },
            ...{ jitter: 11, lastReport: 12, delaySinceReport: 13 },
          },
        ],
      },
      {
        kind: "SourceDescription",
        chunks: [{ ssrc: 1, items: [{ type: SDES_CNAME, text: "ab" }] }],
      },
      { kind: "Goodbye", ssrcs: [1], reason: "bye" },
    ]);
    expect([...bytes]).toEqual([
      ...[0x81, 200, 0, 12, 1, 2, 3, 4, 0, 0, 0, 5, 0, 0, 0, 6, 0, 0, 0, 7, 0, 0, 0, 8, 0, 0, 0, 9],
      ...[0, 0, 0, 10, 0x40, 0xff, 0xff, 0xfe, 0, 1, 0, 5, 0, 0, 0, 11, 0, 0, 0, 12, 0, 0, 0, 13],
      ...[0x81, 202, 0, 3, 0, 0, 0, 1, 1, 2, 0x61, 0x62, 0, 0, 0, 0],
      ...[0x81, 203, 0, 2, 0, 0, 0, 1, 3, 0x62, 0x79, 0x65],
    ]);
  });

  test("§6.1: a datagram begins with a report, unless descriptions say otherwise", () => {
    const loss = formatRtcp([{ kind: "PictureLoss", ssrc: 1, mediaSsrc: 2 }]);
    //= RFC 3550 §6.1
    //# The first RTCP packet in the compound packet MUST always be a report packet to facilitate
    //# header validation as described in Appendix A.2.
    expect(parseRtcp(loss)).toMatchObject({ error: { code: "bad-rtcp", offset: 1 } });
    expect(parseRtcp(loss, { isReducedSize: true }).ok).toBe(true);
  });

  test("§6.1: packets of unknown types are passed over", () => {
    //= RFC 3550 §6.1
    //# An implementation SHOULD ignore incoming RTCP packets with types unknown to it.
    const app = Uint8Array.of(0x80, 204, 0, 2, 0, 0, 0, 1, 0x61, 0x62, 0x63, 0x64);
    const extended = Uint8Array.of(0x80, 207, 0, 0);
    const bytes = Uint8Array.from([
      ...formatRtcp([EMPTY]),
      ...app,
      ...extended,
      ...formatRtcp([EMPTY]),
    ]);
    expect(parseRtcp(bytes)).toEqual(ok([EMPTY, EMPTY]));
  });

  test("§6.4.1: padding stands at the end alone", () => {
    const plain = [...formatRtcp([EMPTY])];
    const padded = [0xa0, 201, 0, 2, 0, 0, 0, 7, 0, 0, 0, 4];
    expect(parseRtcp(Uint8Array.from([...plain, ...padded]))).toEqual(ok([EMPTY, EMPTY]));
    //= RFC 3550 §6.4.1
    //# padding MUST only be added to the last individual packet, and if padding is added to that
    //# packet, the padding bit MUST be set only on that packet.
    expect(parseRtcp(Uint8Array.from([...padded, ...plain])).ok).toBe(false);
    for (const count of [0, 3, 12]) {
      const wrong = Uint8Array.from([...padded.slice(0, 11), count]);
      expect([count, parseRtcp(wrong).ok]).toEqual([count, false]);
    }
  });

  test("RFC 4585 §6.2.1, RFC 4585 §6.3.1.2, RFC 5104 §4.3.1: feedback", () => {
    const around = { kind: "Nack", ssrc: 1, mediaSsrc: 2, sequences: [65_535, 0, 3, 40] } as const;
    expect([...formatRtcp([around])]).toEqual([
      ...[0x81, 205, 0, 4, 0, 0, 0, 1, 0, 0, 0, 2, 0xff, 0xff, 0, 0b1001, 0, 40, 0, 0],
    ]);
    expect(parseRtcp(formatRtcp([around]), { isReducedSize: true })).toEqual(ok([around]));
    //= RFC 4585 §6.3.1.2
    //# PLI does not require parameters. Therefore, the length field MUST be 2, and there MUST NOT
    //# be any Feedback Control Information.
    expect([...formatRtcp([{ kind: "PictureLoss", ssrc: 1, mediaSsrc: 2 }])]).toEqual([
      ...[0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2],
    ]);
    const requests = [{ ssrc: 3, commandSequence: 9 }];
    expect([...formatRtcp([{ kind: "FullIntraRequest", ssrc: 1, requests }])]).toEqual([
      ...[0x84, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 3, 9, 0, 0, 0],
    ]);
  });

  test("A.2: every cut and every changed octet is a value", () => {
    const packets: RtcpPacket[] = [
      { ...EMPTY, reports: [] },
      { kind: "SourceDescription", chunks: [{ ssrc: 1, items: [{ type: 1, text: "a@b" }] }] },
      { kind: "Goodbye", ssrcs: [1, 2], reason: "gone" },
    ];
    const whole = formatRtcp(packets);
    const ends = [8, 24];
    for (let length = 0; length < whole.length; length++) {
      expect([length, parseRtcp(whole.subarray(0, length)).ok]).toEqual([
        length,
        ends.includes(length),
      ]);
    }
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, octet) => {
        const bytes = Uint8Array.from(whole);
        bytes[at] = octet;
        const result = parseRtcp(bytes);
        expect(result.ok || result.error.code).toBe(result.ok ? true : "bad-rtcp");
      }),
      { numRuns: 2000 },
    );
  });

  test("throws at what no packet can say", () => {
    const ssrcs = Array.from({ length: 32 }, (_, n) => n);
    expect(() => formatRtcp([{ kind: "Goodbye", ssrcs }])).toThrow(RangeError);
    expect(() => formatRtcp([{ kind: "Goodbye", ssrcs: [], reason: "x".repeat(256) }])).toThrow(
      RangeError,
    );
  });
});
