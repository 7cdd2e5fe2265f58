/** `a=fmtp` of VP8 (RFC 7741 §6.1) and VP9 (RFC 9628 §6.1). */
import { readInteger } from "../sdp-chars.ts";
import type { FmtpParams } from "./fmtp.ts";

/** What the end that says it decodes; undefined if it is not told. */
export interface VideoParams {
  /** Frames a second that the receiver decodes. */
  readonly maxFramesPerSecond: number | undefined;
  /** Macroblocks of a frame that the receiver decodes. */
  readonly maxFrameSizeMacroblocks: number | undefined;
  /** VP9's only: 0 to 3, 0 if it is not told. */
  readonly profileId: number | undefined;
}

/**
 * Reads the parameters of VP8 and VP9; a value out of its range is as if it were not there.
 * RFC 7741 §6.1, RFC 9628 §6.1.
 */
export function videoParams(params: FmtpParams): VideoParams {
  const number = (name: string, min: number, max: number) =>
    readInteger(params.get(name) ?? "", min, max);
  return {
    maxFramesPerSecond: number("max-fr", 1, 1000),
    maxFrameSizeMacroblocks: number("max-fs", 1, 2 ** 24),
    profileId: number("profile-id", 0, 3),
  };
}

/** The parameters of VP8 and VP9 that are told, as `formatFmtpParams` writes them. */
export function videoFmtp(video: VideoParams): FmtpParams {
  const all: readonly (readonly [string, number | undefined])[] = [
    ["max-fr", video.maxFramesPerSecond],
    ["max-fs", video.maxFrameSizeMacroblocks],
    ["profile-id", video.profileId],
  ];
  return new Map(all.flatMap(([name, n]) => (n === undefined ? [] : [[name, `${n}`]])));
}
