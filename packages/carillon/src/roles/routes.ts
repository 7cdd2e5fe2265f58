/** The Route headers of a request, as its proxy sees them. RFC 3261 §16.4. */
import type { Ids } from "../endpoint/ids.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import { elementSpans, type Span } from "../message/headers.ts";
import { parseNameAddr } from "../uri/name-addr.ts";
import { parseSipUri, type SipUri } from "../uri/sip-uri.ts";
import { type Cookie, readCookie } from "./cookie.ts";

export interface Routes {
  /** The leading elements that name us: they have done their work. */
  readonly own: readonly Span[];
  /** From the topmost of them; only with it is the request inside a dialog. */
  readonly cookie: Cookie | undefined;
  /** True when there are more after ours, for other servers. */
  readonly foreign: boolean;
  /** What cannot be read, in words. */
  readonly broken: string | undefined;
}

const NO_ROUTES: Routes = { own: [], cookie: undefined, foreign: false, broken: undefined };

//= RFC 3261 §16.4
//# If the first value in the Route header field indicates this proxy, the proxy MUST remove that
//# value from the request.
export function readRoutes(from: Incoming, isOurs: (uri: SipUri) => boolean, ids: Ids): Routes {
  const { request, essentials } = from;
  const spans = elementSpans(request, "Route");
  if (!spans.ok) return { ...NO_ROUTES, broken: spans.error.message };
  if (spans.value.length === 0) return NO_ROUTES;
  const own: Span[] = [];
  let cookie: Cookie | undefined;
  for (const span of spans.value) {
    const address = parseNameAddr(request.text, span.start, span.end);
    const uri = address.ok ? parseSipUri(address.value.uri) : address;
    if (!uri.ok)
      return { ...NO_ROUTES, broken: `a Route that cannot be read: ${uri.error.message}` };
    const found = uri.value.user ? readCookie(ids, uri.value.user, essentials) : undefined;
    if (!found && !isOurs(uri.value)) return { own, cookie, foreign: true, broken: undefined };
    if (own.length === 0) cookie = found;
    own.push(span);
  }
  return { own, cookie, foreign: false, broken: undefined };
}
