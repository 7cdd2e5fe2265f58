/** References to characters, and the five entities that XML has. XML 1.0 §4.1, §4.6. */
import { isXmlChar } from "./xml-chars.ts";

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ...([
    ["amp", "&"],
    ["lt", "<"],
    ["gt", ">"],
  ] as const),
  ...([
    ["quot", '"'],
    ["apos", "'"],
  ] as const),
]);
/** Octets of the longest that means something: `&#x0010ffff;`. */
const MAX_REFERENCE = 12;

/** What stands at `at`, an `&`; undefined if it means nothing. `end` is behind it. */
export function readReference(
  text: string,
  at: number,
): { readonly text: string; readonly end: number } | undefined {
  const whole = text.slice(at + 1, at + MAX_REFERENCE);
  const length = whole.indexOf(";");
  if (length < 0) return undefined;
  const name = whole.slice(0, length);
  const end = at + length + 2;
  const entity = ENTITIES.get(name);
  if (entity !== undefined) return { text: entity, end };
  const code = /^#\d+$/.test(name)
    ? Number(name.slice(1))
    : /^#x[\da-fA-F]+$/.test(name)
      ? Number.parseInt(name.slice(2), 16)
      : -1;
  return isXmlChar(code) ? { text: String.fromCodePoint(code), end } : undefined;
}
