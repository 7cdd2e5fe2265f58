/** How header names are recognised in a page; header-name.ts is for who reads many messages. */
import { type HeaderName, NAMES } from "./known-headers.ts";

export { compactForm, type HeaderName, KNOWN_HEADERS, type KnownHeader } from "./known-headers.ts";

const SPELLED: ReadonlyMap<string, HeaderName> = new Map(
  Object.entries(NAMES).flatMap(([name, compact]) => [
    [name.toLowerCase(), name],
    [compact, name],
  ]),
);

/**
 * The name that stands in `text` from `start` to `end`: known names in their one spelling
 * whatever the case or compact form on the wire, others in lower case.
 */
export function headerName(text: string, start: number, end: number): HeaderName {
  const lowerCase = text.slice(start, end).toLowerCase();
  return SPELLED.get(lowerCase) ?? lowerCase;
}
