/** What the line about the connection shows next, so that it neither flickers nor jumps. */

/** What mends itself sooner than this is not worth a word. */
const PATIENCE_MS = 600;
/** A page that has just been opened connects: nobody has to be told, unless it takes its time. */
const OPENING_PATIENCE_MS = 4000;

export interface Wanted {
  /** What there is to say; undefined if all is well. */
  readonly words: string | undefined;
  /** It tries once more, and knows nothing new. */
  readonly tries: boolean;
  /** The phone was connected before. */
  readonly wasHere: boolean;
}

export interface NextLine {
  readonly words: string | undefined;
  readonly afterMs: number;
}

export function nextLine(shown: string | undefined, wanted: Wanted): NextLine {
  const { words, tries, wasHere } = wanted;
  if (words === undefined) return { words, afterMs: 0 };
  // Why it failed the last time says more than that it is tried again.
  if (tries && shown !== undefined) return { words: shown, afterMs: 0 };
  return { words, afterMs: tries && !wasHere ? OPENING_PATIENCE_MS : PATIENCE_MS };
}
