/** Descriptions of one side: from what a transport has and what streams are to be, to a text. */
import { randomInt } from "node:crypto";
import {
  type Agreed,
  attributeLine,
  type Bandwidth,
  connectionOf,
  type Description,
  type Direction,
  directionOf,
  extmap,
  formatSdp,
  type LocalCodec,
  type LocalHeaderExtension,
  type LocalMedia,
  type LocalStream,
  type MediaSection,
  parseSdp,
  ptime,
  type RecordIndication,
  readAttribute,
  readAttributes,
  record,
  sends,
  sessionIdOf,
} from "carillon/sdp";
import { type MediaResult, refused } from "./media-refused.ts";
import type { LocalPart } from "./transport.ts";

/** The kinds of media that go through the engine. */
export type MediaKind = "audio" | "video";

/** A stream that one side is to have. `id` is the same on all sides of the call. */
export interface StreamPlan {
  readonly id: number;
  readonly media: MediaKind;
  /** Its section, once that is settled. */
  readonly slot: number | undefined;
  readonly codecs: readonly LocalCodec[];
  readonly direction: Direction;
  readonly ptimeMs?: number | undefined;
  readonly bandwidths?: readonly Bandwidth[];
  readonly headerExtensions?: readonly LocalHeaderExtension[];
}

/** What stays the same in all descriptions of one side. */
export interface DescribedSoFar {
  readonly origin: LocalMedia["origin"];
  readonly known: LocalMedia["known"];
  /** Numbers of header extensions, by what they are. */
  readonly extensions?: ReadonlyMap<string, number>;
}

/** A stream of ours that knows which of the call's it is. */
export interface CallStream extends LocalStream {
  readonly id: number;
}

/** The input of `offer`, `reoffer` and `answer` of `carillon/sdp`. */
export function localMedia(
  part: LocalPart,
  plans: readonly StreamPlan[],
  before: DescribedSoFar | undefined,
  recorded?: RecordIndication,
): LocalMedia {
  const { streams, address, ...session } = part;
  return {
    ...session,
    address,
    ...(recorded && { attributes: [attributeLine(record, recorded)] }),
    origin: before?.origin ?? originAt(address),
    streams: numbered(
      plans.map((plan, n) => streamOf(plan, streams[n])),
      before?.extensions,
    ),
    ...(before?.known && { known: before.known }),
  };
}

function streamOf(plan: StreamPlan, part: LocalPart["streams"][number] | undefined): CallStream {
  if (!part) throw new Error("a transport described fewer streams than were asked for");
  const { id, media, slot, codecs, direction, ptimeMs, bandwidths, headerExtensions } = plan;
  return {
    ...part,
    ...{ id, media, codecs, direction },
    ...(slot !== undefined && { slot }),
    ...(ptimeMs !== undefined && { ptimeMs }),
    ...(bandwidths && { bandwidths }),
    headerExtensions: [...(part.headerExtensions ?? []), ...(headerExtensions ?? [])],
  };
}

/**
 * The same header extension has one number in all sections, the one that it had before, and no
 * other has that: of those that different sides named, the later ones get another. RFC 8285 §5
 */
function numbered(
  streams: readonly CallStream[],
  before: ReadonlyMap<string, number> = new Map(),
): readonly CallStream[] {
  const ids = new Map(before);
  const wanted = streams.flatMap(({ headerExtensions = [] }) => headerExtensions);
  for (const { uri, id } of wanted) {
    if (ids.has(uri)) continue;
    const taken = new Set(ids.values());
    const free = taken.has(id) ? EXTENSION_IDS.find((each) => !taken.has(each)) : id;
    if (free !== undefined) ids.set(uri, free);
  }
  return streams.map((stream) => ({
    ...stream,
    headerExtensions: (stream.headerExtensions ?? []).flatMap((each) => {
      const id = ids.get(each.uri);
      return id === undefined ? [] : [{ ...each, id }];
    }),
  }));
}

/** The numbers that hold on a side, by what its description says. */
export const extensionIds = ({ session, media }: Description): ReadonlyMap<string, number> =>
  new Map(
    [...session, ...media.flatMap(({ lines }) => lines)]
      .flatMap((line) => (line.kind === "a" ? readAttributes([line], extmap) : []))
      .map(({ uri, id }) => [uri, id]),
  );

