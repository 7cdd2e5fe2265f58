/**
 * Names that others chose, made fit to stand in a line: a display name, a note, a title, the name
 * of a file. Markup is no danger here, since React writes text; what is left are characters that
 * break the line, or turn what stands around them.
 */

/** Longer than this is nobody's name; a whole person has to fit beside it. */
const MOST = 120;

/** Control characters, line and paragraph separators: a space stands for them. */
const BREAKS = /[\p{Cc}\u2028\u2029]+/gu;
/**
 * What turns the direction of text, and what is not to be seen at all: with them `exe.gpj` is read
 * as a picture, and two people have the same name.
 */
const UNSEEN =
  /[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
/** Fillers and tags: letters to Unicode, and nothing to a reader. */
const FILLERS = /[\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\u{e0000}-\u{e0fff}]/gu;
/** Marks on one letter: more than these climb over the lines above. */
const PILED = /(\p{Mark}{4})\p{Mark}+/gu;

/** In one line, without what is not to be seen; `otherwise` if nothing is left. */
export function plainName(text: string, otherwise = ""): string {
  const plain = text
    .slice(0, 4 * MOST)
    .replace(BREAKS, " ")
    .replace(UNSEEN, "")
    .replace(FILLERS, "")
    .replace(PILED, "$1")
    .trim();
  const letters = [...plain];
  if (plain === "") return otherwise;
  return letters.length <= MOST
    ? plain
    : `${letters
        .slice(0, MOST - 1)
        .join("")
        .trimEnd()}…`;
}
