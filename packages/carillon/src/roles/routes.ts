/** The Route headers of a request, as its proxy sees them. RFC 3261 §16.4. */
import type { Incoming } from "../endpoint/incoming.ts";
import type { Octets } from "../grammar/octets.ts";
import { unfold } from "../grammar/quoted.ts";
import { elementSpans, type Span } from "../message/headers.ts";
import type { Address } from "../uri/host.ts";
import { parseNameAddr } from "../uri/name-addr.ts";
import { parseSipUri, type SipUri } from "../uri/sip-uri.ts";
import { type Cookie, type Cookies, ELSEWHERE } from "./cookie.ts";
import type { FlowTokens, TokenRead } from "./flow-token.ts";

export interface Routes {
  /** The Request-URI: as it came, or as it was before a strict router put ours in its place. */
  readonly uri: Octets;
  /** Elements to take out: the leading ones that name us, and the one that `uri` came from. */
  readonly used: readonly Span[];
  /** Every element that there is. */
  readonly all: readonly Span[];
  /** From the topmost of them; only with it is the request inside a dialog. */
  readonly cookie: Cookie | undefined;
  /** What the topmost of them says of a flow of ours; undefined where it says nothing of any. */
  readonly token: TokenRead | undefined;
  /** How the last of them calls us: in a dialog, the address that its other side knows. */
  readonly local: Address | undefined;
  /** True when there are more after ours, for other servers. */
  readonly foreign: boolean;
  /** The URI of the first of those. */
  readonly next: Octets | undefined;
  /** What cannot be read, in words. */
  readonly broken: string | undefined;
}

/** What is read in the user part of a Route of ours. */
export interface RouteReaders {
  readonly cookies: Cookies;
  readonly tokens: FlowTokens;
}

export function readRoutes(
  from: Incoming,
  isOurs: (uri: SipUri) => boolean,
  { cookies, tokens }: RouteReaders,
): Routes {
  const { request, essentials } = from;
  const none: Routes = {
    uri: request.uri,
    used: [],
    all: [],
    cookie: undefined,
    token: undefined,
    local: undefined,
    foreign: false,
    next: undefined,
    broken: undefined,
  };
  const spans = elementSpans(request, "Route");
  if (!spans.ok) return { ...none, broken: spans.error.message };
  //= RFC 3261 §16.4
  //# The proxy MUST inspect the Request-URI of the request.
  const strict = parseSipUri(request.uri);
  const placed = strict.ok ? cookies.read(strict.value.user ?? "", essentials) : undefined;
  const readers = { cookies, tokens };
  const read = { ...none, all: spans.value };
  if (placed) return afterStrictRouter(from, read, placed, spans.value, isOurs, readers);
  return leading(from, read, spans.value, isOurs, readers);
}

//= RFC 3261 §16.4
//# If the Request-URI of the request contains a value this proxy previously placed into a
//# Record-Route header field (see Section 16.6 item 4), the proxy MUST replace the Request-URI in
//# the request with the last value from the Route header field, and remove that value from the
//# Route header field. The proxy MUST then proceed as if it received this modified request.
function afterStrictRouter(
  from: Incoming,
  none: Routes,
  cookie: Cookie,
  spans: readonly Span[],
  isOurs: (uri: SipUri) => boolean,
  readers: RouteReaders,
): Routes {
  const { text } = from.request;
  const last = spans.at(-1);
  const target = last && parseNameAddr(text, last.start, last.end);
  if (!last || !target?.ok) return { ...none, broken: "no Route says where it is going" };
  const routes = leading(from, none, spans.slice(0, -1), isOurs, readers);
  return { ...routes, uri: target.value.uri, cookie, used: [...routes.used, last] };
}

//= RFC 3261 §16.4
//# If the first value in the Route header field indicates this proxy, the proxy MUST remove that
//# value from the request.
function leading(
  { request, essentials }: Incoming,
  none: Routes,
  spans: readonly Span[],
  isOurs: (uri: SipUri) => boolean,
  { cookies, tokens }: RouteReaders,
): Routes {
  const used: Span[] = [];
  let { cookie, token, local } = none;
  let standsIn: string | undefined;
  for (const span of spans) {
    const address = parseNameAddr(unfold(request.text.slice(span.start, span.end)));
    const text = address.ok ? address.value.uri : undefined;
    const uri = address.ok ? parseSipUri(address.value.uri) : address;
    if (!uri.ok) return { ...none, broken: `a Route that cannot be read: ${uri.error.message}` };
    const { user, host, port = uri.value.scheme === "sips" ? 5061 : 5060 } = uri.value;
    const found = user === undefined ? undefined : cookies.read(user, essentials);
    const flow = user === undefined || found ? undefined : tokens.read(user);
    // Whoever we stand in for may have recorded itself twice, once for either side: RFC 5658 §3.
    const isTwin = user !== undefined && user === standsIn;
    if (!found && flow?.kind !== "Token" && !isTwin && !isOurs(uri.value)) {
      return { ...none, used, cookie, token, local, foreign: true, next: text };
    }
    if (!found && !flow && user?.includes("!")) standsIn = user;
    if (used.length === 0) [cookie, token] = [found, flow];
    // Both sides of a dialog came over this server to another, which is not in between any more.
    else if (found && cookie?.target.host === ELSEWHERE) cookie = found;
    local = { host, port };
    used.push(span);
  }
  return { ...none, used, cookie, token, local };
}
