/** Comments in parentheses. RFC 3261 §25.1. */

/**
 * The position after the comment that opens at `start`, or -1 if it does not end. Comments nest;
 * they are counted, not descended into.
 *
 * `comment = LPAREN *(ctext / quoted-pair / comment) RPAREN`
 */
export function skipComment(text: string, start: number, end: number): number {
  let depth = 0;
  for (let i = start; i < end; i++) {
    const one = text[i];
    if (one === "\\") i++;
    else if (one === "(") depth++;
    else if (one === ")" && --depth === 0) return i + 1;
  }
  return -1;
}

/** A comment around this raw text. Throws a RangeError where it would end early or not at all. */
export function formatComment(raw: string): string {
  const text = `(${raw})`;
  if (skipComment(text, 0, text.length) !== text.length) {
    throw new RangeError("the parentheses of a comment have to balance");
  }
  return text;
}
