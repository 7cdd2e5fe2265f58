/** Which stream stands in which media section of a later offer. RFC 3264 §8, §8.1, §8.2. */
import type { Agreed } from "./agreed.ts";
import { MAX_MEDIA } from "./limits.ts";
import type { LocalStream } from "./local-media.ts";
import { isDisabled } from "./offered-media.ts";

/**
 * The stream of each slot, or undefined for one that is taken away. A slot that is dead already
 * is used again before a new one is added. Throws a RangeError for two streams in one slot, one
 * in a slot that there is not, and more than there may be.
 */
export function placeStreams(
  streams: readonly LocalStream[],
  before: Agreed | undefined,
): readonly (LocalStream | undefined)[] {
  const sections = before?.local.media ?? [];
  const slots: (LocalStream | undefined)[] = sections.map(() => undefined);
  for (const stream of streams) {
    if (stream.slot === undefined) continue;
    if (stream.slot in slots && slots[stream.slot] !== undefined) {
      throw new RangeError(`two streams in slot ${stream.slot}`);
    }
    if (before && stream.slot >= sections.length)
      throw new RangeError(`no slot ${stream.slot} yet`);
    slots[stream.slot] = stream;
  }
  for (const stream of streams) {
    if (stream.slot !== undefined) continue;
    const dead = slots.findIndex((each, slot) => {
      const [local, remote] = [sections[slot], before?.remote.media[slot]];
      if (each !== undefined) return false;
      return !local || isDisabled(local) || (remote !== undefined && isDisabled(remote));
    });
    slots[dead < 0 ? slots.length : dead] = stream;
  }
  if (slots.length > MAX_MEDIA) throw new RangeError(`more than ${MAX_MEDIA} media sections`);
  return Array.from(slots, (stream, slot) => stream && { ...stream, slot });
}
