import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromALaw, fromMuLaw, pcma, pcmu, toALaw, toMuLaw } from "./g711.ts";

const octets = Array.from({ length: 256 }, (_, octet) => octet);
const LAWS = [
  { name: "µ-law", from: fromMuLaw, to: toMuLaw },
  { name: "A-law", from: fromALaw, to: toALaw },
] as const;

describe("G.711", () => {
  test("Table 2a: the decision values of µ-law, from the loudest to silence", () => {
    // Positive: octet on the wire, and the value that is decoded in 14 bits.
    const rows = [
      ...[
        [0x80, 8031],
        [0x8f, 4191],
        [0x9f, 2079],
        [0xaf, 1023],
        [0xbf, 495],
      ],
      ...[
        [0xcf, 231],
        [0xdf, 99],
        [0xef, 33],
        [0xfe, 2],
        [0xff, 0],
      ],
    ] as const;
    expect(rows.map(([octet]) => [octet, fromMuLaw(octet) / 4])).toEqual(rows);
    expect(rows.map(([octet]) => fromMuLaw(octet & 0x7f) / -4 + 0)).toEqual(
      rows.map(([, value]) => value),
    );
  });

  test("Table 1a: the decision values of A-law", () => {
    const rows = [
      ...[
        [0xaa, 4032],
        [0xa5, 2112],
        [0xb5, 1056],
        [0x85, 528],
        [0x95, 264],
      ],
      ...[
        [0xe5, 132],
        [0xf5, 66],
        [0xc5, 33],
        [0xd5, 1],
      ],
    ] as const;
    expect(rows.map(([octet]) => [octet, fromALaw(octet) / 8])).toEqual(rows);
    expect(rows.map(([octet]) => fromALaw(octet & 0x7f) / -8)).toEqual(
      rows.map(([, value]) => value),
    );
  });

  test.each(LAWS)("§3: $name has one octet for each value, and the other zero", ({ from, to }) => {
    // Of the two zeros of µ-law the positive one is sent.
    const zero = from === fromMuLaw ? 0x7f : -1;
    for (const octet of octets) {
      expect(to(from(octet))).toBe(octet === zero ? 0xff : octet);
    }
  });

  test.each(LAWS)("§3: $name is off by half a step at most, and keeps order", ({ from, to }) => {
    const sample = fc.integer({ min: -32_768, max: 32_767 });
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        expect(from(to(low))).toBeLessThanOrEqual(from(to(high)));
        // Sixteen steps to a doubling; and what the bits below those of the law may be.
        const halfStep = (Math.abs(a) + 132) / 32 + 16;
        expect(Math.abs(from(to(a)) - a)).toBeLessThanOrEqual(halfStep);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([pcmu, pcma])("$name: a frame is as many octets as samples", ({ encoder, decoder }) => {
    const pcm = Int16Array.from({ length: 160 }, (_, i) => Math.round(9000 * Math.sin(i / 3)));
    const payload = encoder().encode(pcm);
    const heard = decoder().decode(payload);
    expect([payload.length, heard.length]).toEqual([160, 160]);
    const noise = heard.reduce((sum, sample, i) => sum + (sample - (pcm[i] ?? 0)) ** 2, 0);
    const energy = pcm.reduce((sum, sample) => sum + sample ** 2, 0);
    expect(10 * Math.log10(energy / noise)).toBeGreaterThan(35);
  });

  test("any octets, and none, are a sound", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (payload) => {
        for (const { decoder } of [pcmu, pcma]) {
          const one = decoder();
          expect(one.decode(payload)).toHaveLength(payload.length);
          expect(one.conceal(160)).toHaveLength(160);
        }
      }),
    );
  });
});
