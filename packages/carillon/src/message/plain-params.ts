/** Parameters in their frequent spelling, found in bytes: `;name` and `;name=token`. */
import { isTokenCode } from "../grammar/chars.ts";

const [SEMICOLON, EQUAL, COMMA] = [0x3b, 0x3d, 0x2c];

/** Where the value of the wanted parameter stands; both 0 where there is none. */
export interface Wanted {
  start: number;
  end: number;
}

/**
 * Where parameters end that begin at `at`: at `end`, or at a comma before it. -1 where they have to
 * be looked at more closely. Two names of one length count as that: they may be the same.
 *
 * `wanted` is told where the value of the parameter with this lower-case name stands.
 */
export function plainParamsEnd(
  bytes: Uint8Array,
  at: number,
  end: number,
  name: Uint8Array,
  wanted: Wanted,
): number {
  let lengths = 0;
  wanted.start = 0;
  wanted.end = 0;
  while (at < end && bytes[at] === SEMICOLON) {
    const nameStart = ++at;
    while (isTokenCode(bytes[at]!)) at++;
    const length = at - nameStart;
    if (length === 0 || length > 30 || (lengths & (1 << length)) !== 0) return -1;
    lengths |= 1 << length;
    const valueStart = bytes[at] === EQUAL ? ++at : at;
    while (isTokenCode(bytes[at]!)) at++;
    if (at === valueStart && bytes[at - 1] === EQUAL) return -1;
    if (length === name.length && isName(bytes, nameStart, name)) {
      wanted.start = valueStart;
      wanted.end = at;
    }
  }
  return at === end || (at < end && bytes[at] === COMMA) ? at : -1;
}

/** Of what may stand in a token, this bit is the case of a letter. */
function isName(bytes: Uint8Array, start: number, lowerCase: Uint8Array): boolean {
  for (let i = 0; i < lowerCase.length; i++) {
    if ((bytes[start + i]! | 0x20) !== lowerCase[i]) return false;
  }
  return true;
}

export const bytesOfName = (name: string): Uint8Array =>
  Uint8Array.from(name, (letter) => letter.charCodeAt(0));
