/** `a=rtpmap`: what an RTP payload type stands for. RFC 8866 §6.6. */
import { MAX_PAYLOAD_TYPE, MAX_UINT32 } from "../limits.ts";
import { isSdpToken, readInteger } from "../sdp-chars.ts";
import { type AttributeType, valueAttribute } from "./attribute-type.ts";

/** What one `a=rtpmap` line says: `96 opus/48000/2`. RFC 8866 §6.6. */
export interface Rtpmap {
  /** 0 to 127. */
  readonly payloadType: number;
  /** As it is written; compare without regard for case. */
  readonly encoding: string;
  /** Of the RTP timestamps; for G.722 it is 8000, though the sound has 16000. RFC 3551 §4.5.2. */
  readonly clockRateHz: number;
  /** Of audio, one if it is not told. */
  readonly channels: number | undefined;
}

/**
 * `a=rtpmap`, one line for each payload type. RFC 8866 §6.6.
 *
 * `rtpmap-value = payload-type SP encoding-name "/" clock-rate [ "/" encoding-params ]`
 */
export const rtpmap: AttributeType<Rtpmap> = valueAttribute({
  name: "rtpmap",
  source: "RFC 8866 §6.6",
  expected: "a payload type up to 127, a name and a clock rate",
  read: (text) => {
    const space = text.indexOf(" ");
    const payloadType = readInteger(text.slice(0, Math.max(0, space)), 0, MAX_PAYLOAD_TYPE);
    const [encoding = "", rate = "", channelText, ...rest] = text
      .slice(space + 1)
      .trimEnd()
      .split("/");
    const clockRateHz = readInteger(rate, 1, MAX_UINT32);
    const channels = channelText === undefined ? undefined : readInteger(channelText, 1, 255);
    if (payloadType === undefined || clockRateHz === undefined || rest.length > 0) return undefined;
    if (!isSdpToken(encoding) || (channelText !== undefined && !channels)) return undefined;
    return { payloadType, encoding, clockRateHz, channels };
  },
  write: ({ payloadType, encoding, clockRateHz, channels }) =>
    `${payloadType} ${encoding}/${clockRateHz}${channels === undefined ? "" : `/${channels}`}`,
});

const fixed = (payloadType: number, encoding: string, clockRateHz = 8000, channels?: number) =>
  [payloadType, { payloadType, encoding, clockRateHz, channels }] as const;

/**
 * What payload types mean where no `a=rtpmap` says it. RFC 3551 §6. The types that say nothing
 * about their clock, such as 13 before RFC 3389, are in it as their RFC has them.
 */
export const STATIC_RTPMAPS: ReadonlyMap<number, Rtpmap> = new Map([
  ...[fixed(0, "PCMU"), fixed(3, "GSM"), fixed(4, "G723"), fixed(5, "DVI4")],
  ...[fixed(6, "DVI4", 16_000), fixed(7, "LPC"), fixed(8, "PCMA"), fixed(9, "G722")],
  ...[fixed(10, "L16", 44_100, 2), fixed(11, "L16", 44_100), fixed(12, "QCELP"), fixed(13, "CN")],
  ...[fixed(14, "MPA", 90_000), fixed(15, "G728"), fixed(16, "DVI4", 11_025)],
  ...[fixed(17, "DVI4", 22_050), fixed(18, "G729"), fixed(25, "CelB", 90_000)],
  ...[fixed(26, "JPEG", 90_000), fixed(28, "nv", 90_000), fixed(31, "H261", 90_000)],
  ...[fixed(32, "MPV", 90_000), fixed(33, "MP2T", 90_000), fixed(34, "H263", 90_000)],
]);
