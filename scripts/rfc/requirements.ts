/** The sentences of an RFC that say MUST, and the quotes that cover them. */
import type { Quote } from "./quotes.ts";
import { canonical, isWithin, type Section } from "./rfc-text.ts";

export interface Requirement {
  readonly rfc: number;
  readonly section: Section;
  readonly sentence: string;
  /** Where the sentence stands in the section's text. */
  readonly start: number;
  readonly end: number;
}

/** In quotes, or as `a MUST`, a key word is only spoken of. */
const KEYWORD = /(?<!["']|\ba )\b(?:MUST|SHALL|REQUIRED)\b/g;
/** What ends with a full stop and ends no sentence. */
const ABBREVIATION = /(?:\b(?:e\.g|i\.e|etc|vs|cf|al|Sec|Fig|No)|^\d+|\(\d+)\.$/;

export function requirementsOf(rfc: number, section: Section): readonly Requirement[] {
  const found: Requirement[] = [];
  let end = 0;
  for (const sentence of section.paragraphs.flatMap(sentencesOf)) {
    const start = section.text.indexOf(canonical(sentence), end);
    end = start + canonical(sentence).length;
    if (keywordsIn(sentence).length > 0) found.push({ rfc, section, sentence, start, end });
  }
  return found;
}

export function sentencesOf(paragraph: string): readonly string[] {
  const sentences: string[] = [];
  let start = 0;
  for (const end of paragraph.matchAll(/[.!?]["')\]]*(?= ["'([]*[A-Z0-9])/g)) {
    const stop = end.index + end[0].length;
    const sentence = paragraph.slice(start, stop).trim();
    if (ABBREVIATION.test(sentence)) continue;
    sentences.push(sentence);
    start = stop;
  }
  const rest = paragraph.slice(start).trim();
  return rest === "" ? sentences : [...sentences, rest];
}

/** Whether the quote stands in the text of its section, or of one below it. */
export function isVerbatim(quote: Quote, sections: readonly Section[]): boolean {
  return sections.some(({ text }) => text.includes(quote.text));
}

/** Where the words of a quote part from those of the section that agrees with it the longest. */
export function partingOf(quote: Quote, sections: readonly Section[]): string {
  const words = quote.text.split(" ");
  for (let count = words.length; count >= 3; count--) {
    const agreed = words.slice(0, count).join(" ");
    const section = sections.find(({ text }) => text.includes(agreed));
    if (section === undefined) continue;
    const rest = section.text.slice(section.text.indexOf(agreed) + agreed.length);
    const last = words.slice(Math.max(0, count - 4), count).join(" ");
    return `after "… ${last}" the RFC goes on "${rest.slice(0, 60).trim()} …"`;
  }
  return "not even the first three words stand there";
}

/** A quote covers a sentence when it holds one of its key words, or half of it. */
export function covers(quote: Quote, requirement: Requirement): boolean {
  const { rfc, section, start, end } = requirement;
  if (quote.rfc !== rfc || !isWithin(section.id, quote.section)) return false;
  for (const from of placesOf(quote.text, section.text)) {
    const first = Math.max(from, start) - start;
    const last = Math.min(from + quote.text.length, end) - start;
    if (last - first >= (end - start) / 2) return true;
    if (
      keywordsIn(section.text.slice(start, end)).some(
        (k) => k.index >= first && k.index + k[0].length <= last,
      )
    ) {
      return true;
    }
  }
  return false;
}

function keywordsIn(sentence: string): readonly RegExpExecArray[] {
  return [...sentence.matchAll(KEYWORD)];
}

function placesOf(needle: string, text: string): readonly number[] {
  const places: number[] = [];
  for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + 1)) places.push(at);
  return places;
}
