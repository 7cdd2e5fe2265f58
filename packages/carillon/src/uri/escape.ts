/** %HH escapes in URIs. RFC 3261 §19.1.2, §19.1.4. */
import { isUriHeader, isUriParam, isUser } from "../grammar/chars.ts";

/** A part of a URI with its %HH escapes taken off. RFC 3261 §19.1.2. Octets, not text. */
export function unescapeUri(part: string): string {
  if (!part.includes("%")) return part;
  return part.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

//= RFC 3261 §19.1.2
//# For each component, the set of valid BNF expansions defines exactly which characters may appear
//# unescaped. All other characters MUST be escaped.
/**
 * A user part that says this, with every character escaped that needs it. RFC 3261 §19.1.2. It
 * takes octets: `fromText` makes them of text.
 */
export const escapeUser = (octets: string): string =>
  escaped(octets, (one) => one !== "%" && isUser(one));

/** The value of a URI's parameter that says this, escaped where that is needed. It takes octets. */
export const escapeUriParam = (octets: string): string =>
  escaped(octets, (one) => one !== "%" && isUriParam(one));

//= RFC 3261 §19.1.2
//# Expanding the hname and hvalue tokens in Section 25 show that all URI reserved characters in
//# header field names and values MUST be escaped.
// Of those the grammar itself lets through "/", "?", ":", "+" and "$"; they are escaped, too.
/** A header's name or value that says this, as it stands behind a URI's question mark. */
export const escapeUriHeader = (octets: string): string =>
  escaped(octets, (one) => !RESERVED.includes(one) && one !== "%" && isUriHeader(one));

/** With an escape for every character that may not stand as it is; escapes in it are kept. */
export const escapeRest = (raw: string): string =>
  escaped(raw, (one) => one === "%" || isUser(one));

function escaped(octets: string, isPlain: (one: string) => boolean): string {
  let out = "";
  let from = 0;
  for (let i = 0; i < octets.length; i++) {
    if (isPlain(octets[i] ?? "")) continue;
    const hex = octets.charCodeAt(i).toString(16).toUpperCase().padStart(2, "0");
    out += `${octets.slice(from, i)}%${hex}`;
    from = i + 1;
  }
  return out + octets.slice(from);
}

/** RFC 2396 §2.2. */
const RESERVED = ";/?:@&=+$,";

/**
 * The name of a parameter as it is looked up: without case, and without escapes for what may stand
 * there as it is, so that one name is not two.
 */
export function parameterName(raw: string): string {
  const name = raw.toLowerCase();
  if (!name.includes("%")) return name;
  return name.replace(/%[0-9a-f]{2}/g, (triplet) => {
    const one = unescapeUri(triplet);
    const isPlain = isUriParam(one) && !RESERVED.includes(one);
    return isPlain ? one.toLowerCase() : triplet.toUpperCase();
  });
}

//= RFC 3261 §19.1.4
//# Characters other than those in the "reserved" set (see RFC 2396 [5]) are equivalent to their
//# ""%" HEX HEX" encoding.
/** A part in the one spelling in which it is compared. */
export function comparable(raw = ""): string {
  if (!raw.includes("%")) return raw;
  return raw.replace(/%[0-9a-fA-F]{2}/g, (triplet) => {
    const one = unescapeUri(triplet);
    return RESERVED.includes(one) || one === "%" ? triplet.toUpperCase() : one;
  });
}
