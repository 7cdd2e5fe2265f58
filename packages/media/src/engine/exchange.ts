/** One offer of one side, and what it becomes for the others: streams and their codecs. */
import type { OfferWish } from "carillon/b2bua";
import {
  type AgreedCodec,
  type Description,
  isRtp,
  type LocalCodec,
  type MediaSection,
  reversed,
} from "carillon/sdp";
import {
  answeredSound,
  answeredVideo,
  namesOf,
  OWN_SOUND,
  offeredSound,
  offeredVideo,
  ownAnswer,
  passedOn,
} from "./codec-choice.ts";
import { type MediaResult, noFormat, noMedia, taken } from "./media-refused.ts";
import type { MediaSide } from "./media-side.ts";
import {
  directionIn,
  kindOf,
  type MediaKind,
  passedWishes,
  type StreamPlan,
} from "./side-description.ts";

/** What one side offered last, and to whom. */
export interface Exchange {
  readonly text: string;
  readonly description: Description;
  /** By section of the offer, the number of the call's stream. */
  readonly ids: ReadonlyMap<number, number>;
  readonly to: Set<string>;
  /** What the offerer was answered. It stays that, whoever else answers. */
  answered: string | undefined;
  /** Why pictures are left out, where they were asked for. */
  dropped: string | undefined;
  isFinal: boolean;
}

interface CarriedSection {
  readonly section: MediaSection;
  readonly slot: number;
  readonly id: number;
  readonly kind: MediaKind;
}

/** Sections that are on, and of a kind that goes through the engine. */
function sectionsOf({ description, ids }: Exchange): readonly CarriedSection[] {
  return description.media.flatMap((section, slot) => {
    const [id, kind] = [ids.get(slot), kindOf(section)];
    const isOff = section.port === 0 && !section.lines.some(isBundleOnly);
    return id === undefined || !kind || isOff ? [] : [{ section, slot, id, kind }];
  });
}

/** What is planned for a side, and why pictures that were asked for are not among it. */
export interface Planned {
  readonly plans: readonly StreamPlan[];
  readonly dropped: string | undefined;
}

/** What a side is offered of what another one offers. */
export function offeredPlans(exchange: Exchange, side: MediaSide, wish: OfferWish): Planned {
  let dropped: string | undefined;
  const plans = sectionsOf(exchange).flatMap(({ section, id, kind }): StreamPlan[] => {
    if (kind === "video" && wish.audioOnly) {
      dropped = "pictures are not passed on here";
      return [];
    }
    const codecs =
      kind === "audio" ? offeredSound(passedOn(section), wish.codecs) : offeredVideo(section);
    if (codecs.length === 0) return [];
    const direction = directionIn(exchange.description, section);
    const passed = passedWishes(exchange.description, section);
    return [{ id, media: kind, slot: side.slotOf(id), codecs, direction, ...passed }];
  });
  return { plans, dropped };
}

/** What who offered is answered, once somebody has agreed. */
export function answeredPlans(exchange: Exchange, answerer: MediaSide): MediaResult<Planned> {
  const plans: StreamPlan[] = [];
  let dropped: string | undefined;
  for (const { section, slot, id, kind } of sectionsOf(exchange)) {
    const there = answerer.agreedFor(id);
    const codecs = there && answeredWith(section, kind, there.codecs);
    if (kind === "video" && codecs?.length === 0) dropped = "they have no video format in common";
    else if (kind === "video" && !there) dropped ??= "the other side takes no video";
    if (kind === "audio" && there && codecs?.length === 0) {
      return noFormat(nothingInCommon(section, there.codecs));
    }
    if (!there || !codecs || codecs.length === 0) continue;
    const direction = reversed(there.direction);
    plans.push({ id, media: kind, slot, codecs, direction, ...wishesOf(answerer, there.slot) });
  }
  if (plans.length === 0) return noMedia("the other side takes none of what is offered");
  return taken({ plans, dropped });
}

const answeredWith = (
  section: MediaSection,
  kind: MediaKind,
  there: readonly AgreedCodec[],
): readonly LocalCodec[] =>
  kind === "audio"
    ? (answeredSound(passedOn(section), there) ?? [])
    : answeredVideo(section, there);

function wishesOf({ settled }: MediaSide, slot: number) {
  const section = settled?.remote.media[slot];
  return settled && section ? passedWishes(settled.remote, section) : {};
}

/** What is answered where the engine is the other side. */
export function ownPlans(exchange: Exchange): MediaResult<Planned> {
  let dropped: string | undefined;
  const plans = sectionsOf(exchange).flatMap(({ section, slot, id, kind }): StreamPlan[] => {
    if (kind === "video") dropped = "nobody is there who has a picture";
    const codecs = kind === "audio" ? ownAnswer(passedOn(section)) : undefined;
    return codecs ? [{ id, media: kind, slot, codecs, direction: "sendrecv" }] : [];
  });
  if (plans.length > 0) return taken({ plans, dropped });
  const section = exchange.description.media.find(({ media }) => media === "audio");
  if (!section) return noMedia("no sound is offered");
  const known = OWN_SOUND.map(({ encoding }) => encoding).join(", ");
  return noFormat(`no format in common: ${namesOf(passedOn(section))} is offered, not ${known}`);
}

/** Streams of a call, of all that any side ever offered. */
const MAX_STREAMS = 16;

/**
 * Which of the call's streams each section of an offer is. One that is new on this side may be one
 * that the others have already; else it is added to `streams`.
 */
export function streamsIn(
  description: Description,
  side: MediaSide,
  streams: MediaKind[],
): ReadonlyMap<number, number> {
  const ids = new Map<number, number>();
  const used = new Set<number>();
  const sections = [...description.media.entries()].filter(([, each]) => isCarried(each));
  for (const [slot] of sections) {
    const id = side.idAt(slot);
    if (id === undefined) continue;
    ids.set(slot, id);
    used.add(id);
  }
  for (const [slot, section] of sections) {
    const media = kindOf(section);
    if (ids.has(slot) || !media) continue;
    const isFree = (one: MediaKind, id: number) =>
      one === media && !used.has(id) && side.slotOf(id) === undefined;
    const found = streams.findIndex(isFree);
    if (found < 0 && streams.length >= MAX_STREAMS) continue;
    const id = found < 0 ? streams.push(media) - 1 : found;
    ids.set(slot, id);
    used.add(id);
  }
  return ids;
}

const isBundleOnly = (line: MediaSection["lines"][number]): boolean =>
  line.kind === "a" && line.name === "bundle-only";

const isCarried = (section: MediaSection): boolean =>
  kindOf(section) !== undefined && isRtp(section.proto);

const nothingInCommon = (section: MediaSection, there: Parameters<typeof namesOf>[0]): string =>
  `no format in common: ${namesOf(passedOn(section))} here, ${namesOf(there)} there`;