/** Of the short form. RFC 8285 §4.2 */
const EXTENSION_IDS = Array.from({ length: 14 }, (_, n) => n + 1);

const originAt = (address: LocalPart["address"]): LocalMedia["origin"] => ({
  ...{ username: "-", sessionVersion: "1", netType: "IN", ...address },
  sessionId: sessionIdOf(randomInt(2 ** 32), randomInt(2 ** 32)),
});

/** By the call's number of each stream, the section it has got. */
export function slotsOf({ streams }: LocalMedia): ReadonlyMap<number, number> {
  const known = streams as readonly CallStream[];
  return new Map(known.flatMap(({ id, slot }) => (slot === undefined ? [] : [[id, slot]])));
}

/** Text of a peer, or a refusal (400). */
export function readDescription(sdp: string): MediaResult<Description> {
  const parsed = parseSdp(octetsOf(sdp));
  if (parsed.ok) return parsed;
  return refused(400, `the description cannot be read: ${parsed.error.message}`);
}

/** As it goes into a message. */
export const descriptionText = (description: Description): string =>
  Buffer.from(formatSdp(description), "latin1").toString("utf8");

/** UTF-8, a character a byte; `carillon/message` would bring all headers along. */
const octetsOf = (text: string): string => Buffer.from(text, "utf8").toString("latin1");

/** True for a section of sound or pictures. */
export const kindOf = ({ media }: MediaSection): MediaKind | undefined =>
  media === "audio" || media === "video" ? media : undefined;

/**
 * Which way a section of a peer goes, as the peer sees it. A peer at 0.0.0.0 receives nothing: that
 * is how a call was held before there was `a=sendonly` (RFC 3264 §8.4). With ICE it says nothing.
 */
export function directionIn(description: Description, section: MediaSection): Direction {
  const direction = directionOf(section.lines, description.session);
  const isNowhere = connectionOf(description, section)?.address === "0.0.0.0";
  const hasIce = [...section.lines, ...description.session].some(
    (line) => line.kind === "a" && line.name === "ice-ufrag",
  );
  if (!isNowhere || hasIce) return direction;
  return sends(direction) ? "sendonly" : "inactive";
}

/** What of a section of one side is told the other as it is. */
export function passedWishes(
  description: Description,
  section: MediaSection,
): Pick<StreamPlan, "ptimeMs" | "bandwidths" | "headerExtensions"> {
  const wished = readAttribute(section.lines, ptime);
  const isVideo = section.media === "video";
  return {
    ...(wished !== undefined && wished >= 10 && wished <= 60 && { ptimeMs: wished }),
    ...(isVideo && { bandwidths: section.lines.filter((line) => line.kind === "b") }),
    headerExtensions: extensionsOf(description, section),
  };
}

/** Those that mean the same on whichever transport: not those that number its packets. */
const PASSED_EXTENSIONS: ReadonlySet<string> = new Set([
  "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
  "urn:ietf:params:rtp-hdrext:toffset",
  "urn:3gpp:video-orientation",
  "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
]);

function extensionsOf(
  { session }: Description,
  section: MediaSection,
): readonly LocalHeaderExtension[] {
  const own = readAttributes(section.lines, extmap);
  return (own.length > 0 ? own : readAttributes(session, extmap))
    .filter(({ uri, id }) => PASSED_EXTENSIONS.has(uri) && id > 0 && id < 15)
    .map(({ uri, id }) => ({ uri, id }));
}

/** What two sides of a call agreed on last, as it can be kept elsewhere. */
export interface AgreedTexts {
  readonly local: string;
  readonly remote: string;
  readonly answerer: "local" | "remote";
}

/** Out of texts that were descriptions once. */
export function agreedOf({ local, remote }: AgreedTexts): Agreed | undefined {
  const [ours, theirs] = [parseSdp(octetsOf(local)), parseSdp(octetsOf(remote))];
  return ours.ok && theirs.ok ? { local: ours.value, remote: theirs.value } : undefined;
}
