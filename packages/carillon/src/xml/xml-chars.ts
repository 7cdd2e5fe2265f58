/** Which characters XML may hold, and which its names. XML 1.0 §2.2, §2.3. */
import type { Octets } from "../grammar/octets.ts";

/** Whether these octets are UTF-8, and each character one that XML may hold. Linear. */
export function isXmlText(octets: Octets): boolean {
  for (let at = 0; at < octets.length; ) {
    const length = charLength(octets, at);
    if (length === 0) return false;
    at += length;
  }
  return true;
}

/** The length of the character at `at`, in octets; 0 if there is none that may stand there. */
function charLength(octets: Octets, at: number): number {
  const lead = octets.charCodeAt(at);
  if (lead < 0x20) return lead === 0x09 || lead === 0x0a || lead === 0x0d ? 1 : 0;
  if (lead < 0x80) return 1;
  const length = lead < 0xc2 || lead > 0xf4 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  let code = lead & (0xff >> (length + 1));
  for (let i = 1; i < length; i++) {
    const next = octets.charCodeAt(at + i);
    if (!(next >= 0x80 && next < 0xc0)) return 0;
    code = (code << 6) | (next & 0x3f);
  }
  const least = [0, 0, 0x80, 0x800, 0x10000][length] ?? 0;
  return length > 0 && code >= least && isXmlChar(code) ? length : 0;
}

/** `Char ::= #x9 | #xA | #xD | [#x20-#xD7FF] | [#xE000-#xFFFD] | [#x10000-#x10FFFF]` */
export const isXmlChar = (code: number): boolean =>
  code === 0x09 ||
  code === 0x0a ||
  code === 0x0d ||
  (code >= 0x20 && code < 0xd800) ||
  (code >= 0xe000 && code <= 0xfffd) ||
  (code >= 0x10000 && code <= 0x10ffff);

export const isSpace = (code: number): boolean =>
  code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

/** Letters, digits and `_-.`, and whatever is not ASCII; a colon parts a prefix from a name. */
export const isNameByte = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) ||
  (code >= 0x41 && code <= 0x5a) ||
  (code >= 0x30 && code <= 0x39) ||
  code === 0x5f ||
  code === 0x2d ||
  code === 0x2e ||
  code >= 0x80;

/** What a name may begin with. */
export const isNameStart = (code: number): boolean =>
  isNameByte(code) && code !== 0x2d && code !== 0x2e && !(code >= 0x30 && code <= 0x39);

/** Whether a name without a prefix may be this one. */
export function isXmlName(name: string): boolean {
  if (name === "" || !isNameStart(name.charCodeAt(0))) return false;
  for (let i = 1; i < name.length; i++) if (!isNameByte(name.charCodeAt(i))) return false;
  return true;
}
