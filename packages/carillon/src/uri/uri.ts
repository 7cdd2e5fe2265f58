/** URIs of every scheme that a SIP message may hold. RFC 3261 §19.1, §25.1 (absoluteURI). */
import { isAlphanum, isHex } from "../grammar/chars.ts";
import { bad, ok, type Result } from "../grammar/result.ts";
import { formatSipUri, parseSipUri, type SipUri, sameSipUri } from "./sip-uri.ts";
import { formatTelUri, parseTelUri, sameTelUri, type TelUri } from "./tel-uri.ts";

/** Told apart by `scheme`: `sip` and `sips`, `tel`, and `other` for what is only kept. */
export type Uri = SipUri | TelUri | OtherUri;

/** A URI of another scheme, such as `urn:service:sos` or `https://…`. */
export interface OtherUri {
  /** `other` whatever the scheme: that is in `name`. */
  readonly scheme: "other";
  /** Its own scheme, in lower case. */
  readonly name: string;
  /** All of it as it came. */
  readonly raw: string;
}

/** Reads a whole URI. RFC 3261 §25.1. Errors: `bad-uri` (400). */
export function parseUri(text: string): Result<Uri> {
  const colon = text.indexOf(":");
  const name = text.slice(0, Math.max(0, colon)).toLowerCase();
  if (name === "sip" || name === "sips") return parseSipUri(text);
  if (name === "tel") return parseTelUri(text);
  if (!isScheme(name) || colon + 1 === text.length || !isUric(text)) {
    return bad("bad-uri", "expected a URI", 0, "RFC 3261 §25.1");
  }
  return ok({ scheme: "other", name, raw: text });
}

/** `scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )` */
const isScheme = (name: string): boolean =>
  /^[a-z]/.test(name) && isAlphanum(name.replace(/[-+.]/g, ""));

//= RFC 3261 §19.1.2
//# Excluded US-ASCII characters (RFC 2396 [5]), such as space and control characters and characters
//# used as URI delimiters, also MUST be escaped. URIs MUST NOT contain unescaped space and control
//# characters.
/** `uric = reserved / unreserved / escaped`, with `#` and the brackets that RFC 3986 adds to it. */
function isUric(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const one = text[i] ?? "";
    if (one === "%" ? !isHex(text, i + 1, i + 3) : !isAlphanum(one) && !PUNCTUATION.includes(one)) {
      return false;
    }
  }
  return true;
}

const PUNCTUATION = "-_.!~*'();/?:@&=+$,[]#";

/**
 * The URI as text: an `OtherUri` as it came, others as `formatSipUri` and `formatTelUri` write
 * them.
 */
export function formatUri(uri: Uri): string {
  if (uri.scheme === "other") return uri.raw;
  return uri.scheme === "tel" ? formatTelUri(uri) : formatSipUri(uri);
}

/**
 * Whether two URIs address the same thing, each compared by the rules of its scheme. Of others only
 * the scheme is compared regardless of case. RFC 3261 §19.1.4, RFC 3966 §4.
 */
export function sameUri(a: Uri, b: Uri): boolean {
  if (a.scheme === "other") {
    const rest = ({ name, raw }: OtherUri): string => raw.slice(name.length);
    return b.scheme === "other" && a.name === b.name && rest(a) === rest(b);
  }
  if (a.scheme === "tel") return b.scheme === "tel" && sameTelUri(a, b);
  return (b.scheme === "sip" || b.scheme === "sips") && sameSipUri(a, b);
}
