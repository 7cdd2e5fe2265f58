import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ok } from "../grammar/result.ts";
import { formatExtensionElements, readExtensionElements } from "./header-extension.ts";
import { formatRtp, isRtcp, parseRtp, payloadStart } from "./packet.ts";

const PAYLOAD = Uint8Array.of(1, 2, 3);
const BARE = {
  marker: false,
  payloadType: 0,
  sequence: 1,
  timestamp: 2,
  ssrc: 3,
  payload: PAYLOAD,
};

const word = fc.integer({ min: 0, max: 0xffff_ffff });
const anyPacket = fc.record(
  {
    marker: fc.boolean(),
    payloadType: fc.integer({ min: 0, max: 127 }),
    sequence: fc.integer({ min: 0, max: 65_535 }),
    timestamp: word,
    ssrc: word,
    csrcs: fc.array(word, { minLength: 1, maxLength: 15 }),
    extension: fc.record({
      profile: fc.integer({ min: 0, max: 65_535 }),
      data: fc.uint8Array({ maxLength: 20 }).map((data) => data.subarray(0, data.length & ~3)),
    }),
    payload: fc.uint8Array({ maxLength: 100 }),
  },
  { requiredKeys: ["marker", "payloadType", "sequence", "timestamp", "ssrc", "payload"] },
);

describe("an RTP packet", () => {
  test("§5.1: the fields stand where the picture has them", () => {
    const packet = {
      ...{ marker: true, payloadType: 96, sequence: 0x1234, timestamp: 0x89abcdef },
      ...{ ssrc: 0xfedcba98, csrcs: [1, 0xffff_ffff], payload: PAYLOAD },
      extension: { profile: 0xbede, data: Uint8Array.of(0x10, 5, 0, 0) },
    };
    const octets = [
      ...[0x92, 0xe0, 0x12, 0x34, 0x89, 0xab, 0xcd, 0xef, 0xfe, 0xdc, 0xba, 0x98],
      ...[0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0xbe, 0xde, 0, 1, 0x10, 5, 0, 0, 1, 2, 3],
    ];
    expect([...formatRtp(packet)]).toEqual(octets);
    expect(parseRtp(Uint8Array.from(octets))).toEqual(ok(packet));
    expect(payloadStart(Uint8Array.from(octets))).toBe(octets.length - 3);
  });

  test("parse(format(x)) is x", () => {
    fc.assert(
      fc.property(anyPacket, (packet) => {
        expect(parseRtp(formatRtp(packet))).toEqual(ok(packet));
      }),
    );
  });

  test("§5.1: padding is no payload", () => {
    const bytes = formatRtp({ ...BARE, payload: Uint8Array.of(1, 2, 3, 0, 0, 3) });
    bytes[0] = 0xa0;
    //= RFC 3550 §5.1
    //# The last octet of the padding contains a count of how many padding octets should be ignored,
    //# including itself.
    expect(parseRtp(bytes)).toMatchObject({ value: { payload: PAYLOAD } });
    for (const count of [0, 7, 255]) {
      bytes[bytes.length - 1] = count;
      expect([count, parseRtp(bytes).ok]).toEqual([count, false]);
    }
  });

  test("A.1: what is cut short, or of another version, is none", () => {
    const whole = formatRtp({
      ...BARE,
      ...{ csrcs: [1, 2], payload: new Uint8Array() },
      extension: { profile: 1, data: new Uint8Array(8) },
    });
    for (let length = 0; length < whole.length; length++) {
      const result = parseRtp(whole.subarray(0, length));
      expect([length, result.ok, payloadStart(whole.subarray(0, length))]).toEqual([
        length,
        false,
        -1,
      ]);
    }
    expect(parseRtp(whole).ok).toBe(true);
    for (const version of [0, 0x40, 0xc0]) {
      whole[0] = version | (whole[0]! & 0x3f);
      expect(parseRtp(whole)).toMatchObject({ error: { code: "bad-rtp" } });
    }
  });

  test("§5.1: the least packet and the most that a header can say", () => {
    const least = { ...BARE, payload: new Uint8Array() };
    expect(formatRtp(least)).toHaveLength(12);
    expect(parseRtp(formatRtp(least))).toEqual(ok(least));
    expect(payloadStart(formatRtp(least))).toBe(12);
    const csrcs = Array.from({ length: 15 }, (_, n) => n);
    for (const words of [0, 1, 2, 3, 4, 255, 256, 1000]) {
      const extension = { profile: 7, data: new Uint8Array(4 * words).fill(words) };
      for (const payload of [new Uint8Array(), PAYLOAD]) {
        const most = { ...BARE, csrcs, extension, payload };
        const bytes = formatRtp(most);
        expect(parseRtp(bytes)).toEqual(ok(most));
        expect(payloadStart(bytes)).toBe(12 + 60 + 4 + 4 * words);
      }
    }
    // Padding may be all there is.
    const padded = formatRtp({ ...BARE, payload: Uint8Array.of(0, 2) });
    padded[0] = 0xa0;
    expect(parseRtp(padded)).toEqual(ok(least));
  });

  test("what is wrong is told with its place", () => {
    const whole = formatRtp({
      ...BARE,
      csrcs: [1],
      extension: { profile: 1, data: new Uint8Array(4) },
    });
    const error = (bytes: Uint8Array) => {
      const result = parseRtp(bytes);
      if (result.ok) throw new Error("read");
      const { code, offset, source } = result.error;
      expect([code, source]).toEqual(["bad-rtp", "RFC 3550 §5.1"]);
      return [offset, result.error.message];
    };
    const cut = "the header or its padding is longer than the packet";
    expect(error(whole.subarray(0, 11))).toEqual([11, "less than a header"]);
    expect(error(whole.subarray(0, 19))).toEqual([16, cut]);
    expect(error(whole.subarray(0, 22))).toEqual([22, cut]);
    expect(error(Uint8Array.from([0, ...whole.subarray(1)]))).toEqual([0, "not version 2"]);
  });

  test("any octets are a packet or a value that says why not", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const result = parseRtp(bytes);
        if (result.ok) expect(result.value.payload.length).toBeLessThanOrEqual(bytes.length - 12);
        else expect(result.error.source).toBe("RFC 3550 §5.1");
      }),
      { numRuns: 2000 },
    );
  });

  test("RFC 5761 §4: RTCP is told apart on one port", () => {
    //= RFC 5761 §4
    //# This field can be used to distinguish RTP and RTCP packets
    const second = (octet: number) => isRtcp(Uint8Array.of(0x80, octet));
    expect([191, 192, 200, 206, 223, 224, 0, 8, 0x80, 96, 0xff].map(second)).toEqual([
      ...[false, true, true, true, true, false, false, false, false, false, false],
    ]);
    expect([isRtcp(new Uint8Array()), isRtcp(Uint8Array.of(200))]).toEqual([false, false]);
  });

  test("throws at more sources than a packet can name", () => {
    const csrcs = Array.from({ length: 16 }, (_, n) => n);
    expect(() => formatRtp({ ...BARE, csrcs })).toThrow(RangeError);
    const extension = { profile: 1, data: new Uint8Array(3) };
    expect(() => formatRtp({ ...BARE, extension })).toThrow(RangeError);
  });
});

