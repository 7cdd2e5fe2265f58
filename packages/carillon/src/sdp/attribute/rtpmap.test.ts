import fc from "fast-check";
import { expect, test } from "vitest";
import { ok } from "../../grammar/result.ts";
import { rtpmap, STATIC_RTPMAPS } from "./rtpmap.ts";

test.each([
  ["0 PCMU/8000", [0, "PCMU", 8000, undefined]],
  ["96 opus/48000/2", [96, "opus", 48_000, 2]],
  ["99 h263-1998/90000", [99, "h263-1998", 90_000, undefined]],
  ["9 G722/8000/1 ", [9, "G722", 8000, 1]],
])("RFC 8866 §6.6: %s", (text, [payloadType, encoding, clockRateHz, channels]) => {
  expect(rtpmap.parse(text)).toEqual(ok({ payloadType, encoding, clockRateHz, channels }));
});

test.each([
  ["4294967296 PCMU/8000", "128 x/1", "-1 x/1", "00 x/1", "x PCMU/8000", "1e1 x/1"],
  ["31 LPC", "0", "", "0 PCMU", "0 PCMU/", "0 /8000", "0 a b/1"],
  ["0 PCMU/0", "0 PCMU/4294967296", "0 x/8000/0", "0 x/8000/256", "0 x/8000/2/1", "0 x/8000.5"],
])("refused: %s …", (...texts) => {
  for (const text of texts) {
    const result = rtpmap.parse(text);
    expect(result).toMatchObject({ ok: false, error: { code: "bad-attribute", status: 400 } });
  }
  expect(rtpmap.parse(undefined).ok).toBe(false);
});

test("RFC 3551 §6: static payload types stand for themselves", () => {
  for (const [payloadType, map] of STATIC_RTPMAPS) {
    expect(map.payloadType).toBe(payloadType);
    expect(rtpmap.parse(rtpmap.format(map))).toEqual(ok(map));
  }
  expect(STATIC_RTPMAPS.get(9)).toMatchObject({ encoding: "G722", clockRateHz: 8000 });
});

test("parse(format(x)) is x", () => {
  const any = fc.record({
    payloadType: fc.nat(127),
    encoding: fc.stringMatching(/^[A-Za-z0-9.+_-]{1,20}$/),
    clockRateHz: fc.integer({ min: 1, max: 4_294_967_295 }),
    channels: fc.option(fc.integer({ min: 1, max: 255 }), { nil: undefined }),
  });
  fc.assert(
    fc.property(any, (x) => {
      expect(rtpmap.parse(rtpmap.format(x))).toEqual(ok(x));
    }),
  );
});
