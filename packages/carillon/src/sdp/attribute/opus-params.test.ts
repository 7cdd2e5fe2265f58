import fc from "fast-check";
import { expect, test } from "vitest";
import { ok } from "../../grammar/result.ts";
import { formatFmtpParams, parseFmtpParams } from "./fmtp.ts";
import { OPUS_DEFAULTS, opusFmtp, opusParams } from "./opus-params.ts";

const NONE = opusParams(new Map());

test("RFC 7587 §7: the parameters of the examples", () => {
  const text =
    "maxplaybackrate=16000; sprop-maxcapturerate=16000; maxaveragebitrate=20000; stereo=1";
  expect(opusParams(parseFmtpParams(`${text}; useinbandfec=1; usedtx=0`))).toEqual({
    ...NONE,
    maxPlaybackRateHz: 16_000,
    spropMaxCaptureRateHz: 16_000,
    maxAverageBitrate: 20_000,
    stereo: true,
    useInbandFec: true,
    useDtx: false,
  });
  expect(Object.values(NONE).every((value) => value === undefined)).toBe(true);
  expect(OPUS_DEFAULTS.stereo).toBe(false);
});

test("what is out of its range is as if it were not there", () => {
  const text = "maxplaybackrate=4294967296;maxaveragebitrate=1;stereo=2;minptime=x;cbr=";
  expect(opusParams(parseFmtpParams(text))).toEqual(NONE);
});

test("parse(format(x)) is x", () => {
  const flag = fc.option(fc.boolean(), { nil: undefined });
  const hertz = fc.option(fc.integer({ min: 8000, max: 48_000 }), { nil: undefined });
  const any = fc.record({
    maxPlaybackRateHz: hertz,
    spropMaxCaptureRateHz: hertz,
    maxAverageBitrate: fc.option(fc.integer({ min: 6000, max: 510_000 }), { nil: undefined }),
    minPtimeMs: fc.option(fc.integer({ min: 1, max: 120 }), { nil: undefined }),
    stereo: flag,
    spropStereo: flag,
    cbr: flag,
    useInbandFec: flag,
    useDtx: flag,
  });
  fc.assert(
    fc.property(any, (x) => {
      const text = formatFmtpParams(opusFmtp(x));
      expect(ok(opusParams(parseFmtpParams(text)))).toEqual(ok(x));
    }),
  );
});
