import fc from "fast-check";
import { expect, test } from "vitest";
import { ok } from "../../grammar/result.ts";
import { parseFmtpParams } from "./fmtp.ts";
import { videoFmtp, videoParams } from "./video-params.ts";

test("RFC 7741 §6.1: VP8's two, and VP9's profile", () => {
  expect(videoParams(parseFmtpParams("max-fr=30; max-fs=3600"))).toEqual({
    maxFramesPerSecond: 30,
    maxFrameSizeMacroblocks: 3600,
    profileId: undefined,
  });
  expect(videoParams(parseFmtpParams("profile-id=2")).profileId).toBe(2);
  expect(videoParams(parseFmtpParams("profile-id=4;max-fr=0")).profileId).toBeUndefined();
});

test("parse(format(x)) is x", () => {
  const optional = (max: number) => fc.option(fc.integer({ min: 1, max }), { nil: undefined });
  const any = fc.record({
    maxFramesPerSecond: optional(1000),
    maxFrameSizeMacroblocks: optional(100_000),
    profileId: optional(3),
  });
  fc.assert(
    fc.property(any, (x) => {
      expect(ok(videoParams(videoFmtp(x)))).toEqual(ok(x));
    }),
  );
});
