/** `a=fmtp` of Opus. RFC 7587 §6.1, §7. */
import { readInteger } from "../sdp-chars.ts";
import { type FmtpParams, flagParam } from "./fmtp.ts";

/** Each as it was told, or undefined: the RFC's defaults are in `OPUS_DEFAULTS`. */
export interface OpusParams {
  readonly maxPlaybackRateHz: number | undefined;
  readonly spropMaxCaptureRateHz: number | undefined;
  readonly maxAverageBitrate: number | undefined;
  readonly minPtimeMs: number | undefined;
  readonly stereo: boolean | undefined;
  readonly spropStereo: boolean | undefined;
  readonly cbr: boolean | undefined;
  readonly useInbandFec: boolean | undefined;
  readonly useDtx: boolean | undefined;
}

export const OPUS_DEFAULTS: {
  readonly maxPlaybackRateHz: number;
  readonly minPtimeMs: number;
  readonly stereo: boolean;
  readonly useInbandFec: boolean;
} = { maxPlaybackRateHz: 48_000, minPtimeMs: 3, stereo: false, useInbandFec: false };

/** Reads them; a value out of its range is as if it were not there. */
export function opusParams(params: FmtpParams): OpusParams {
  const number = (name: string, min: number, max: number) =>
    readInteger(params.get(name) ?? "", min, max);
  return {
    maxPlaybackRateHz: number("maxplaybackrate", 8000, 48_000),
    spropMaxCaptureRateHz: number("sprop-maxcapturerate", 8000, 48_000),
    maxAverageBitrate: number("maxaveragebitrate", 6000, 510_000),
    minPtimeMs: number("minptime", 1, 120),
    stereo: flagParam(params, "stereo"),
    spropStereo: flagParam(params, "sprop-stereo"),
    cbr: flagParam(params, "cbr"),
    useInbandFec: flagParam(params, "useinbandfec"),
    useDtx: flagParam(params, "usedtx"),
  };
}

export function opusFmtp(opus: OpusParams): FmtpParams {
  const all: readonly (readonly [string, number | boolean | undefined])[] = [
    ["maxplaybackrate", opus.maxPlaybackRateHz],
    ["sprop-maxcapturerate", opus.spropMaxCaptureRateHz],
    ["maxaveragebitrate", opus.maxAverageBitrate],
    ["minptime", opus.minPtimeMs],
    ["stereo", opus.stereo],
    ["sprop-stereo", opus.spropStereo],
    ["cbr", opus.cbr],
    ["useinbandfec", opus.useInbandFec],
    ["usedtx", opus.useDtx],
  ];
  return new Map(
    all.flatMap(([name, value]) => (value === undefined ? [] : [[name, `${Number(value)}`]])),
  );
}
