/** Which of the offered codecs an answer takes. RFC 3264 §6.1. */
import { readAttributes } from "./attribute/attribute-type.ts";
import { formatFmtpParams, parseFmtpParams } from "./attribute/fmtp.ts";
import { h264Level, h264Params, profileLevelId } from "./attribute/h264-params.ts";
import { feedbackName, rtcpFb } from "./attribute/rtcp-fb.ts";
import { formatEvents } from "./attribute/telephone-events.ts";
import {
  type Codec,
  type CodecName,
  codecsOf,
  commonEvents,
  configurationParams,
  isCompanion,
  isSameCodec,
  protectedPayloadTypes,
} from "./codec.ts";
import type { PlannedCodec } from "./describe-stream.ts";
import type { LocalCodec } from "./local-media.ts";
import { hasFeedback, type MediaSection } from "./media-section.ts";

//= RFC 3264 §6.1
//# For streams marked as recvonly in the answer, the "m=" line MUST contain at least one media
//# format the answerer is willing to receive with from amongst those listed in the offer.
//= RFC 3264 §6.1
//# For streams marked as sendonly in the answer, the "m=" line MUST contain at least one media
//# format the answerer is willing to send from amongst those listed in the offer. For streams
//# marked as sendrecv in the answer, the "m=" line MUST contain at least one codec the answerer is
//# willing to both send and receive, from amongst those listed in the offer.
//= RFC 3264 §6.1
//# The media formats in the "m=" line MUST be listed in order of preference, with the first format
//# listed being preferred.
//= RFC 3264 §6.1
//# Although the answerer MAY list the formats in their desired order of preference, it is
//# RECOMMENDED that unless there is a specific reason, the answerer list formats in the same
//# relative order they were present in the offer.
/**
 * The offered codecs that we have, in the offer's order and with its payload types. None where
 * nothing but companions (comfort noise, retransmission, tones) would be left of a stream that
 * had more.
 */
export function answeredCodecs(
  section: MediaSection,
  ours: readonly LocalCodec[],
): readonly PlannedCodec[] {
  const offered = codecsOf(section);
  const taken = new Map<Codec, LocalCodec>();
  for (const codec of offered) {
    const own = ours.find((each) => isSameCodec(named(each), codec));
    if (own) taken.set(codec, own);
  }
  const kept = withoutOrphans([...taken.keys()]);
  if (offered.some((codec) => !isCompanion(codec)) && kept.every(isCompanion)) return [];
  const feedback = offeredFeedback(section);
  return kept.map((codec) => {
    const own = taken.get(codec);
    const understood = new Set(own?.feedback ?? []);
    return {
      ...codec,
      params: own && answeredParams(own, codec),
      feedback: feedbackFor(feedback, codec.payloadType).filter((name) => understood.has(name)),
    };
  });
}

/** A codec of ours as those of a description are. */
export const named = (own: LocalCodec): CodecName & Pick<Codec, "params"> => ({
  encoding: own.encoding,
  clockRateHz: own.clockRateHz,
  channels: own.channels ?? 1,
  params: own.params,
});

/** Without what protects formats that are not there. */
export function withoutOrphans<T extends Codec>(codecs: readonly T[]): readonly T[] {
  const present = new Set(codecs.map(({ payloadType }) => payloadType));
  return codecs.filter((codec) =>
    protectedPayloadTypes(codec).every((payloadType) => present.has(payloadType)),
  );
}

/** Our parameters, in the terms of the offer. */
function answeredParams(own: LocalCodec, offered: Codec): string | undefined {
  switch (offered.encoding.toLowerCase()) {
    case "rtx":
    case "red":
      return offered.params;
    case "telephone-event":
      return formatEvents(commonEvents(own.params, offered.params));
    case "h264":
      return answeredH264(own, offered);
    default:
      return withConfiguration(own.params, offered);
  }
}

//= RFC 3264 §6.1
//# In many cases, those parameters describe specific configurations of the media format, and should
//# therefore be processed as the media format value itself would be. This means that the same fmtp
//# parameters with the same values MUST be present in the answer if the media format they describe
//# is present in the answer.
/** Our parameters, and those of the offer that make it this format where ours do not say so. */
function withConfiguration(own: string | undefined, offered: Codec): string | undefined {
  const theirs = parseFmtpParams(offered.params ?? "");
  const params = new Map(parseFmtpParams(own ?? ""));
  const missing = configurationParams(offered).filter((name) => !params.has(name));
  const told = missing.filter((name) => theirs.has(name));
  if (told.length === 0) return own;
  for (const name of told) params.set(name, theirs.get(name) ?? "");
  return formatFmtpParams(params);
}

//= RFC 6184 §8.2.2
//# When level asymmetry is not allowed, level upgrade is not allowed, i.e., the default level in
//# the answer MUST be equal to or lower than the default level in the offer.
function answeredH264(own: LocalCodec, offered: Codec): string | undefined {
  const params = new Map(parseFmtpParams(own.params ?? ""));
  const [ours, theirs] = [h264Params(params), h264Params(parseFmtpParams(offered.params ?? ""))];
  if (!ours || !theirs) return own.params;
  const isAsymmetric = ours.levelAsymmetryAllowed && theirs.levelAsymmetryAllowed;
  const level = isAsymmetric || h264Level(ours) <= h264Level(theirs) ? ours : theirs;
  params.set("profile-level-id", profileLevelId(level));
  return withConfiguration(formatFmtpParams(params), offered);
}

//= RFC 4585 §4.2
//# The answerer MUST remove all attributes it does not understand as well as those it does not
//# support in general or does not wish to use in this particular media session. The answerer MUST
//# NOT add feedback parameters to the media description and MUST NOT alter values of such
//# parameters.
function offeredFeedback(section: MediaSection): ReadonlyMap<string, readonly string[]> {
  const byFormat = new Map<string, string[]>();
  if (!hasFeedback(section.proto)) return byFormat;
  for (const each of readAttributes(section.lines, rtcpFb)) {
    const names = byFormat.get(each.format) ?? [];
    names.push(feedbackName(each));
    byFormat.set(each.format, names);
  }
  return byFormat;
}

const feedbackFor = (
  feedback: ReadonlyMap<string, readonly string[]>,
  payloadType: number,
): readonly string[] => [
  ...new Set([...(feedback.get(`${payloadType}`) ?? []), ...(feedback.get("*") ?? [])]),
];
