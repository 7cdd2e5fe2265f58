/** Character classes of the SIP grammar, as one table. RFC 3261 §25.1. */

const DIGIT = 1;
const HEX = 2;
const ALPHANUM = 4;
const TOKEN = 8;
/** user-unreserved and unreserved: what may stand unescaped in a user part. */
const USER = 16;
/** param-unreserved and unreserved: what may stand unescaped in a URI parameter. */
const PARAM = 32;
/** hnv-unreserved and unreserved. */
const HNV = 64;
/** Letters, digits, hyphen, dot: what a host name is made of. */
const HOST = 128;
/** What may stand unescaped in a password: less than in a user part. */
const PASSWORD = 256;

const CLASS: Uint16Array = new Uint16Array(256);

function add(characters: string, flag: number): void {
  for (let i = 0; i < characters.length; i++) {
    CLASS[characters.charCodeAt(i)]! |= flag;
  }
}

const digits = "0123456789";
const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const mark = "-_.!~*'()";
add(digits, DIGIT);
add(`${digits}abcdefABCDEF`, HEX);
add(digits + letters, ALPHANUM);
add(`${digits}${letters}-.!%*_+\`'~`, TOKEN);
add(`${digits}${letters}${mark}&=+$,;?/`, USER);
add(`${digits}${letters}${mark}[]/:&+$`, PARAM);
add(`${digits}${letters}${mark}[]/?:+$`, HNV);
add(`${digits}${letters}-.`, HOST);
add(`${digits}${letters}${mark}&=+$,`, PASSWORD);

const only =
  (flag: number) =>
  (text: string, start = 0, end: number = text.length): boolean => {
    if (start >= end) return false;
    for (let i = start; i < end; i++) {
      if (((CLASS[text.charCodeAt(i)] ?? 0) & flag) === 0) return false;
    }
    return true;
  };

/** Characters of a class with %HH escapes between them. */
const escaped =
  (flag: number) =>
  (text: string): boolean => {
    for (let i = 0; i < text.length; i++) {
      if (((CLASS[text.charCodeAt(i)] ?? 0) & flag) !== 0) continue;
      if (text.charCodeAt(i) !== 0x25 || !isHex(text, i + 1, i + 3)) return false;
      i += 2;
    }
    return true;
  };

/** `token = 1*(alphanum / "-" / "." / "!" / "%" / "*" / "_" / "+" / "`" / "'" / "~")` */
export const isToken: (text: string, start?: number, end?: number) => boolean = only(TOKEN);
export const isDigits: (text: string, start?: number, end?: number) => boolean = only(DIGIT);
export const isAlphanum: (text: string, start?: number, end?: number) => boolean = only(ALPHANUM);
export const isHostname: (text: string, start?: number, end?: number) => boolean = only(HOST);
const isHexRun: (text: string, start?: number, end?: number) => boolean = only(HEX);
export const isHex = (text: string, start: number, end: number): boolean =>
  end <= text.length && isHexRun(text, start, end);
export const isUser: (text: string) => boolean = escaped(USER);
export const isPassword: (text: string) => boolean = escaped(PASSWORD);
export const isUriParam: (text: string) => boolean = escaped(PARAM);
export const isUriHeader: (text: string) => boolean = escaped(HNV);

export const isHostCode = (code: number): boolean => ((CLASS[code] ?? 0) & HOST) !== 0;
export const isUserCode = (code: number): boolean => ((CLASS[code] ?? 0) & USER) !== 0;
export const isUriParamCode = (code: number): boolean => ((CLASS[code] ?? 0) & PARAM) !== 0;
export const isTokenCode = (code: number): boolean => ((CLASS[code] ?? 0) & TOKEN) !== 0;

/** SP and HTAB. Line folds are inside a value too: see `isSpace`. */
export const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;

/** What LWS is made of inside a header value: blanks, and the CR LF of a folded line. */
export const isSpace = (code: number): boolean =>
  code === 0x20 || code === 0x09 || code === 0x0d || code === 0x0a;

/** The first position at or after `start` that is not white space. */
export function skipSpace(text: string, start: number, end: number): number {
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  return start;
}

/** The end of `text` between `start` and `end` without trailing white space. */
export function trimEnd(text: string, start: number, end: number): number {
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return end;
}

/** The text between two positions without white space around it. */
export function trimmed(text: string, start: number, end: number): string {
  const from = skipSpace(text, start, end);
  return text.slice(from, trimEnd(text, from, end));
}

/**
 * A decimal number with nothing around it, or undefined: no sign, no space, not over `max`.
 * `1*DIGIT`, with the range check that Number() lacks.
 */
export function parseNumber(text: string, max: number): number | undefined {
  if (text.length > 16 || !isDigits(text)) return undefined;
  const value = Number(text);
  return value <= max ? value : undefined;
}

/** True when two ASCII strings are equal but for the case of letters. */
export function sameIgnoringCase(a: string, b: string): boolean {
  return a.length === b.length && (a === b || a.toLowerCase() === b.toLowerCase());
}
