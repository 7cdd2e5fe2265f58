/** What others wrote, as text that cannot steer a terminal. */

/** More of it nobody reads at a terminal. */
const MAX_CHARACTERS = 1000;
const MAX_LINES = 40;
/** So that no line of theirs passes for one of ours. */
const INDENT = "    ";

/** Controls, lone surrogates, line ends of every kind, and what turns the direction of writing. */
export const STEERS = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Names, addresses, reasons: one line, whatever is in it. */
export function oneLine(text: string): string {
  const shown = text.slice(0, MAX_CHARACTERS).replace(STEERS, "?");
  return text.length > MAX_CHARACTERS ? `${shown}…` : shown;
}

/** What somebody wrote: its lines, each below the first one indented. */
export function paragraph(text: string): string {
  const lines = text.split("\n", MAX_LINES + 1).map((line) => oneLine(line.replace(/\r$/, "")));
  if (lines.length > MAX_LINES) lines.splice(MAX_LINES, 1, "…");
  return lines.join(`\n${INDENT}`);
}
