/** Characters that no header of message/cpim holds as they are. RFC 3862 §2.3. */

const SHORT: ReadonlyMap<string, string> = new Map([
  ...([
    ["b", "\b"],
    ["t", "\t"],
    ["n", "\n"],
    ["r", "\r"],
  ] as const),
]);
const LETTERS: ReadonlyMap<string, string> = new Map([...SHORT].map(([one, it]) => [it, one]));

//= RFC 3862 §2.3.1
//# The special sequences listed above MUST be used to encode any occurrence of the following
//# characters that appear anywhere in a header: backslash (U+005c), backspace (U+0008), tab
//# (U+0009), linefeed (U+000a) or carriage return (U+000d).
//= RFC 3862 §2.3.1
//# The general escape sequence \uxxxx MUST be used for any other control character (U+0000 to
//# U+0007, U+000b to U+000c, U+000e to U+001f or u+007f) that appears anywhere in a header.
export function escapeCpim(text: string): string {
  let escaped = "";
  for (const char of text) escaped += mustEscape(char) ? escapeOf(char) : char;
  return escaped;
}

const mustEscape = (char: string): boolean => char < " " || char === "\\" || char === "\u007f";

function escapeOf(char: string): string {
  const letter = char === "\\" ? "\\" : LETTERS.get(char);
  return `\\${letter ?? `u${char.charCodeAt(0).toString(16).padStart(4, "0")}`}`;
}

//= RFC 3862 §2.3.1
//# When processing a message based on this specification, the escape sequence usage described above
//# MUST be recognized.
/** An escape that is not known is the character behind it; a last backslash is nothing. */
export function unescapeCpim(text: string): string {
  if (!text.includes("\\")) return text;
  let plain = "";
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? "";
    if (char !== "\\") {
      plain += char;
      continue;
    }
    at++;
    const next = text[at] ?? "";
    const hex = text.slice(at + 1, at + 5);
    if (next === "u" && /^[\da-fA-F]{4}$/.test(hex)) {
      plain += String.fromCharCode(Number.parseInt(hex, 16));
      at += 4;
    } else plain += SHORT.get(next) ?? next;
  }
  return plain;
}
