/** What is written between the parts of a multipart. RFC 2046 §5.1.1. */
import { isAlphanum, isToken } from "../grammar/chars.ts";
import type { Octets } from "../grammar/octets.ts";
import { oneLine } from "./header/one-line.ts";
import type { HeaderName } from "./header-name.ts";

//= RFC 2046 §5.1.1
//# Boundary delimiters must not appear within the encapsulated material, and must be no longer than
//# 70 characters, not counting the two leading hyphens.
/** `boundary := 0*69<bchars> bcharsnospace` */
export function isBoundary(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (!isAlphanum(text, i, i + 1) && !"'()+_,-./:=? ".includes(text[i] ?? "")) return false;
  }
  return text.length > 0 && text.length <= 70 && !text.endsWith(" ");
}

/** A part's headers, each with its line end. Throws a RangeError on what cannot be written. */
export function formatMultipartHead(
  headers: readonly (readonly [name: HeaderName, value: Octets])[],
): Octets {
  let text = "";
  for (const [name, value] of headers) {
    if (!isToken(name)) throw new RangeError(`not a header name: ${JSON.stringify(name)}`);
    text += `${name}: ${oneLine(value)}\r\n`;
  }
  return text;
}
