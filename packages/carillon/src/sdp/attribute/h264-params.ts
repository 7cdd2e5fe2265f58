/** `a=fmtp` of H.264. RFC 6184 §8.1, §8.2.2. */
import { isHexDigits, readInteger } from "../sdp-chars.ts";
import { type FmtpParams, flagParam } from "./fmtp.ts";

/** What an end decodes, or sends. RFC 6184 §8.1. Written by `h264Fmtp`. */
export interface H264Params {
  /** profile_idc, one octet. With the next two it is the `profile-level-id`. */
  readonly profileIdc: number;
  /** profile-iop, one octet: its bits narrow the profile. */
  readonly profileIop: number;
  /** level_idc, one octet: ten times the level. To compare levels: `h264Level`. */
  readonly levelIdc: number;
  /** Single NAL units, non-interleaved, or interleaved. RFC 6184 §5.4. */
  readonly packetizationMode: 0 | 1 | 2;
  /** The two ways may have different levels; false if it is not told. */
  readonly levelAsymmetryAllowed: boolean;
}

//= RFC 6184 §8.1
//# If no profile-level-id is present, the Baseline profile, without additional constraints at
//# Level 1, MUST be inferred.
const DEFAULT_PROFILE_LEVEL_ID = "42000a";

/**
 * Reads the parameters of H.264; undefined where a profile or mode is no such thing.
 * RFC 6184 §8.1.
 */
export function h264Params(params: FmtpParams): H264Params | undefined {
  const id = params.get("profile-level-id") ?? DEFAULT_PROFILE_LEVEL_ID;
  //= RFC 6184 §8.1
  //# When the value of packetization-mode is equal to 0 or packetization-mode is not present, the
  //# single NAL mode MUST be used.
  const mode = readInteger(params.get("packetization-mode") ?? "0", 0, 2);
  if (id.length !== 6 || !isHexDigits(id) || mode === undefined) return undefined;
  const octet = (at: number): number => Number.parseInt(id.slice(at, at + 2), 16);
  return {
    profileIdc: octet(0),
    profileIop: octet(2),
    levelIdc: octet(4),
    packetizationMode: mode as 0 | 1 | 2,
    levelAsymmetryAllowed: flagParam(params, "level-asymmetry-allowed") ?? false,
  };
}

/**
 * The parameters of H.264 as `formatFmtpParams` writes them; defaults are written too.
 * RFC 6184 §8.1.
 */
export function h264Fmtp(h264: H264Params): FmtpParams {
  return new Map([
    ["level-asymmetry-allowed", h264.levelAsymmetryAllowed ? "1" : "0"],
    ["packetization-mode", `${h264.packetizationMode}`],
    ["profile-level-id", profileLevelId(h264)],
  ]);
}

/** Six hexadecimal digits in lower case: `42e01f`. */
export function profileLevelId(h264: H264Params): string {
  return [h264.profileIdc, h264.profileIop, h264.levelIdc]
    .map((octet) => octet.toString(16).padStart(2, "0"))
    .join("");
}

/** Constrained Baseline, Baseline, Main, High, … RFC 6184 §8.1, table 5. */
export type H264Profile = "CB" | "B" | "M" | "E" | "H" | "CH" | "H10" | "H42" | "H44" | "other";

/** profile_idc, bits that must be set, bits that must not be, and the profile they make. */
const PROFILES: readonly (readonly [number, number, number, H264Profile])[] = [
  [0x42, 0x40, 0x0f, "CB"],
  [0x4d, 0x80, 0x0f, "CB"],
  [0x58, 0xc0, 0x0f, "CB"],
  [0x42, 0x00, 0x4f, "B"],
  [0x58, 0x80, 0x4f, "B"],
  [0x4d, 0x00, 0xaf, "M"],
  [0x58, 0x00, 0xcf, "E"],
  [0x64, 0x0c, 0xf3, "CH"],
  [0x64, 0x00, 0xff, "H"],
  [0x6e, 0x00, 0xff, "H10"],
  [0x7a, 0x00, 0xff, "H42"],
  [0xf4, 0x00, 0xff, "H44"],
];

/** Which profile this is: the same one has several spellings. RFC 6184 §8.1, table 5. */
export function h264Profile({ profileIdc, profileIop }: H264Params): H264Profile {
  const found = PROFILES.find(
    ([idc, set, clear]) =>
      idc === profileIdc && (profileIop & set) === set && (profileIop & clear) === 0,
  );
  return found?.[3] ?? "other";
}

/**
 * The level as a number that orders: tens as the level says, level 1b (constraint_set3 of
 * Baseline, Main and Extended at 11) between 1 and 1.1.
 */
export function h264Level({ profileIdc, profileIop, levelIdc }: H264Params): number {
  const is1b = levelIdc === 11 && (profileIop & 0x10) !== 0 && profileIdc < 0x64;
  return is1b || levelIdc === 9 ? 10.5 : levelIdc;
}
