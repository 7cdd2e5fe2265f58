/**
 * Which codecs each side is offered and answered. What both sides have goes through as it is;
 * only where they have nothing in common sound is decoded and coded anew. RFC 3264 §5.1, §6.1.
 */
import {
  type AgreedCodec,
  type Codec,
  codecsOf,
  feedbackName,
  isSameCodec,
  type LocalCodec,
  type MediaSection,
  readAttributes,
  rtcpFb,
} from "carillon/sdp";

/** What the engine itself can decode and encode, best first. */
export const OWN_SOUND: readonly LocalCodec[] = [
  { encoding: "opus", clockRateHz: 48_000, channels: 2, params: "useinbandfec=1" },
  { encoding: "G722", clockRateHz: 8000 },
  { encoding: "PCMU", clockRateHz: 8000 },
  { encoding: "PCMA", clockRateHz: 8000 },
];

const EVENTS = "telephone-event";
const KEYS = "0-15";
/**
 * What only goes with another codec, and is made anew where that one is: retransmissions and
 * repairs name the numbers of packets, which are other ones on the other side.
 */
const NOT_PASSED: ReadonlySet<string> = new Set(
  "rtx red ulpfec flexfec flexfec-03 parityfec".split(" "),
);
const COMPANIONS: ReadonlySet<string> = new Set([EVENTS, "cn"]);
/** What is passed on between the sides, or answered by the engine itself. */
const FEEDBACK: ReadonlySet<string> = new Set(["nack", "nack pli", "ccm fir", "goog-remb"]);

const nameOf = ({ encoding }: Pick<Codec, "encoding">): string => encoding.toLowerCase();
const isCompanion = (codec: Pick<Codec, "encoding">): boolean => COMPANIONS.has(nameOf(codec));

/** The codecs of a section that can be passed on, in its order. */
export const passedOn = (section: MediaSection): readonly Codec[] =>
  codecsOf(section).filter((codec) => !NOT_PASSED.has(nameOf(codec)));

/** Those that carry something by themselves. */
export const mainCodecs = <C extends Codec>(codecs: readonly C[]): readonly C[] =>
  codecs.filter((codec) => !isCompanion(codec));

/** What of this list the engine can decode and encode. */
export const transcodable = <C extends Codec>(codecs: readonly C[]): readonly C[] =>
  codecs.filter((codec) => OWN_SOUND.some((own) => isOwn(own, codec)));

/**
 * What a side is offered where the other one offered `theirs`: all of that first, so that nothing
 * has to be decoded, then what the engine speaks. `names` are those that are wanted, best first;
 * all if undefined.
 */
export function offeredSound(
  theirs: readonly Codec[],
  names?: readonly string[],
): readonly LocalCodec[] {
  const passed = mainCodecs(theirs).map(asLocal);
  const ours = OWN_SOUND.filter((own) => !passed.some((codec) => isOwn(own, named(codec))));
  const canTranscode = theirs.length === 0 || transcodable(theirs).length > 0;
  const wanted = chosen([...passed, ...(canTranscode ? ours : [])], names);
  const noise = theirs.filter((codec) => nameOf(codec) === "cn").map(asLocal);
  return [...wanted, ...noise, ...eventsFor(wanted, theirs)];
}

function chosen(
  codecs: readonly LocalCodec[],
  names: readonly string[] | undefined,
): readonly LocalCodec[] {
  if (!names) return codecs;
  return names.flatMap((name) =>
    codecs.filter(({ encoding }) => encoding.toLowerCase() === name.toLowerCase()),
  );
}

/** Keys for each clock that sound may have, and for 8 kHz, which every telephone knows. */
function eventsFor(wanted: readonly LocalCodec[], theirs: readonly Codec[]): readonly LocalCodec[] {
  const has48 = wanted.some(({ clockRateHz }) => clockRateHz === 48_000);
  return (has48 ? [48_000, 8000] : [8000]).map((clockRateHz) => {
    const known = theirs.find((one) => nameOf(one) === EVENTS && one.clockRateHz === clockRateHz);
    return known ? asLocal(known) : { encoding: EVENTS, clockRateHz, params: KEYS };
  });
}

/**
 * What an offer of sound is answered with, once the other side has agreed on `there`: a codec that
 * both have, or else the best of the offer that can be made out of what is spoken there. Undefined:
 * there is none.
 */
