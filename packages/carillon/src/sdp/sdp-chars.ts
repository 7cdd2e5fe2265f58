/** Character classes of the SDP grammar. RFC 8866 §9. */
import { isDigits, parseNumber } from "../grammar/chars.ts";
import { MAX_LIST } from "./limits.ts";

const TOKEN = 1;
const ALPHANUM = 2;
const ICE = 4;
const HEX = 8;
const RID = 16;

const CLASS: Uint8Array = new Uint8Array(256);

function add(characters: string, flag: number): void {
  for (let i = 0; i < characters.length; i++) {
    const code = characters.charCodeAt(i);
    CLASS[code] = (CLASS[code] ?? 0) | flag;
  }
}

const alphanum = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
add(`${alphanum}!#$%&'*+-.^_\`{|}~`, TOKEN);
add(alphanum, ALPHANUM);
add(`${alphanum}+/`, ICE);
add("0123456789abcdefABCDEF", HEX);
add(`${alphanum}-_`, RID);

const only =
  (flag: number) =>
  (text: string): boolean => {
    for (let i = 0; i < text.length; i++) {
      if (((CLASS[text.charCodeAt(i)] ?? 0) & flag) === 0) return false;
    }
    return text !== "";
  };

/** `token = 1*(token-char)`: more than a token of SIP, `#$&^{|}` too. */
export const isSdpToken: (text: string) => boolean = only(TOKEN);
export const isAlphaNumeric: (text: string) => boolean = only(ALPHANUM);
/** `ice-char = ALPHA / DIGIT / "+" / "/"`, one or more. RFC 8839 §5.1 */
export const isIceChars: (text: string) => boolean = only(ICE);
export const isHexDigits: (text: string) => boolean = only(HEX);
/** `rid-id = 1*(alpha-numeric / "-" / "_")`. RFC 8851 §10 */
export const isRidId: (text: string) => boolean = only(RID);

/** The elements between separators, or undefined if there are more than `MAX_LIST`. */
export function splitList(text: string, separator: string): readonly string[] | undefined {
  const elements = text.split(separator, MAX_LIST + 1);
  return elements.length > MAX_LIST ? undefined : elements;
}

/** `non-ws-string = 1*(VCHAR/%x80-FF)` */
export function isNonWs(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code <= 0x20 || code === 0x7f || code > 0xff) return false;
  }
  return text !== "";
}

/** `byte-string = 1*(%x01-09/%x0B-0C/%x0E-FF)`: any byte except NUL, CR, or LF. */
export function isByteString(text: string): boolean {
  return text !== "" && badByte(text, 0, text.length) < 0;
}

/** Where the first NUL, CR, LF, or character that is no octet, stands; -1 if there is none. */
export function badByte(text: string, start: number, end: number): number {
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code === 0 || code === 0x0a || code === 0x0d || code > 0xff) return i;
  }
  return -1;
}

/**
 * A decimal number from `min` to `max` as we would write it ourselves, or undefined: no sign and
 * no leading zero, so that a number has one spelling and is compared as text as well.
 */
export function readInteger(text: string, min: number, max: number): number | undefined {
  if (text.length > 1 && text.charCodeAt(0) === 0x30) return undefined;
  const value = parseNumber(text, max);
  return value === undefined || value < min ? undefined : value;
}

/** `non-zero-int-or-real` and zero, as text: `20`, `29.97`. */
export function isDecimal(text: string): boolean {
  const dot = text.indexOf(".");
  if (text.length > 16) return false;
  if (dot < 0) return isDigits(text);
  return isDigits(text.slice(0, dot)) && isDigits(text.slice(dot + 1));
}
