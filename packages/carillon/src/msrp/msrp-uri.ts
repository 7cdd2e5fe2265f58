/** MSRP URIs: where a session or a relay is, and when two are the same. RFC 4975 §6, §9. */

import { formatMsrpUri, type MsrpUri, parseMsrpUri } from "../sdp/attribute/msrp.ts";
import { sameHost } from "../uri/host.ts";
import { MAX_PATH } from "./limits.ts";

/**
 * Whether two URIs name the same session, or the same relay. User parts and parameters do not
 * count. RFC 4975 §6.1.
 */
export function sameMsrpUri(one: MsrpUri, other: MsrpUri): boolean {
  //= RFC 4975 §6.1
  //# The scheme MUST match. Scheme comparison is case insensitive.
  if (one.scheme !== other.scheme) return false;
  //= RFC 4975 §6.1
  //# If the port exists explicitly in either URI, then it MUST match exactly. A URI with an
  //# explicit port is never equivalent to another with no port specified.
  if (one.port !== other.port) return false;
  if (!sameHost(one.host, other.host)) return false;
  // The session-id part is compared as case sensitive, and one without is none.
  if (one.sessionId !== other.sessionId) return false;
  return one.transport.toLowerCase() === other.transport.toLowerCase();
}

/** URIs between single or several spaces; undefined where one is none, or there are too many. */
export function parsePath(text: string): readonly MsrpUri[] | undefined {
  const uris: MsrpUri[] = [];
  for (const part of text.split(" ")) {
    if (part === "") continue;
    const uri = parseMsrpUri(part);
    if (uri === undefined || uris.length === MAX_PATH) return undefined;
    uris.push(uri);
  }
  return uris.length === 0 ? undefined : uris;
}

/** A path as a header has it. */
export const formatPath = (uris: readonly MsrpUri[]): string => uris.map(formatMsrpUri).join(" ");

export { formatMsrpUri, type MsrpUri, parseMsrpUri };
