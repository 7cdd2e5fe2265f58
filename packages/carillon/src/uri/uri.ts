/** URIs of every scheme that a SIP message may hold. RFC 3261 §19.1, §25.1 (absoluteURI). */
import { isAlphanum } from "../grammar/chars.ts";
import { bad, ok, type Result } from "../grammar/result.ts";
import { hasDelimiter } from "./name-addr.ts";
import { formatSipUri, parseSipUri, type SipUri, sameSipUri } from "./sip-uri.ts";
import { formatTelUri, parseTelUri, sameTelUri, type TelUri } from "./tel-uri.ts";

/** Told apart by `scheme`: `sip` and `sips`, `tel`, and `other` for what is only kept. */
export type Uri = SipUri | TelUri | OtherUri;

/** A URI of another scheme, such as `urn:service:sos` or `https://…`. */
export interface OtherUri {
  readonly scheme: "other";
  /** Its own scheme, in lower case. */
  readonly name: string;
  /** All of it as it came. */
  readonly raw: string;
}

/** Reads a whole URI. Errors: `bad-uri` (400). */
export function parseUri(text: string): Result<Uri> {
  const colon = text.indexOf(":");
  const name = text.slice(0, Math.max(0, colon)).toLowerCase();
  if (name === "sip" || name === "sips") return parseSipUri(text);
  if (name === "tel") return parseTelUri(text);
  if (!isScheme(name) || colon + 1 === text.length || hasDelimiter(text)) {
    return bad("bad-uri", "expected a URI", 0, "RFC 3261 §25.1");
  }
  return ok({ scheme: "other", name, raw: text });
}

/** `scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )` */
const isScheme = (name: string): boolean =>
  /^[a-z]/.test(name) && isAlphanum(name.replace(/[-+.]/g, ""));

export function formatUri(uri: Uri): string {
  if (uri.scheme === "other") return uri.raw;
  return uri.scheme === "tel" ? formatTelUri(uri) : formatSipUri(uri);
}

/**
 * Whether two URIs address the same thing, each compared by the rules of its scheme. Of others
 * only the scheme is compared regardless of case.
 */
export function sameUri(a: Uri, b: Uri): boolean {
  if (a.scheme === "other") {
    const rest = ({ name, raw }: OtherUri): string => raw.slice(name.length);
    return b.scheme === "other" && a.name === b.name && rest(a) === rest(b);
  }
  if (a.scheme === "tel") return b.scheme === "tel" && sameTelUri(a, b);
  return (b.scheme === "sip" || b.scheme === "sips") && sameSipUri(a, b);
}
