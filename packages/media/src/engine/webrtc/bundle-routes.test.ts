import { formatRtcp, formatRtp, type HeaderExtension } from "carillon/rtp";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BundleRoutes, type RoutedSlot } from "./bundle-routes.ts";
import { midOfPacket, withMid } from "./mid-extension.ts";

const MID_ID = 4;
const NONE = 0;
const slot = (nth: number, mid: string | undefined, ...types: readonly number[]): RoutedSlot => ({
  ...{ slot: nth, mid, payloadTypes: new Set(types) },
});

function routes(slots: readonly RoutedSlot[], midId = MID_ID): BundleRoutes {
  const made = new BundleRoutes();
  made.agree(slots, midId === NONE ? undefined : midId);
  return made;
}

function rtp(payloadType: number, ssrc: number, extension?: HeaderExtension): Uint8Array {
  return formatRtp({
    ...{ marker: false, payloadType, sequence: 1, timestamp: 0, ssrc },
    ...{ payload: Uint8Array.of(1, 2, 3), ...(extension && { extension }) },
  });
}

const tagged = (payloadType: number, ssrc: number, mid: string): Uint8Array =>
  withMid(rtp(payloadType, ssrc), MID_ID, Buffer.from(mid));

describe("RFC 8843 §9.2: which section a packet belongs to", () => {
  //= RFC 8843 §9.2
  //# If any payload type is configured for receiving in more than one "m=" section in the BUNDLE
  //# group, do not include it in the table, as it cannot be used to uniquely identify an "m="
  //# section.
  test("a payload type that one section alone has says it; one of two says nothing", () => {
    const bundle = routes([slot(0, "a", 111, 8), slot(2, "b", 96, 8)]);
    expect(bundle.slotOf(rtp(111, 1))).toBe(0);
    expect(bundle.slotOf(rtp(96, 2))).toBe(2);
    expect(bundle.slotOf(rtp(8, 3))).toBeUndefined();
    expect(bundle.slotOf(rtp(97, 4))).toBeUndefined();
  });

  //= RFC 8843 §9.2
  //# If the payload type used by the RTP stream is in the payload type table, update the incoming
  //# SSRC mapping table to include an entry that maps the RTP stream's SSRC to the "m=" section for
  //# that payload type.
  test("a source stays where it was first, whatever it sends then", () => {
    const bundle = routes([slot(0, "a", 111, 8), slot(2, "b", 96, 8)]);
    expect(bundle.slotOf(rtp(96, 2))).toBe(2);
    expect(bundle.slotOf(rtp(8, 2))).toBe(2);
    expect(bundle.slotOf(rtp(111, 2))).toBeUndefined();
  });

  //= RFC 8843 §9.2
  //# If the SSRC of the RTP stream is in the incoming SSRC mapping table, check that the payload
  //# type used by the RTP stream matches a payload type included on the matching "m=" section.
  //= RFC 8843 §9.2
  //# If the MID associated with the RTP stream is not in the table mapping a MID to an "m="
  //# section, then the RTP stream is not decoded and the payload data is discarded.
  test("a tag says it before all else, and moves a source; an unknown one says nothing", () => {
    const bundle = routes([slot(0, "a", 8), slot(2, "b", 8)]);
    expect(bundle.slotOf(tagged(8, 1, "b"))).toBe(2);
    expect(bundle.slotOf(rtp(8, 1))).toBe(2);
    expect(bundle.slotOf(tagged(8, 1, "a"))).toBe(0);
    expect(bundle.slotOf(rtp(8, 1))).toBe(0);
    expect(bundle.slotOf(tagged(8, 1, "c"))).toBeUndefined();
    expect(bundle.slotOf(tagged(9, 1, "a"))).toBeUndefined();
  });

  test("where no header extension was agreed on, none is looked for", () => {
    const bundle = routes([slot(0, "a", 111), slot(2, "b", 96)], NONE);
    expect(bundle.slotOf(tagged(111, 1, "b"))).toBe(0);
  });

  test("a section that is gone has no sources any more", () => {
    const bundle = routes([slot(0, "a", 111), slot(2, "b", 96)]);
    expect(bundle.slotOf(rtp(96, 2))).toBe(2);
    bundle.agree([slot(0, "a", 111)], MID_ID);
    expect(bundle.slotOf(rtp(96, 2))).toBeUndefined();
    expect(bundle.slotOf(rtp(111, 1))).toBe(0);
  });

  test("sources do not add up: the oldest is forgotten", () => {
    const bundle = routes([slot(0, "a", 8), slot(2, "b", 8)]);
    expect(bundle.slotOf(tagged(8, 1, "a"))).toBe(0);
    for (let ssrc = 100; ssrc < 163; ssrc++) bundle.slotOf(tagged(8, ssrc, "b"));
    expect(bundle.slotOf(rtp(8, 1))).toBe(0);
    bundle.slotOf(tagged(8, 200, "b"));
    expect(bundle.slotOf(rtp(8, 1))).toBeUndefined();
  });
});

