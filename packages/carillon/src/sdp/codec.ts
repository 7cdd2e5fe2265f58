/**
 * What an RTP payload type stands for in one media section, and which of two ends' codecs are the
 * same. RFC 3264 §6.1, RFC 8866 §6.6.
 */
import { sameIgnoringCase } from "../grammar/chars.ts";
import { readAttributes } from "./attribute/attribute-type.ts";
import { type FmtpParams, fmtp, parseFmtpParams } from "./attribute/fmtp.ts";
import { h264Params, h264Profile } from "./attribute/h264-params.ts";
import { rtpmap, STATIC_RTPMAPS } from "./attribute/rtpmap.ts";
import { DEFAULT_EVENTS, parseEvents, type TelephoneEvents } from "./attribute/telephone-events.ts";
import { isPayloadType, isRtp, type MediaSection } from "./media-section.ts";

/** What an RTP payload type stands for in one media section. RFC 8866 §6.6. */
export interface Codec {
  /** 0 to 127. */
  readonly payloadType: number;
  /** As it is written; compare without regard for case. */
  readonly encoding: string;
  /** Of the RTP timestamps; for G.722 it is 8000, though the sound has 16000. */
  readonly clockRateHz: number;
  /** One where it is not told, as for video. */
  readonly channels: number;
  /** The text of `a=fmtp`, if there is one. */
  readonly params: string | undefined;
}

/**
 * The codecs of a section in its order. A dynamic payload type without `a=rtpmap` means nothing and
 * is left out; of several lines about one type the first counts. RFC 8866 §6.6, RFC 3551 §6.
 */
export function codecsOf({ proto, formats, lines }: MediaSection): readonly Codec[] {
  if (!isRtp(proto)) return [];
  const maps = new Map(STATIC_RTPMAPS);
  for (const map of readAttributes(lines, rtpmap).toReversed()) maps.set(map.payloadType, map);
  const params = new Map(
    readAttributes(lines, fmtp)
      .toReversed()
      .map((each) => [each.format, each.parameters]),
  );
  return [...new Set(formats)].filter(isPayloadType).flatMap((format) => {
    const map = maps.get(Number(format));
    if (!map) return [];
    return [{ ...map, channels: map.channels ?? 1, params: params.get(format) }];
  });
}

/** What tells codecs apart before their parameters do: `opus/48000/2`. */
export type CodecName = Pick<Codec, "encoding" | "clockRateHz" | "channels">;

/** True where the names agree: `opus/48000/2`. */
export const isSameEncoding = (a: CodecName, b: CodecName): boolean =>
  sameIgnoringCase(a.encoding, b.encoding) &&
  a.clockRateHz === b.clockRateHz &&
  a.channels === b.channels;

/** Parameters that make two codecs of one name different, with what holds if they are absent. */
const DISTINCTIONS: ReadonlyMap<string, readonly (readonly [name: string, absent: string])[]> =
  new Map([
    ["vp9", [["profile-id", "0"]]],
    ["av1", [["profile", "0"]]],
    ["h265", [["profile-id", "1"]]],
    ["amr", [["octet-align", "0"]]],
    ["amr-wb", [["octet-align", "0"]]],
    ["g7221", [["bitrate", ""]]],
  ]);

/** The names of the parameters that are as much of a format as its name is. */
export function configurationParams({ encoding }: CodecName): readonly string[] {
  const name = encoding.toLowerCase();
  if (name === "h264") return ["packetization-mode"];
  return (DISTINCTIONS.get(name) ?? []).map(([param]) => param);
}

/**
 * True if what one end calls `a` is what the other calls `b`, parameters and all. RFC 3264 §6.1.
 */
export function isSameCodec(
  a: CodecName & Pick<Codec, "params">,
  b: CodecName & Pick<Codec, "params">,
): boolean {
  if (!isSameEncoding(a, b)) return false;
  const name = a.encoding.toLowerCase();
  if (name === "telephone-event") return commonEvents(a.params, b.params).length > 0;
  const [ours, theirs] = [parseFmtpParams(a.params ?? ""), parseFmtpParams(b.params ?? "")];
  if (name === "h264") return isSameH264(ours, theirs);
  return (DISTINCTIONS.get(name) ?? []).every(
    ([param, absent]) => (ours.get(param) ?? absent) === (theirs.get(param) ?? absent),
  );
}

//= RFC 6184 §8.2.2
//# The parameters identifying a media format configuration for H.264 are profile-level-id and
//# packetization-mode.
function isSameH264(a: FmtpParams, b: FmtpParams): boolean {
  const [ours, theirs] = [h264Params(a), h264Params(b)];
  if (!ours || !theirs) return false;
  return (
    h264Profile(ours) === h264Profile(theirs) && ours.packetizationMode === theirs.packetizationMode
  );
}

export function commonEvents(a: string | undefined, b: string | undefined): TelephoneEvents {
  const ours = a === undefined ? DEFAULT_EVENTS : (parseEvents(a) ?? []);
  const theirs = new Set(b === undefined ? DEFAULT_EVENTS : (parseEvents(b) ?? []));
  return ours.filter((event) => theirs.has(event));
}

/** Formats that only go with another: a stream of these alone carries nothing. */
const COMPANIONS: ReadonlySet<string> = new Set(
  "rtx red ulpfec flexfec flexfec-03 parityfec cn telephone-event".split(" "),
);

export const isCompanion = ({ encoding }: CodecName): boolean =>
  COMPANIONS.has(encoding.toLowerCase());

/**
 * The payload types that a retransmission (`apt=96`, RFC 4588) or redundancy (`96/96`, RFC 2198)
 * format stands for; none for other formats.
 */
export function protectedPayloadTypes({ encoding, params }: Codec): readonly number[] {
  const name = encoding.toLowerCase();
  if (name === "rtx") {
    const apt = parseFmtpParams(params ?? "").get("apt") ?? "";
    return isPayloadType(apt) ? [Number(apt)] : [];
  }
  if (name !== "red" || params === undefined) return [];
  return params.trim().split("/").filter(isPayloadType).map(Number);
}
