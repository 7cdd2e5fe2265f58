/** Which payload types a session has used, and for what. RFC 3264 §8.3.2. */
import type { Agreed } from "./agreed.ts";
import { type Codec, codecsOf } from "./codec.ts";
import type { Description } from "./description.ts";
import type { MediaSection } from "./media-section.ts";
import { isDisabled } from "./offered-media.ts";

/**
 * Which codecs a session has had, by slot, and of those under one payload type the newest: none of
 * them may mean something else later. RFC 3264 §8.3.2.
 */
export type KnownCodecs = readonly (readonly Codec[])[];

/** What the last exchange and those before it had in a slot, the newest first. */
export function knownIn(
  slot: number,
  before: Agreed | undefined,
  earlier: KnownCodecs | undefined,
): readonly Codec[] {
  return distinct([
    ...codecsIn(before?.local.media[slot]),
    ...codecsIn(before?.remote.media[slot]),
    ...(earlier?.[slot] ?? []),
  ]);
}

/** The same with what is said now; a slot without a stream has nothing, and may begin anew. */
export const knownWith = (
  now: Description,
  before: Agreed | undefined,
  earlier: KnownCodecs | undefined,
): KnownCodecs =>
  now.media.map((section, slot) =>
    isDisabled(section) ? [] : distinct([...codecsIn(section), ...knownIn(slot, before, earlier)]),
  );

const codecsIn = (section: MediaSection | undefined): readonly Codec[] =>
  section ? codecsOf(section) : [];

function distinct(codecs: readonly Codec[]): readonly Codec[] {
  const byNumber = new Map<number, Codec>();
  for (const codec of codecs) {
    if (!byNumber.has(codec.payloadType)) byNumber.set(codec.payloadType, codec);
  }
  return [...byNumber.values()];
}