describe("header extensions", () => {
  const data = (...octets: number[]) => Uint8Array.from(octets);

  test("RFC 8285 §4.2, §4.3: both forms", () => {
    const short = [
      { id: 1, data: data(5) },
      { id: 14, data: data(1, 2, 3) },
    ];
    expect(formatExtensionElements(short)).toEqual({
      profile: 0xbede,
      data: data(0x10, 5, 0xe2, 1, 2, 3, 0, 0),
    });
    const long = [
      { id: 15, data: data() },
      { id: 1, data: data(9) },
    ];
    expect(formatExtensionElements(long)).toEqual({
      profile: 0x1000,
      data: data(15, 0, 1, 1, 9, 0, 0, 0),
    });
    for (const each of [short, long]) {
      expect(readExtensionElements(formatExtensionElements(each))).toEqual(each);
    }
  });

  test("RFC 8285 §4.1.2, §4.2: what ends the elements", () => {
    const read = (...octets: number[]) =>
      readExtensionElements({ profile: 0xbede, data: data(...octets) });
    const first = [{ id: 1, data: data(7) }];
    //= RFC 8285 §4.2
    //# If the ID value 15 is encountered, its length field MUST be ignored, processing of the
    //# entire extension MUST terminate at that point
    expect(read(0x10, 7, 0xf0, 1, 0x20, 2, 0, 0)).toEqual(first);
    //= RFC 8285 §4.1.2
    //# If such an extension element is encountered, its length field MUST be ignored, processing of
    //# the entire extension MUST terminate at that point
    expect(read(0x10, 7, 0x01, 1, 0x20, 2, 0, 0)).toEqual(first);
    expect(read(0x10, 7, 0x2f, 1)).toEqual(first);
    expect(read(0, 0, 0x10, 7)).toEqual(first);
    expect(readExtensionElements({ profile: 0x1234, data: data(0x10, 7, 0, 0) })).toEqual([]);
    expect(readExtensionElements({ profile: 0x1000, data: data(1, 9, 0, 0) })).toEqual([]);
  });

  test("any octets are elements that lie within", () => {
    const profile = fc.constantFrom(0xbede, 0x1000, 0x100f);
    fc.assert(
      fc.property(profile, fc.uint8Array({ maxLength: 300 }), (kind, octets) => {
        const elements = readExtensionElements({ profile: kind, data: octets });
        const total = elements.reduce((sum, element) => sum + 1 + element.data.length, 0);
        expect(total).toBeLessThanOrEqual(octets.length);
      }),
    );
  });

  test("throws at what fits neither form", () => {
    expect(() => formatExtensionElements([{ id: 256, data: data() }])).toThrow(RangeError);
    expect(() => formatExtensionElements([{ id: 1, data: new Uint8Array(256) }])).toThrow(
      RangeError,
    );
  });
});