export function answeredSound(
  offered: readonly Codec[],
  there: readonly AgreedCodec[],
): readonly LocalCodec[] | undefined {
  const spoken = mainCodecs(there);
  for (const codec of spoken) {
    const same = mainCodecs(offered).find((each) => isSameCodec(each, codec));
    const all = companions(offered, same ?? codec, there);
    if (same) return [{ ...asLocal(same), ...paramsOf(codec) }, ...all];
  }
  if (transcodable(spoken).length === 0) return undefined;
  const [best] = transcodable(mainCodecs(offered));
  const own = best && OWN_SOUND.find((each) => isOwn(each, best));
  return own && [own, ...companions(offered, best)];
}

/** What an offer is answered with where the engine is the peer itself. */
export function ownAnswer(offered: readonly Codec[]): readonly LocalCodec[] | undefined {
  const [best] = transcodable(mainCodecs(offered));
  const own = best && OWN_SOUND.find((each) => isOwn(each, best));
  return own && [own, ...companions(offered, best)];
}

/**
 * Keys, at the clock of the sound where that is offered. Noise only where it goes through to
 * somebody who takes it: a browser that may say noise falls silent in a tone, and in music.
 */
function companions(
  offered: readonly Codec[],
  main: Codec,
  there: readonly Codec[] = [],
): readonly LocalCodec[] {
  const events = offered.filter((each) => nameOf(each) === EVENTS);
  const fitting = events.find(({ clockRateHz }) => clockRateHz === main.clockRateHz) ?? events[0];
  const isNoise = (each: Codec) => nameOf(each) === "cn" && each.clockRateHz === main.clockRateHz;
  const noise = there.some(isNoise) ? offered.find(isNoise) : undefined;
  return [
    ...(noise ? [asLocal(noise)] : []),
    ...(fitting ? [{ ...asLocal(fitting), params: KEYS }] : []),
  ];
}

/** What a side is offered of pictures that the other one offered: the same, and nothing else. */
export function offeredVideo(section: MediaSection): readonly LocalCodec[] {
  const feedback = readAttributes(section.lines, rtcpFb);
  return passedOn(section).map((codec) => ({
    ...asLocal(codec),
    feedback: feedback
      .filter(({ format }) => format === "*" || format === `${codec.payloadType}`)
      .map(feedbackName)
      .filter((name) => FEEDBACK.has(name)),
  }));
}

/** What an offer of pictures is answered with: what both have, in the order of who answered. */
export function answeredVideo(
  offered: MediaSection,
  there: readonly AgreedCodec[],
): readonly LocalCodec[] {
  const ours = offeredVideo(offered);
  for (const codec of there) {
    const same = ours.find((each) => isSameCodec(named(each), codec));
    if (same) return [{ ...same, ...paramsOf(codec) }];
  }
  return [];
}

/** The encoding of what a side sends and hears, for people; undefined for none. */
export const spokenCodec = (codecs: readonly Codec[]): string | undefined =>
  mainCodecs(codecs)[0]?.encoding;

/** In Hz, of the samples of what a side is sent; undefined where it is nothing of ours. */
export function sampleRateOf(codecs: readonly Codec[]): number | undefined {
  const [best] = transcodable(mainCodecs(codecs));
  if (!best) return undefined;
  //= RFC 3551 §4.5.2
  //# Even though the actual sampling rate for G.722 audio is 16,000 Hz, the RTP clock rate for the
  //# G722 payload format is 8,000 Hz
  return nameOf(best) === "g722" ? 16_000 : best.clockRateHz;
}

/** As in "PCMA, G729": for a refusal that names what was lacking. */
export const namesOf = (codecs: readonly Codec[]): string =>
  mainCodecs(codecs)
    .slice(0, MAX_NAMES)
    .map(({ encoding }) => encoding)
    .join(", ");

const MAX_NAMES = 8;

const named = (own: LocalCodec) => ({
  ...{ encoding: own.encoding, clockRateHz: own.clockRateHz },
  ...{ channels: own.channels ?? 1, params: own.params },
});

const isOwn = (own: LocalCodec, codec: Pick<Codec, "encoding" | "clockRateHz" | "channels">) =>
  isSameCodec(named(own), { ...codec, params: undefined });

const asLocal = (codec: Codec): LocalCodec => ({
  ...{ encoding: codec.encoding, clockRateHz: codec.clockRateHz, channels: codec.channels },
  payloadType: codec.payloadType,
  ...paramsOf(codec),
});

const paramsOf = ({ params }: Pick<Codec, "params">) => (params === undefined ? {} : { params });
