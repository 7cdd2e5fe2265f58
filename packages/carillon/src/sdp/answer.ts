/** Answers. RFC 3264 §6, with BUNDLE (RFC 8843 §7.3). */
import type { Agreed } from "./agreed.ts";
import { answerBundles } from "./answer-bundle.ts";
import { type Fit, fitStream, type Refusal } from "./answer-stream.ts";
import { attributeLine, flagLine } from "./attribute/attribute-type.ts";
import type { Direction } from "./attribute/direction.ts";
import { group } from "./attribute/group.ts";
import { iceLite } from "./attribute/ice.ts";
import {
  carrier,
  connectionLine,
  describeStream,
  disabledSection,
  type PlannedCodec,
  type StreamPlan,
} from "./describe-stream.ts";
import type { Description } from "./description.ts";
import { dtlsRoles } from "./dtls-role.ts";
import type { Line } from "./line.ts";
import type { LocalMedia, LocalStream } from "./local-media.ts";
import type { MediaSection } from "./media-section.ts";
import { type Grouped, grouped, midOf } from "./offered-media.ts";
import { versioned } from "./origin-version.ts";

export interface Answer {
  readonly description: Description;
  /** One for each media section of the offer. */
  readonly slots: readonly AnsweredSlot[];
  /** What was given, with the slots that streams have from now on: for the next offer or answer. */
  readonly local: LocalMedia;
}

export type AnsweredSlot =
  | {
      readonly kind: "Taken";
      /** One of `LocalMedia.streams`. */
      readonly stream: LocalStream;
      readonly direction: Direction;
      /** With the payload types to send and receive. */
      readonly codecs: readonly PlannedCodec[];
    }
  | { readonly kind: "Refused"; readonly refusal: Refusal };

/**
 * The answer to an offer by someone who can and wants `local`. Where no slot is taken the whole
 * offer may be refused instead (488), as RFC 6337 §5.2.3 has it.
 */
export function answer(offer: Description, local: LocalMedia, before?: Agreed): Answer {
  const offered = grouped(offer);
  const placed = fitStreams(offered, local, before);
  const fits = answerBundles(offered, placed.fits, local, before);
  const tags = new Map(fits.bundles.flatMap(({ members }) => members));
  const media = offer.media.map((section, slot) => {
    const fit = fits.fits[slot];
    if (fit?.kind !== "Taken") return disabledSection(section, midOf(section));
    const own = fits.bundles.find(({ tagged }) => tagged === slot);
    const plans = own?.members.map(([member]) => planAt(fits.fits, member)) ?? [];
    const plan = own ? carrier(fit.plan, [fit.plan, ...plans]) : fit.plan;
    return describeStream(plan, tags.get(slot));
  });
  const groups = fits.bundles.map(({ tags: all }) => ({ semantics: "BUNDLE", tags: all }));
  const session: readonly Line[] = [
    { kind: "v" },
    { kind: "o", ...local.origin },
    { kind: "s", text: "-" },
    connectionLine(local.address),
    //= RFC 3264 §6
    //# The "t=" line in the answer MUST equal that of the offer.
    ...timesOf(offer),
    ...groups.map((each) => attributeLine(group, each)),
    ...(local.iceLite ? [flagLine(iceLite)] : []),
    ...(local.attributes ?? []),
  ];
  return {
    description: versioned({ session, media }, before?.local),
    slots: fits.fits.map(slotOf),
    local: { ...local, streams: placed.streams },
  };
}

function planAt(fits: readonly Fit[], slot: number): StreamPlan | undefined {
  const fit = fits[slot];
  return fit?.kind === "Taken" ? fit.plan : undefined;
}

function timesOf({ session }: Description): readonly Line[] {
  const times = session.filter(({ kind }) => kind === "t");
  return times.length > 0 ? times : [{ kind: "t", start: "0", stop: "0" }];
}

function slotOf(fit: Fit): AnsweredSlot {
  if (fit.kind === "Refused") return fit;
  const { stream, direction, codecs } = fit.plan;
  return { kind: "Taken", stream, direction, codecs };
}

interface Placed {
  readonly fits: readonly Fit[];
  /** Our streams with their slots. */
  readonly streams: readonly LocalStream[];
}

/** A stream for each section: the one whose slot it is, else the first that is free and fits. */
function fitStreams(offer: Grouped, local: LocalMedia, before: Agreed | undefined): Placed {
  const roleOf = dtlsRoles(before);
  const streams = [...local.streams];
  const fits = offer.description.media.map((section, slot) => {
    const fit = (stream: LocalStream): Fit => fitStream(offer, section, stream, roleOf(slot));
    const own = streams.find((stream) => stream.slot === slot);
    if (own) return fit(own);
    let best: Fit = { kind: "Refused", refusal: noStream(section) };
    for (const [at, stream] of streams.entries()) {
      if (stream.slot !== undefined) continue;
      const next = fit(stream);
      if (next.kind === "Taken") {
        streams[at] = { ...stream, slot };
        return next;
      }
      if (best.kind === "Refused" && best.refusal === "unwanted") best = next;
    }
    return best;
  });
  return { fits, streams };
}

const noStream = (section: MediaSection): Refusal =>
  section.port === 0 && midOf(section) === undefined ? "disabled" : "unwanted";

/** True if an answer takes nothing: nothing but port zero all over. */
export const refusesAll = ({ slots }: Answer): boolean =>
  slots.length > 0 && slots.every(({ kind }) => kind === "Refused");
