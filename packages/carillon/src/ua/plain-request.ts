/** The request that a URI means which asks for nothing but to be called. RFC 3261 §19.1.5. */
import { bad, ok, type Result } from "../grammar/result.ts";
import type { Abilities, UriRequest } from "../message/request-of-uri.ts";
import { formatSipUri, type SipUri } from "../uri/sip-uri.ts";

/** As `requestOfUri`, which knows of headers, too. */
export type RequestOf = (uri: SipUri, able: Abilities, method?: string) => Result<UriRequest>;

/** What a URI says of the way to somebody, and not of who it is. RFC 3261 §19.1.1, table 1. */
const OF_THE_WAY: readonly string[] = ["maddr", "ttl", "transport", "lr"];

/** Errors: `bad-uri` (400) for a URI with headers, or with a method of its own. */
export const plainRequestOf: RequestOf = (uri, _, method = "INVITE") => {
  if (uri.headers !== undefined || uri.params.has("method")) {
    return bad("bad-uri", "it asks for more than to be called", 0, "RFC 3261 §19.1.5");
  }
  const params = new Map([...uri.params].filter(([name]) => !OF_THE_WAY.includes(name)));
  const to = formatSipUri({ ...uri, port: undefined, params });
  return ok({ method, uri: formatSipUri(uri), to, headers: [] });
};
