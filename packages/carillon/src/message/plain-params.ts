/** Parameters in their frequent spelling, found in bytes: `;name` and `;name=token`. */
import { isTokenCode } from "../grammar/chars.ts";

const SEMICOLON = 0x3b;
const EQUAL = 0x3d;
const COMMA = 0x2c;

/** Where those parameters stand that are asked for in every message. All 0 where there is none. */
export interface FoundParams {
  tagStart: number;
  tagEnd: number;
  branchStart: number;
  branchEnd: number;
  /** Where the name ends, and its value, which is there if that is behind it. */
  rportEnd: number;
  rportValueEnd: number;
  /** Where the value starts. */
  received: number;
}

/** Of the last call of `plainParamsEnd`. */
export const foundParams: FoundParams = {
  tagStart: 0,
  tagEnd: 0,
  branchStart: 0,
  branchEnd: 0,
  rportEnd: 0,
  rportValueEnd: 0,
  received: 0,
};

/**
 * Where parameters end that begin at `at`: at `end`, or at a comma before it. -1 where they have to
 * be looked at more closely. Two names of one length count as that: they may be the same.
 */
export function plainParamsEnd(bytes: Uint8Array, at: number, end: number): number {
  let lengths = 0;
  foundParams.tagStart = foundParams.tagEnd = foundParams.branchStart = foundParams.branchEnd = 0;
  foundParams.rportEnd = foundParams.rportValueEnd = foundParams.received = 0;
  while (at < end && bytes[at] === SEMICOLON) {
    const nameStart = ++at;
    while (isTokenCode(bytes[at]!)) at++;
    const nameEnd = at;
    const length = nameEnd - nameStart;
    if (length === 0 || length > 30 || (lengths & (1 << length)) !== 0) return -1;
    lengths |= 1 << length;
    const valueStart = bytes[at] === EQUAL ? ++at : at;
    while (isTokenCode(bytes[at]!)) at++;
    if (valueStart > nameEnd && at === valueStart) return -1;
    note(bytes, nameStart, nameEnd, valueStart, at);
  }
  return at === end || (at < end && bytes[at] === COMMA) ? at : -1;
}

const TAG = lettersOf("tag");
const RPORT = lettersOf("rport");
const BRANCH = lettersOf("branch");
const RECEIVED = lettersOf("received");

function note(bytes: Uint8Array, start: number, end: number, valueStart: number, valueEnd: number) {
  switch (end - start) {
    case 3:
      if (!isName(bytes, start, TAG)) return;
      foundParams.tagStart = valueStart;
      foundParams.tagEnd = valueEnd;
      return;
    case 5:
      if (!isName(bytes, start, RPORT)) return;
      foundParams.rportEnd = end;
      foundParams.rportValueEnd = valueEnd;
      return;
    case 6:
      if (!isName(bytes, start, BRANCH)) return;
      foundParams.branchStart = valueStart;
      foundParams.branchEnd = valueEnd;
      return;
    case 8:
      if (isName(bytes, start, RECEIVED)) foundParams.received = valueStart;
  }
}

/** Of what may stand in a token, this bit is the case of a letter. */
function isName(bytes: Uint8Array, start: number, lowerCase: Uint8Array): boolean {
  for (let i = 0; i < lowerCase.length; i++) {
    if ((bytes[start + i]! | 0x20) !== lowerCase[i]) return false;
  }
  return true;
}

function lettersOf(name: string): Uint8Array {
  return Uint8Array.from(name, (letter) => letter.charCodeAt(0));
}
