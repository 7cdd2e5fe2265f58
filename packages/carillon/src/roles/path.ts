/** What this proxy writes into a request to stay on its path and to know it again. */
import { distinct, type Ids } from "../endpoint/ids.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import { headerLines } from "../message/headers.ts";
import { MAGIC_COOKIE } from "../message/via.ts";
import { type Flow, isReliable } from "../transport/flow.ts";
import { formatAddress } from "../uri/host.ts";
import { type Cookie, type Cookies, type Devices, ELSEWHERE, elsewhere } from "./cookie.ts";
import { asItIs, type Shown } from "./shown.ts";
import { isSips } from "./sips.ts";

//= RFC 3261 §16.6
//# The value placed in this part of the branch parameter SHOULD reflect all of those fields
//# (including any Route, Proxy-Require and Proxy-Authorization header fields)
//= RFC 3261 §16.6
//# If a proxy wishes to detect loops, the "branch" parameter it supplies MUST depend on all
//# information affecting processing of a request, including the incoming Request-URI and any header
//# fields affecting the request's admission or routing.
//= RFC 3261 §16.6
//# The request method MUST NOT be included in the calculation of the branch parameter.
//= RFC 5393 §4.2.1
//# This second part MUST vary with any field used by the location service logic in determining
//# where to retarget or forward this request.
//= RFC 5393 §4.2.1
//# Hence, the second part MUST depend at least on the received Request-URI and any Route header
//# field values used when processing the received request.
//= RFC 5393 §4.2.1
//# This second part MUST NOT vary with the request method.
//= RFC 5393 §4.2.4
//# When forming the second part using a hash, implementations SHOULD include at least one field in
//# the input to the hash that varies between different transactions attempting to reach the same
//# destination to avoid repeated failure should the hash collide.
/**
 * What decides where a request goes. A second time here with all of it unchanged is a loop; with
 * something changed it is a spiral. The Request-URI counts as received, with its parameters, though
 * they find nobody else: the RFC says so, and Max-Breadth bounds what can be made of it. Left out
 * is what leads nowhere else: credentials and From, which only admit, and Max-Forwards and
 * Max-Breadth, with which no loop would ever look the same twice. A request with a Proxy-Require
 * never gets as far.
 */
export function branchAbout({ request, essentials }: Incoming): string {
  const { callId, fromTag, toTag, cseq } = essentials;
  const routes = headerLines(request, "Route").join();
  return distinct(["branch", request.uri, callId, fromTag, toTag, `${cseq.number}`, routes]);
}

//= RFC 5393 §4.1
//# When a SIP proxy forks a particular request to more than one location, it MUST ensure that
//# request is not looping through this proxy.
//= RFC 5393 §4.2.2
//# Proxies required to perform loop detection by RFC 5393 MUST perform the following loop-detection
//# test before forwarding a request.
//= RFC 5393 §4.2.2
//# Each Via header field value in the request whose sent-by value matches a value placed into
//# previous requests by this proxy MUST be inspected for the "second part" defined in Section 4.2.1
//# of RFC 5393.
//= RFC 5393 §4.2.2
//# If the second field is present, the proxy MUST perform the second-part calculation described in
//# Section 4.2.1 of RFC 5393 on this request and compare the result to the value from the Via
//# header field.
/**
 * Whether this very request went through here before. RFC 3261 §16.3 item 4. All Vias are looked
 * at, whatever their sent-by: the hash is keyed, so that nobody else can have written it, and
 * nothing is asked of the form of other servers' Vias.
 */
export function isLoop(ids: Ids, from: Incoming): boolean {
  // Most requests carry no branch of ours at all, which is seen without a hash.
  if (!from.request.text.includes(`${MAGIC_COOKIE}${ids.node}`)) return false;
  const vias = headerLines(from.request, "Via").join();
  if (!vias.includes(`${MAGIC_COOKIE}${ids.node}`)) return false;
  return vias.includes(`.${ids.mac(branchAbout(from))}`);
}

//= RFC 3261 §16.11
//# Therefore, the component of the branch parameter that makes it unique MUST be the same each time
//# a retransmitted request is forwarded. Thus for a stateless proxy, the branch parameter MUST be
//# computed as a combinatoric function of message parameters which are invariant on retransmission.
/** Our Via for a request that is forwarded without a transaction: an ACK. */
export function statelessVia(ids: Ids, flow: Flow, from: Incoming): string {
  const { request, essentials } = from;
  const top = request.text.slice(essentials.via.start, essentials.via.end);
  const about = branchAbout(from);
  const second = ids.mac(about);
  const name = ids.macOf(["stateless", top, second]);
  return viaOf(flow, `${MAGIC_COOKIE}${ids.node}${name}.${second}`);
}

//= RFC 3261 §18.1.1
//# If this causes a change in the transport protocol from the one indicated in the top Via, the
//# value in the top Via MUST be changed.
// It is made for the flow that the request goes over, whichever that is, and for no other.
export const viaOf = (flow: Flow, branch: string): string =>
  `SIP/2.0/${flow.transport} ${formatAddress(flow.local)};branch=${branch}`;

