/**
 * Extended regular expressions (POSIX.2, as RFC 3402 §3.2 uses them in NAPTR records), read into a
 * tree. Reading is one pass; what POSIX leaves undefined, and what we do not need, is declined
 * with a reason.
 */

/** What one character may be: any of the ranges, or none of them. */
export interface CharSet {
  readonly kind: "Set";
  readonly ranges: readonly (readonly [from: number, to: number])[];
  readonly negated: boolean;
}
export type Node =
  | CharSet
  | { readonly kind: "Start" }
  | { readonly kind: "End" }
  | { readonly kind: "Sequence"; readonly nodes: readonly Node[] }
  | { readonly kind: "Either"; readonly nodes: readonly Node[] }
  /** Numbered from 1, by opening parentheses. */
  | { readonly kind: "Group"; readonly number: number; readonly node: Node }
  | { readonly kind: "Repeat"; readonly node: Node; readonly min: number; readonly max: number };

export type Reading =
  | { readonly ok: true; readonly tree: Node; readonly groups: number }
  | { readonly ok: false; readonly why: string };

interface Cursor {
  readonly text: string;
  at: number;
  groups: number;
  /** What was found wrong first; reading goes no further then. */
  why: string | undefined;
}

const MAX_REPEAT = 255;
const SPECIAL = "^.[]$()|*+?{}\\";

export function readEre(text: string): Reading {
  const cursor: Cursor = { text, at: 0, groups: 0, why: undefined };
  const tree = readEither(cursor);
  if (cursor.why === undefined && cursor.at < text.length) cursor.why = "a ) that closes nothing";
  if (cursor.why !== undefined) return { ok: false, why: cursor.why };
  return { ok: true, tree, groups: cursor.groups };
}

/** `extended_reg_exp : ERE_branch | extended_reg_exp '|' ERE_branch` */
function readEither(cursor: Cursor): Node {
  const nodes = [readSequence(cursor)];
  while (skip(cursor, "|")) nodes.push(readSequence(cursor));
  const [only] = nodes;
  return nodes.length === 1 && only ? only : { kind: "Either", nodes };
}

/** `ERE_branch : ERE_expression | ERE_branch ERE_expression` */
function readSequence(cursor: Cursor): Node {
  const nodes: Node[] = [];
  while (cursor.why === undefined && cursor.at < cursor.text.length) {
    if (")|".includes(next(cursor))) break;
    nodes.push(readRepeated(cursor));
  }
  if (nodes.length === 0) return decline(cursor, "an empty alternative");
  return { kind: "Sequence", nodes };
}

/** `ERE_expression : one_char_or_coll_elem_ERE | '^' | '$' | '(' … ')' | ERE_expression dupl` */
function readRepeated(cursor: Cursor): Node {
  const node = readAtom(cursor);
  const bounds = readBounds(cursor);
  if (bounds === undefined) return node;
  if (node.kind === "Start" || node.kind === "End") return decline(cursor, "a repeated anchor");
  if (readBounds(cursor) !== undefined) return decline(cursor, "two repetitions in a row");
  return { kind: "Repeat", node, ...bounds };
}

function readAtom(cursor: Cursor): Node {
  const char = next(cursor);
  cursor.at++;
  switch (char) {
    case "^":
      return { kind: "Start" };
    case "$":
      return { kind: "End" };
    case ".":
      return { kind: "Set", ranges: [], negated: true };
    case "(":
      return readGroup(cursor);
    case "[":
      return readBracket(cursor);
    case "\\":
      return readEscaped(cursor);
    default:
      return "*+?{".includes(char) ? decline(cursor, `${char} with nothing to repeat`) : one(char);
  }
}

function readGroup(cursor: Cursor): Node {
  const number = ++cursor.groups;
  const node = readEither(cursor);
  return skip(cursor, ")") ? { kind: "Group", number, node } : decline(cursor, "a ( without )");
}

/** A special character meant as itself. `\1` in a pattern cannot be matched in linear time. */
function readEscaped(cursor: Cursor): Node {
  const char = next(cursor);
  cursor.at++;
  return char !== "" && SPECIAL.includes(char) ? one(char) : decline(cursor, `\\${char}`);
}

/** `*`, `+`, `?`, `{n}`, `{n,}`, `{n,m}`. */
function readBounds(cursor: Cursor): { readonly min: number; readonly max: number } | undefined {
  if (skip(cursor, "*")) return { min: 0, max: Number.POSITIVE_INFINITY };
  if (skip(cursor, "+")) return { min: 1, max: Number.POSITIVE_INFINITY };
  if (skip(cursor, "?")) return { min: 0, max: 1 };
  if (next(cursor) !== "{") return undefined;
  const close = cursor.text.indexOf("}", cursor.at);
  const inside = close < 0 ? "" : cursor.text.slice(cursor.at + 1, close);
  const match = /^([0-9]{1,3})(,([0-9]{0,3}))?$/.exec(inside);
  const min = Number(match?.[1]);
  const max = match?.[2] === undefined ? min : Number(match[3] || Number.POSITIVE_INFINITY);
  const isBound = min <= max && min <= MAX_REPEAT && (max <= MAX_REPEAT || max === Infinity);
  if (!isBound) decline(cursor, "a repetition that is none");
  cursor.at = close + 1;
  return { min, max };
}

const CLASSES: Readonly<Record<string, CharSet["ranges"]>> = {
  digit: [[48, 57]],
  alpha: [
    [65, 90],
    [97, 122],
  ],
  alnum: [
    [48, 57],
    [65, 90],
    [97, 122],
  ],
};

/** `[0-9]`, `[^0]`, `[[:digit:]+]`; a `]` that stands first is itself. */
function readBracket(cursor: Cursor): Node {
  const negated = skip(cursor, "^");
  const ranges: (readonly [number, number])[] = [];
  for (let first = true; first || next(cursor) !== "]"; first = false) {
    if (cursor.at >= cursor.text.length) return decline(cursor, "a [ without ]");
    const found = readRange(cursor);
    if (found === undefined) return decline(cursor, "a bracket expression of another kind");
    ranges.push(...found);
  }
  cursor.at++;
  return { kind: "Set", ranges, negated };
}

function readRange(cursor: Cursor): CharSet["ranges"] | undefined {
  const named = /^\[:([a-z]+):\]/.exec(cursor.text.slice(cursor.at, cursor.at + 12));
  if (named) {
    cursor.at += named[0].length;
    return Object.hasOwn(CLASSES, named[1] ?? "") ? CLASSES[named[1] ?? ""] : undefined;
  }
  if (/^\[[.=:]/.test(cursor.text.slice(cursor.at, cursor.at + 2))) return undefined;
  const from = cursor.text.charCodeAt(cursor.at++);
  const isRange = next(cursor) === "-" && !["]", ""].includes(cursor.text[cursor.at + 1] ?? "");
  if (!isRange) return [[from, from]];
  const to = cursor.text.charCodeAt(cursor.at + 1);
  cursor.at += 2;
  return from <= to ? [[from, to]] : undefined;
}

const next = ({ text, at }: Cursor): string => text[at] ?? "";

function skip(cursor: Cursor, char: string): boolean {
  const found = next(cursor) === char;
  if (found) cursor.at++;
  return found;
}

function one(char: string): CharSet {
  const code = char.charCodeAt(0);
  return { kind: "Set", ranges: [[code, code]], negated: false };
}

/** Notes the first fault, and ends the reading by having nothing left to read. */
function decline(cursor: Cursor, why: string): Node {
  cursor.why ??= why;
  cursor.at = cursor.text.length;
  return { kind: "Start" };
}
