/** A URI as it may stand in a start line. RFC 3261 §19.1.1, table 1. */
import type { Octets } from "../grammar/octets.ts";
import { formatSipUri, parseSipUri } from "../uri/sip-uri.ts";

/**
 * A Contact's or a Route's URI without what a Request-URI cannot have: a `method` parameter, and
 * headers, which would let whoever wrote the URI add some to a request that somebody else sends.
 * Anything else comes out octet for octet. RFC 3261 §19.1.1, table 1.
 */
export function requestUri(uri: Octets): Octets {
  const parsed = parseSipUri(uri);
  if (!parsed.ok) return uri;
  const { params, headers } = parsed.value;
  if (headers === undefined && !params.has("method")) return uri;
  const kept = new Map([...params].filter(([name]) => name !== "method"));
  return formatSipUri({ ...parsed.value, params: kept, headers: undefined });
}
