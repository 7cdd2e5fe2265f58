/** `ext-value = charset "'" [ language ] "'" value-chars` of RFC 5987 §3.2, in UTF-8 only. */
import { isHex } from "../grammar/chars.ts";
import type { Octets } from "../grammar/octets.ts";

/** The octets an extended value says, or undefined for another charset or a broken escape. */
export function parseExtendedValue(text: Octets): Octets | undefined {
  const charset = text.indexOf("'");
  const language = text.indexOf("'", charset + 1);
  if (language < 0 || text.slice(0, charset).toUpperCase() !== "UTF-8") return undefined;
  let octets = "";
  for (let i = language + 1; i < text.length; i++) {
    if (text[i] !== "%") octets += text[i];
    else if (!isHex(text, i + 1, i + 3)) return undefined;
    else {
      octets += String.fromCharCode(Number.parseInt(text.slice(i + 1, i + 3), 16));
      i += 2;
    }
  }
  return isSafe(octets) ? octets : undefined;
}

/** As in quoted strings: nothing that a formatter would have to refuse. */
function isSafe(octets: Octets): boolean {
  return !octets.includes("\0") && !octets.includes("\r") && !octets.includes("\n");
}
