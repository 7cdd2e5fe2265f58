/** Header names as the RFCs spell them, and how they are recognised on the wire. */

import { type HeaderName, KNOWN_HEADERS, type KnownHeader, NAMES } from "./known-headers.ts";

export { compactForm, type HeaderName, KNOWN_HEADERS, type KnownHeader } from "./known-headers.ts";

/** Those that every message has come first, which `message/plain-message.ts` counts on. */
const FIRST: readonly KnownHeader[] = ["Via", "From", "To", "Call-ID", "CSeq", "Content-Length"];

/** A known name's place in `NAME_OF`. */
export type HeaderNumber = number;
export const NAME_OF: readonly KnownHeader[] = [...new Set([...FIRST, ...KNOWN_HEADERS])];

/** Each name and compact form in lower case, and the number of the name it stands for. */
const SPELLINGS: readonly (readonly [lowerCase: string, number: HeaderNumber])[] = NAME_OF.flatMap(
  (name, number) =>
    [name, NAMES[name]]
      .filter((one) => one !== "")
      .map((one) => [one.toLowerCase(), number] as const),
);

/** By length and by first and last letter: the first spelling in each slot, and the next one. */
const SLOTS = 1024;
const firstIn: Int32Array = new Int32Array(SLOTS).fill(-1);
const nextOf: Int32Array = new Int32Array(SPELLINGS.length);
/** All spellings in a row, and where each starts: in one array, which is in the cache. */
const letters: Uint8Array = Uint8Array.from(
  SPELLINGS.map(([lowerCase]) => lowerCase).join(""),
  (letter) => letter.charCodeAt(0),
);
const startOf: Int32Array = new Int32Array(SPELLINGS.length + 1);
const numberOf: Int32Array = Int32Array.from(SPELLINGS, ([, number]) => number);
for (const [n, [lowerCase]] of SPELLINGS.entries()) {
  const start = startOf[n]!;
  startOf[n + 1] = start + lowerCase.length;
  const slot = slotOf(lowerCase.length, letters[start]!, letters[startOf[n + 1]! - 1]!);
  nextOf[n] = firstIn[slot]!;
  firstIn[slot] = n;
}

/** Letters lose their case here; what else meets in a slot is told apart afterwards. */
function slotOf(length: number, first: number, last: number): number {
  return (length * 29 + (first | 0x20) * 7 + (last | 0x20) * 41) & (SLOTS - 1);
}

//= RFC 3261 §7.3.3
//# Implementations MUST accept both the long and short forms of each header name.
/**
 * The name that stands in `text` from `start` to `end`: known names in their one spelling
 * whatever the case or compact form on the wire, others in lower case.
 */
export function headerName(text: string, start: number, end: number): HeaderName {
  const lowerCase = text.slice(start, end).toLowerCase();
  const slot = slotOf(end - start, text.charCodeAt(start), text.charCodeAt(end - 1));
  for (let n = firstIn[slot]!; n >= 0; n = nextOf[n]!) {
    if (SPELLINGS[n]![0] === lowerCase) return NAME_OF[numberOf[n]!]!;
  }
  return lowerCase;
}

/** The number of the name in a token's bytes from `start` to `end`; -1 if it is not known. */
export function headerAt(bytes: Uint8Array, start: number, end: number): HeaderNumber {
  const slot = slotOf(end - start, bytes[start]!, bytes[end - 1]!);
  for (let n = firstIn[slot]!; n >= 0; n = nextOf[n]!) {
    const from = startOf[n]!;
    if (startOf[n + 1]! - from === end - start && matches(bytes, start, from, end - start))
      return numberOf[n]!;
  }
  return -1;
}

/** Of what may stand in a token, this bit is the case of a letter, and no name has another. */
function matches(bytes: Uint8Array, start: number, from: number, length: number): boolean {
  for (let i = 0; i < length; i++) {
    if ((bytes[start + i]! | 0x20) !== letters[from + i]) return false;
  }
  return true;
}
