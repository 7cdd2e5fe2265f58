// Which sources a minified file is made of, by its source map.

import { type Bundle, gzipped, type SourceMap } from "./bundle.ts";

export interface Share {
  readonly source: string;
  /** Characters of the minified file. */
  readonly minified: number;
  /**
   * How much smaller the gzipped file would be without them: what it shares with others is not
   * its.
   */
  readonly gzipped: number;
}

/** Modules or folders, the largest first. `groupOf` says which a source belongs to. */
export function shares(bundle: Bundle, groupOf: (source: string) => string): readonly Share[] {
  const lines = bundle.code.split("\n");
  const pieces = piecesOf(bundle.map, lines, groupOf);
  const whole = gzipped(bundle.code);
  const groups = [...new Set(pieces.map(({ group }) => group))];
  const all = groups.map((source): Share => {
    const own = pieces.filter(({ group }) => group === source);
    const others = pieces.filter(({ group }) => group !== source);
    const rest = others.map(({ text }) => text).join("");
    const minified = own.reduce((sum, { text }) => sum + text.length, 0);
    return { source, minified, gzipped: whole - gzipped(rest) };
  });
  return all.sort((a, b) => b.gzipped - a.gzipped);
}

interface Piece {
  readonly group: string;
  readonly text: string;
}

/** A piece reaches from where one mapping begins to where the next one does. */
function piecesOf(
  { sources, mappings }: SourceMap,
  lines: readonly string[],
  groupOf: (source: string) => string,
): readonly Piece[] {
  const pieces: Piece[] = [];
  let source = 0;
  let group = "bundler";
  for (const [nth, line] of mappings.split(";").entries()) {
    const text = lines[nth] ?? "";
    let at = 0;
    let column = 0;
    for (const segment of line === "" ? [] : line.split(",")) {
      const [columns = 0, moved] = decoded(segment);
      column += columns;
      pieces.push({ group, text: text.slice(at, column) });
      at = column;
      source += moved ?? 0;
      if (moved !== undefined) group = groupOf(sources[source] ?? "");
    }
    pieces.push({ group, text: `${text.slice(at)}\n` });
  }
  return pieces;
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/**
 * Base64 VLQ: five bits a digit, the sixth says that more follow, the lowest bit of all is the
 * sign.
 */
function decoded(segment: string): readonly number[] {
  const numbers: number[] = [];
  let value = 0;
  let shift = 0;
  for (const digit of segment) {
    const bits = DIGITS.indexOf(digit);
    value += (bits & 31) << shift;
    shift += 5;
    if (bits >= 32) continue;
    numbers.push(value & 1 ? -(value >> 1) : value >> 1);
    value = 0;
    shift = 0;
  }
  return numbers;
}
