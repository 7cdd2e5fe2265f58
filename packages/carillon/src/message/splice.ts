/** Changing a message without rewriting it: edits are spliced into the received text. */
import type { Octets } from "../grammar/octets.ts";

/** Replaces the octets from `start` to `end` by `text`; an insertion where both are equal. */
export interface Edit {
  /** The offset of the first octet that goes. */
  readonly start: number;
  /** The offset behind the last octet that goes. */
  readonly end: number;
  /** What comes in its place; empty to delete. */
  readonly text: Octets;
}

/**
 * The text with all edits made. Edits may come in any order but must not overlap; insertions at
 * one place keep their order. Throws a RangeError on overlap.
 */
export function splice(text: Octets, edits: readonly Edit[]): Octets {
  const sorted = [...edits].sort((a, b) => a.start - b.start || a.end - b.end);
  let out = "";
  let at = 0;
  for (const edit of sorted) {
    if (edit.start < at) throw new RangeError(`edits overlap at ${edit.start}`);
    out += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return out + text.slice(at);
}
