/** Quoted strings and the places outside them. RFC 3261 §25.1. */
import { skipSpace, trimEnd } from "./chars.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LAQUOT = 0x3c;
const RAQUOT = 0x3e;
const TAB = 0x09;

/**
 * The position after the quoted string that opens at `start`, or -1 if it does not end.
 *
 * `quoted-string = SWS DQUOTE *(qdtext / quoted-pair ) DQUOTE`
 */
export function skipQuoted(text: string, start: number, end: number): number {
  for (let i = start + 1; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code === BACKSLASH) i++;
    else if (code === QUOTE) return i + 1;
  }
  return -1;
}

/** What a quoted string says, given with its quotes: escapes taken off, folds made one space. */
export function unquote(text: string): string {
  const inner = unfold(text.slice(1, -1));
  let out = "";
  let from = 0;
  for (let at = inner.indexOf("\\"); at >= 0; at = inner.indexOf("\\", at + 2)) {
    out += inner.slice(from, at);
    from = at + 1;
  }
  return from === 0 ? inner : out + inner.slice(from);
}

/**
 * A quoted string that says this. Throws on what cannot stand in one.
 *
 * `quoted-pair = "\" (%x00-09 / %x0B-0C / %x0E-7F)`, which is how a control character stands in it.
 */
export function quote(text: string): string {
  let out = '"';
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0 || code === 0x0d || code === 0x0a) {
      throw new RangeError("a quoted string cannot hold NUL or a line end");
    }
    const isPlain = (code >= 0x20 && code !== 0x7f) || code === TAB;
    if (isPlain && code !== QUOTE && code !== BACKSLASH) continue;
    out += `${text.slice(from, i)}\\`;
    from = i;
  }
  return `${out}${text.slice(from)}"`;
}

/**
 * The first position of a character in `codes` that is outside quotes and angle brackets, or
 * `end`. -1 if a quote or a bracket is left open.
 */
export function findOutside(text: string, start: number, end: number, code: number): number {
  let inAngles = false;
  for (let i = start; i < end; i++) {
    const c = text.charCodeAt(i);
    if (c === QUOTE && !inAngles) {
      i = skipQuoted(text, i, end) - 1;
      if (i < 0) return -1;
    } else if (c === LAQUOT) inAngles = true;
    else if (c === RAQUOT) inAngles = false;
    else if (c === code && !inAngles) return i;
  }
  return inAngles ? -1 : end;
}

/**
 * Calls `each` with the bounds, without white space, of every comma-separated element. False if
 * a quote stays open, an element is empty, or there are more than `max`.
 */
export function eachElement(
  text: string,
  start: number,
  end: number,
  max: number,
  each: (start: number, end: number) => void,
): boolean {
  for (let count = 0, at = start; ; count++) {
    const comma = findOutside(text, at, end, 0x2c);
    if (comma < 0 || count === max) return false;
    const from = skipSpace(text, at, comma);
    const to = trimEnd(text, from, comma);
    if (from === to) return false;
    each(from, to);
    if (comma === end) return true;
    at = comma + 1;
  }
}

/** A folded value as one line: RFC 3261 §7.3.1 makes every fold equivalent to one space. */
export function unfold(text: string): string {
  if (!text.includes("\r\n")) return text;
  let out = "";
  for (let i = 0; i < text.length; ) {
    const fold = text.indexOf("\r\n", i);
    if (fold < 0) return out + text.slice(i);
    const before = trimEnd(text, i, fold);
    out += `${text.slice(i, before)} `;
    i = skipSpace(text, fold, text.length);
  }
  return out;
}