/** Methods whose requests make a dialog: RFC 3261 §12.1, RFC 6665 §4.1, RFC 3515 §2. */
export const MAKES_DIALOG: ReadonlySet<string> = new Set(["INVITE", "SUBSCRIBE", "REFER"]);

//= RFC 3261 §16.6
//# The URI placed in the Record-Route header field value MUST be a SIP or SIPS URI. This URI MUST
//# contain an lr parameter (see Section 19.1.1).
//= RFC 3261 §16.6
//# In a similar fashion, a proxy that receives a request over TLS, but generates a request without
//# a SIPS URI in the Request-URI or topmost Route header field value (after the post processing of
//# bullet 6), MUST insert a Record-Route header field that is not a SIPS URI.
/**
 * One Record-Route, or two where the call changes transport or address family or leaves from
 * another address than it came to, so that each side sees an address that it can use. RFC 5658 §3.
 * Only what makes a dialog gets any.
 */
export function recordRoutes(
  cookies: Cookies,
  from: Incoming,
  target: Flow,
  abroad: { readonly source?: boolean; readonly target?: boolean } = {},
  shown: Shown = asItIs,
  devices: Devices = {},
): string[] {
  if (!MAKES_DIALOG.has(from.request.method)) return [];
  const caller = abroad.source ? elsewhere(from.flow) : from.flow;
  const callee = abroad.target ? elsewhere(target) : target;
  const cookie = cookies.make(from.essentials, caller, callee, devices);
  return bothWays(cookie, shown(from.flow), shown(target), isSips(from.request.uri));
}

//= RFC 6665 §4.3
//# If a proxy wishes to see all of the SUBSCRIBE and NOTIFY requests for a given dialog, it MUST
//# add a "Record-Route" header field to the initial SUBSCRIBE request and all NOTIFY requests.
//= RFC 6665 §4.3
//# Proxies that did not add a "Record-Route" header field to the initial SUBSCRIBE request MUST NOT
//# add a "Record-Route" header field to any of the associated NOTIFY requests.
/**
 * Of a request in a dialog: for the one that subscribed, it is a NOTIFY that makes the dialog, so
 * its route set is what stands there. That we are on the path, our cookie says.
 */
export function notifyRoutes(
  cookies: Cookies,
  { request, essentials, flow }: Incoming,
  target: Flow,
  cookie: Cookie | undefined,
  shown: Shown = asItIs,
): readonly string[] {
  if (request.method !== "NOTIFY" || !cookie) return [];
  const { from, fromTag, to, toTag } = essentials;
  // As the cookie of the SUBSCRIBE was made, by where both sides are now.
  const begun = { ...essentials, from: to, fromTag: toTag, to: from, toTag: fromTag };
  const source = cookie.source.host === ELSEWHERE ? elsewhere(flow) : flow;
  const goal = cookie.target.host === ELSEWHERE ? elsewhere(target) : target;
  const [here, there] = [cookie.source.device, cookie.target.device];
  const own =
    cookie.from === "callee"
      ? cookies.make(begun, goal, source, { caller: there, callee: here })
      : cookies.make(essentials, source, goal, { caller: here, callee: there });
  return bothWays(own, shown(flow), shown(target), isSips(request.uri));
}

function bothWays(cookie: string, from: Flow, target: Flow, secure: boolean): string[] {
  const [here, there] = [routeTo(from, cookie, secure), routeTo(target, cookie, secure)];
  return here === there ? [there] : [there, here];
}

//= RFC 3261 §16.6
//# The URI placed in the Record-Route header field MUST resolve to the element inserting it (or a
//# suitable stand-in) when the server location procedures of [4] are applied to it, so that
//# subsequent requests reach the same SIP element.
const routeTo = (flow: Flow, cookie: string, secure: boolean): string =>
  `<${uriOver(flow, cookie, secure)};lr>`;

/**
 * Where we are reached by whoever this flow leads to, without brackets; `user` as it stands. Our
 * end may be a name, without a port (0).
 */
export function uriOver(flow: Flow, user: string, secure = false): string {
  const { host, port } = flow.local;
  const where = `${user}@${port === 0 ? host : formatAddress(flow.local)}`;
  //= RFC 3261 §16.6
  //# If the Request-URI contains a SIPS URI, or the topmost Route header field value (after the
  //# post processing of bullet 6) contains a SIPS URI, the URI placed into the Record-Route header
  //# field MUST be a SIPS URI.
  if (secure) return `sips:${where}${flow.transport === "WSS" ? ";transport=ws" : ""}`;
  //= RFC 3261 §16.6
  //# In a similar fashion, a proxy that receives a request over TLS, but generates a request
  //# without a SIPS URI in the Request-URI or topmost Route header field value (after the post
  //# processing of bullet 6), MUST insert a Record-Route header field that is not a SIPS URI.
  const transport = isReliable(flow) ? `;transport=${flow.transport.toLowerCase()}` : "";
  return `sip:${where}${transport}`;
}
