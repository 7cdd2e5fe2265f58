/** Which payload types our own codecs have in an offer. RFC 3264 §8.3.2, RFC 3551 §3. */
import { named } from "./answer-codecs.ts";
import { formatFmtpParams, parseFmtpParams } from "./attribute/fmtp.ts";
import { STATIC_RTPMAPS } from "./attribute/rtpmap.ts";
import { type Codec, isSameCodec, isSameEncoding } from "./codec.ts";
import type { PlannedCodec } from "./describe-stream.ts";
import type { LocalCodec } from "./local-media.ts";

/** The dynamic range first; then what RFC 5761 §4 leaves free beside RTCP. */
const FREE: readonly number[] = [...range(96, 127), ...range(35, 63)];

function range(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

/**
 * The codecs with a payload type each; one for which none is left is dropped. `known` are those
 * that either end has had in this section so far.
 */
export function offeredCodecs(
  ours: readonly LocalCodec[],
  known: readonly Codec[],
): readonly PlannedCodec[] {
  const reserved = new Set(known.map(({ payloadType }) => payloadType));
  const wanted = ours.flatMap(({ payloadType }) => (payloadType === undefined ? [] : payloadType));
  const free = [...wanted, ...FREE].filter((payloadType) => !reserved.has(payloadType));
  const used = new Set<number>();
  const renumbered = new Map<number, number>();
  const planned: PlannedCodec[] = [];
  for (const own of ours) {
    const payloadType = choose(own, known, used, renumbered) ?? takeFree(own, free, used);
    if (payloadType === undefined) continue;
    used.add(payloadType);
    if (own.payloadType !== undefined) renumbered.set(own.payloadType, payloadType);
    planned.push({ ...named(own), payloadType, feedback: own.feedback ?? [] });
  }
  return planned.map((codec) => ({ ...codec, params: renumberedParams(codec, renumbered) }));
}

//= RFC 3264 §8.3.2
//# in the case of RTP, the mapping from a particular dynamic payload type number to a particular
//# codec within that media stream MUST NOT change for the duration of a session. For example, if A
//# generates an offer with G.711 assigned to dynamic payload type number 46, payload type number 46
//# MUST refer to G.711 from that point forward in any offers or answers for that media stream
//# within the session.
function choose(
  own: LocalCodec,
  known: readonly Codec[],
  used: ReadonlySet<number>,
  renumbered: ReadonlyMap<number, number>,
): number | undefined {
  const codec = named(own);
  const params = renumberedParams(codec, renumbered);
  const isIt = (each: Codec): boolean =>
    isCompanionOf(codec.encoding)
      ? isSameEncoding(each, codec) && each.params === params
      : isSameCodec(each, codec);
  const before = known.find((each) => !used.has(each.payloadType) && isIt(each));
  return before?.payloadType;
}

const isCompanionOf = (encoding: string): boolean =>
  encoding.toLowerCase() === "rtx" || encoding.toLowerCase() === "red";

/** The one the caller wants, the static one, or the next that is free. */
function takeFree(
  own: LocalCodec,
  free: readonly number[],
  used: ReadonlySet<number>,
): number | undefined {
  const isFree = (payloadType: number): boolean => !used.has(payloadType);
  const { payloadType } = own;
  if (payloadType !== undefined && free.includes(payloadType) && isFree(payloadType)) {
    return payloadType;
  }
  for (const [number, map] of STATIC_RTPMAPS) {
    const fixed = { ...map, channels: map.channels ?? 1 };
    if (isSameEncoding(fixed, named(own)) && isFree(number)) return number;
  }
  return FREE.find((number) => free.includes(number) && isFree(number));
}

/** `apt=96` and `96/96` with the numbers that were chosen. */
function renumberedParams(
  { encoding, params }: Pick<Codec, "encoding" | "params">,
  renumbered: ReadonlyMap<number, number>,
): string | undefined {
  if (params === undefined) return undefined;
  const number = (text: string): string => `${renumbered.get(Number(text)) ?? text}`;
  if (encoding.toLowerCase() === "red") return params.split("/").map(number).join("/");
  if (encoding.toLowerCase() !== "rtx") return params;
  const all = new Map(parseFmtpParams(params));
  all.set("apt", number(all.get("apt") ?? ""));
  return formatFmtpParams(all);
}
