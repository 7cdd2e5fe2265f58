/**
 * Text as it is looked for: words, whatever their case and accents, by their beginnings. Where a
 * script puts no spaces between words, each letter is one, and what is looked for is a row of them.
 */

/** Of a long text the beginning is found. */
const MAX_SEARCHED = 16_384;
/** Of a long question its beginning is asked. */
const MAX_WORDS = 8;
const MAX_WORD = 64;

const unspaced = ["Han", "Hiragana", "Katakana", "Thai", "Lao", "Khmer", "Myanmar"];
const letterByLetter = new RegExp(
  `[${unspaced.map((script) => `\\p{Script=${script}}`).join("")}]`,
  "gu",
);
/** What FTS5's unicode61 takes for a part of a word. */
const words = /[\p{L}\p{N}\p{Co}]+/gu;

/** What goes into the index for this text. */
export const searchable = (text: string): string => spaced(text.slice(0, MAX_SEARCHED));

/** Composed, so that an accent is a part of its letter. */
const spaced = (text: string): string =>
  text.toWellFormed().normalize("NFC").replace(letterByLetter, " $& ");

/** By what a journal's owner is told from others in the index: one word for each journal. */
export const readerWord = (journal: number): string => `j${journal}`;

/**
 * The question for the index: every word has to be there, in a message that is in this journal, as
 * a whole word or, if it has two letters, as the beginning of one. Undefined where there is none.
 */
export function questionFor(journal: number, typed: string): string | undefined {
  const parts = typed.slice(0, MAX_WORDS * MAX_WORD).split(/\s+/);
  const phrases = parts.flatMap((part) => {
    const found =
      spaced(part)
        .match(words)
        ?.map((word) => word.slice(0, MAX_WORD)) ?? [];
    if (found.length === 0) return [];
    const phrase = found.join(" ");
    // Quoted, so that none of it means anything to FTS5; letters and digits have no quotes in them.
    // What begins with one letter is half of all words: then it is the word itself that is meant.
    return [[...phrase].length === 1 ? `"${phrase}"` : `"${phrase}" *`];
  });
  if (phrases.length === 0) return undefined;
  const text = phrases.slice(0, MAX_WORDS).join(" AND ");
  return `readers : "${readerWord(journal)}" AND text : (${text})`;
}
