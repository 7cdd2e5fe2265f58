/** BUNDLE groups in an answer: RFC 8843 §7.3. */
import type { Agreed } from "./agreed.ts";
import type { Fit, Refusal } from "./answer-stream.ts";
import type { Group } from "./attribute/group.ts";
import type { Bundled } from "./describe-stream.ts";
import type { LocalMedia } from "./local-media.ts";
import { isRtp } from "./media-section.ts";
import { type Grouped, grouped, isBundleOnly, midOf } from "./offered-media.ts";

export interface AnsweredBundles {
  readonly fits: readonly Fit[];
  readonly bundles: readonly AnsweredBundle[];
}

export interface AnsweredBundle {
  /** Identification tags, the tagged section's first. */
  readonly tags: readonly string[];
  readonly tagged: number;
  /** How each of its other slots stands to it. */
  readonly members: readonly (readonly [slot: number, bundled: Bundled])[];
}

/** The groups we enter, and the fits with what is refused because a group did not come about. */
export function answerBundles(
  offer: Grouped,
  fits: readonly Fit[],
  local: LocalMedia,
  before: Agreed | undefined,
): AnsweredBundles {
  const { media } = offer.description;
  const slots = new Map<string, number>();
  for (const [slot, section] of media.entries()) {
    const tag = midOf(section);
    if (tag !== undefined && !slots.has(tag)) slots.set(tag, slot);
  }
  const result = [...fits];
  const refuse = (slot: number, refusal: Refusal = "bundle"): void => {
    result[slot] = { kind: "Refused", refusal };
  };
  const bundled = new Set<number>();
  const bundles: AnsweredBundle[] = [];
  for (const bundle of local.bundle ? offer.bundles : []) {
    const members = [...new Set(bundle.tags)].flatMap((tag) => {
      const slot = slots.get(tag);
      return slot === undefined || bundled.has(slot) ? [] : [{ tag, slot }];
    });
    if (isTaggedLost(offer, bundle, result, members, before)) {
      for (const { slot } of members) refuse(slot);
      continue;
    }
    const kept = members.filter(({ slot }) => mayBundle(result[slot]));
    const tagged = kept.find(({ slot }) => media[slot]?.port !== 0);
    if (!tagged) continue;
    for (const { slot } of kept) bundled.add(slot);
    bundles.push(answeredBundle(tagged, kept, result, local));
  }
  for (const [slot, section] of media.entries()) {
    if (isBundleOnly(section) && section.port === 0 && !bundled.has(slot)) refuse(slot);
  }
  return { fits: result, bundles };
}

interface Member {
  readonly tag: string;
  readonly slot: number;
}

//= RFC 8843 §7.3
//# Include an SDP 'bundle-only' attribute in, and assign a zero port value to, every other bundled
//# "m=" section within the BUNDLE group;
function answeredBundle(
  tagged: Member,
  kept: readonly Member[],
  fits: readonly Fit[],
  { bundledPort = "zero" }: LocalMedia,
): AnsweredBundle {
  const fit = fits[tagged.slot];
  const port = bundledPort === "shared" && fit?.kind === "Taken" ? fit.plan.stream.port : 0;
  const others = kept.filter((member) => member !== tagged);
  return {
    tagged: tagged.slot,
    tags: [tagged, ...others].map(({ tag }) => tag),
    members: others.map(({ slot }) => [slot, { kind: "Member", port }]),
  };
}

/** RTP goes into a bundle with its RTCP on one port only. RFC 8843 §9.3 */
const mayBundle = (fit: Fit | undefined): boolean =>
  fit?.kind === "Taken" && (!isRtp(fit.plan.proto) || fit.plan.rtcpMux);

/**
 * In a group that was negotiated before, the offer has chosen the tagged section, and it cannot
 * be refused alone.
 *
 * RFC 8843 §7.3.3: the answerer can "reject each bundled "m=" section within the BUNDLE group".
 */
function isTaggedLost(
  offer: Grouped,
  { tags }: Group,
  fits: readonly Fit[],
  members: readonly Member[],
  before: Agreed | undefined,
): boolean {
  const known = before && new Set(grouped(before.local).bundles.flatMap((each) => each.tags));
  if (!known || !tags.some((tag) => known.has(tag))) return false;
  const tagged = offer.tagged.get(tags[0] ?? "");
  const member = members.find(({ tag }) => tagged && tag === midOf(tagged));
  return member !== undefined && !mayBundle(fits[member.slot]);
}
