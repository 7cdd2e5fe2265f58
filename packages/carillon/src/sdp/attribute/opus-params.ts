/** `a=fmtp` of Opus. RFC 7587 §6.1, §7. */
import { readInteger } from "../sdp-chars.ts";
import { type FmtpParams, flagParam } from "./fmtp.ts";

/** Each as it was told, or undefined: the RFC's defaults are in `OPUS_DEFAULTS`. */
export interface OpusParams {
  /** What its writer can play, 8000 to 48000: more need not be sent. */
  readonly maxPlaybackRateHz: number | undefined;
  /** What its writer captures, 8000 to 48000. */
  readonly spropMaxCaptureRateHz: number | undefined;
  /** Bits a second that its writer takes, 6000 to 510000. */
  readonly maxAverageBitrate: number | undefined;
  /** The shortest packet its writer takes, 1 to 120 ms of sound. */
  readonly minPtimeMs: number | undefined;
  /** Whether its writer would rather get stereo. */
  readonly stereo: boolean | undefined;
  /** Whether its writer is likely to send stereo. */
  readonly spropStereo: boolean | undefined;
  /** Whether its writer wants a constant bit rate. */
  readonly cbr: boolean | undefined;
  /** Whether its writer can use in-band FEC. */
  readonly useInbandFec: boolean | undefined;
  /** Whether its writer wants pauses left out of what is sent. */
  readonly useDtx: boolean | undefined;
}

/** What holds where a parameter is not told. RFC 7587 §6.1. */
export const OPUS_DEFAULTS: {
  readonly maxPlaybackRateHz: number;
  readonly minPtimeMs: number;
  readonly stereo: boolean;
  readonly useInbandFec: boolean;
} = { maxPlaybackRateHz: 48_000, minPtimeMs: 3, stereo: false, useInbandFec: false };

/**
 * Reads the parameters of Opus; a value out of its range is as if it were not there.
 * RFC 7587 §6.1.
 */
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

/** The parameters of Opus that are told, as `formatFmtpParams` writes them. RFC 7587 §6.1. */
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
