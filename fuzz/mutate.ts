/** What is done to a message. */
import type { Random } from "./random.ts";

const PIECES = [
  ...["\r\n", "\r", "\n", "\0", "\r\n ", "\t", " ", '"', "\\", "<", ">", ",", ";", ":", "=", "@"],
  ...["%", "%00", "%0d%0a", "[", "]", "[::1]", "(", ")", "/", "?", "&", "*", "-", "+", ".", "0"],
  ...["SIP/2.0", "sip:", "tel:+", "\r\n\r\n", "\r\n--b", "--", "__proto__", "constructor", "\xff"],
  ...["l: 5\r\n", "Content-Length: 0\r\n", ";tag=1", ";q=2", ";expires=-1", "4294967296", "\xc3"],
];

/** The message with one to six changes, one of ten of them large. */
export function mutate(message: string, random: Random, other: () => string): string {
  let text = message;
  for (let n = 1 + random.below(6); n > 0; n--) {
    text = random.below(10) === 0 ? large(text, random, other) : small(text, random);
  }
  return text.slice(0, 65_535);
}

function small(text: string, random: Random): string {
  const at = random.below(text.length + 1);
  const end = at + random.below(5);
  switch (random.below(4)) {
    case 0:
      return text.slice(0, at) + String.fromCharCode(random.below(256)) + text.slice(at + 1);
    case 1:
      return text.slice(0, at) + text.slice(end);
    case 2:
      return text.slice(0, at) + random.pick(PIECES) + text.slice(at);
    default:
      return text.slice(0, at) + random.pick(PIECES) + text.slice(end);
  }
}

function large(text: string, random: Random, other: () => string): string {
  const at = random.below(text.length + 1);
  const end = Math.min(text.length, at + random.below(200));
  switch (random.below(5)) {
    case 0:
      return text.slice(0, at) + random.pick(PIECES).repeat(1 << random.below(13)) + text.slice(at);
    case 1:
      return text.slice(0, at) + text.slice(at, end).repeat(1 + random.below(8)) + text.slice(end);
    case 2:
      return text.slice(0, at);
    case 3:
      return text.slice(0, at) + text.slice(end);
    default:
      return text.slice(0, at) + other().slice(random.below(400));
  }
}
