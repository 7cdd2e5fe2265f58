/** The piece of a message in which a search has found something, with what it found marked. */
import { plainName } from "../look/plain-name.ts";

export interface Piece {
  readonly text: string;
  readonly isHit: boolean;
}

/** What of the message stands before the first hit. */
const BEFORE = 24;

export function excerpt(text: string, search: string): readonly Piece[] {
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  const at = firstOf(text.toLowerCase(), words);
  const from = at > BEFORE ? at - BEFORE : 0;
  const line = plainName(text.slice(from));
  const pieces = marked(line, words);
  return from > 0 ? [{ text: "…", isHit: false }, ...pieces] : pieces;
}

function firstOf(text: string, words: readonly string[]): number {
  const places = words.map((word) => text.indexOf(word)).filter((at) => at >= 0);
  return places.length === 0 ? 0 : Math.min(...places);
}

function marked(line: string, words: readonly string[]): readonly Piece[] {
  const low = line.toLowerCase();
  // A letter that is two in small ones: then nothing is marked, rather than the wrong thing.
  if (low.length !== line.length) return [{ text: line, isHit: false }];
  const pieces: Piece[] = [];
  let from = 0;
  while (from < line.length) {
    const next = words
      .map((word) => ({ at: low.indexOf(word, from), length: word.length }))
      .filter(({ at }) => at >= 0)
      .sort((a, b) => a.at - b.at || b.length - a.length)[0];
    if (next === undefined) break;
    if (next.at > from) pieces.push({ text: line.slice(from, next.at), isHit: false });
    pieces.push({ text: line.slice(next.at, next.at + next.length), isHit: true });
    from = next.at + next.length;
  }
  if (from < line.length) pieces.push({ text: line.slice(from), isHit: false });
  return pieces;
}