describe("RFC 8843 §9.2: which section RTCP is about", () => {
  const both = (): BundleRoutes => {
    const bundle = routes([slot(0, "a", 111), slot(2, "b", 96)]);
    bundle.slotOf(rtp(111, 1));
    bundle.slotOf(rtp(96, 2));
    bundle.sent(0, rtp(111, 11));
    bundle.sent(2, rtp(96, 12));
    return bundle;
  };
  const block = (ssrc: number) => ({
    ...{ ssrc, fractionLost: 0, cumulativeLost: 0, highestSequence: 0, jitter: 0 },
    ...{ lastReport: 0, delaySinceReport: 0 },
  });

  test("reports go where what they report on was sent, feedback likewise", () => {
    const reports = formatRtcp([{ kind: "ReceiverReport", ssrc: 9, reports: [block(12)] }]);
    expect(both().routesOf(reports)).toEqual([{ slot: 2, packet: reports }]);
    for (const packet of [
      { kind: "PictureLoss", ssrc: 9, mediaSsrc: 12 },
      { kind: "Nack", ssrc: 9, mediaSsrc: 12, sequences: [1] },
      { kind: "FullIntraRequest", ssrc: 9, requests: [{ ssrc: 12, commandSequence: 1 }] },
    ] as const) {
      const bytes = formatRtcp([packet]);
      expect(both().routesOf(bytes)).toEqual([{ slot: 2, packet: bytes }]);
    }
    const goodbye = formatRtcp([{ kind: "Goodbye", ssrcs: [2] }]);
    expect(both().routesOf(goodbye)).toEqual([{ slot: 2, packet: goodbye }]);
  });

  test("a datagram about both comes apart, and names stay with what they came with", () => {
    const items = [{ type: 1, text: "x" }];
    const parts = [
      formatRtcp([{ kind: "ReceiverReport", ssrc: 1, reports: [block(11)] }]),
      formatRtcp([{ kind: "SourceDescription", chunks: [{ ssrc: 77, items }] }]),
      formatRtcp([{ kind: "PictureLoss", ssrc: 9, mediaSsrc: 12 }]),
    ];
    const routed = both().routesOf(Buffer.concat(parts));
    expect(routed.map((each) => [each.slot, Buffer.from(each.packet).toString("hex")])).toEqual([
      [0, Buffer.concat(parts.slice(0, 2)).toString("hex")],
      [2, Buffer.from(parts[2] ?? []).toString("hex")],
    ]);
  });

  test("what names nobody known goes to the first section", () => {
    const bytes = formatRtcp([{ kind: "ReceiverReport", ssrc: 99, reports: [] }]);
    expect(both().routesOf(bytes)).toEqual([{ slot: 0, packet: bytes }]);
    expect(routes([]).routesOf(bytes)).toEqual([]);
  });
});

describe("RFC 8843 §15: the tag in a packet", () => {
  const mid = Buffer.from("video");

  test("a packet without extension gets one; the rest of it is as it was", () => {
    const plain = formatRtp({
      ...{ marker: true, payloadType: 96, sequence: 7, timestamp: 9, ssrc: 5, csrcs: [1, 2] },
      payload: Uint8Array.of(1, 2, 3),
    });
    const made = withMid(plain, 3, mid);
    expect(midOfPacket(made, 3)).toEqual(new Uint8Array(mid));
    expect(midOfPacket(made, 4)).toBeUndefined();
    expect(midOfPacket(plain, 3)).toBeUndefined();
    expect(made.length).toBe(plain.length + 12);
    expect([...made.subarray(-3)]).toEqual([1, 2, 3]);
    expect([...made.subarray(1, 20)]).toEqual([...plain.subarray(1, 20)]);
  });

  test("another one is replaced, and what else there is stays", () => {
    const level = { profile: 0xbede, data: Uint8Array.of(0x10, 0x85, 0x30, 0x61) };
    const made = withMid(rtp(111, 5, level), 3, mid);
    expect(midOfPacket(made, 3)).toEqual(new Uint8Array(mid));
    expect(midOfPacket(made, 1)).toEqual(Uint8Array.of(0x85));
  });

  test("whatever comes: nothing throws, and what is no RTP stays as it is", () => {
    const octets = fc.uint8Array({ maxLength: 80 });
    fc.assert(
      fc.property(octets, fc.integer({ min: 1, max: 14 }), (bytes, id) => {
        const made = withMid(bytes, id, mid);
        midOfPacket(bytes, id);
        const bundle = routes([slot(0, "a", 111), slot(2, "b", 96)], id);
        bundle.slotOf(bytes);
        bundle.sent(0, bytes);
        bundle.routesOf(bytes);
        if ((bytes[0] ?? 0) >> 6 !== 2 || bytes.length < 12) expect(made).toBe(bytes);
      }),
      { numRuns: 500 },
    );
  });
});
