/** What this proxy writes into a request to stay on its path and to know it again. */
import type { Ids } from "../endpoint/ids.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import { fromText } from "../grammar/octets.ts";
import { headerLines } from "../message/headers.ts";
import { type Flow, isReliable } from "../transport/flow.ts";
import { formatAddress, isIpv6 } from "../uri/host.ts";
import { makeCookie } from "./cookie.ts";

//= RFC 3261 §16.6
//# The value placed in this part of the branch parameter SHOULD reflect all of those fields
//# (including any Route, Proxy-Require and Proxy-Authorization header fields)
/**
 * What decides where a request goes. A second time here with all of it unchanged is a loop; with
 * something changed it is a spiral. Credentials are left out: RFC 5393 §4.2.1.
 */
export function branchAbout({ request, essentials }: Incoming): string {
  const { callId, fromTag, toTag, cseq } = essentials;
  const routes = headerLines(request, "Route").join();
  return fromText(`branch ${request.uri} ${callId} ${fromTag} ${toTag} ${cseq.number} ${routes}`);
}

/** Whether this very request went through here before. RFC 3261 §16.3 item 4. */
export function isLoop(ids: Ids, from: Incoming): boolean {
  const vias = headerLines(from.request, "Via").join();
  // Most requests carry no branch of ours at all, which is seen without a hash.
  if (!vias.includes(`z9hG4bK${ids.node}`)) return false;
  return vias.includes(`.${ids.mac(branchAbout(from))}`);
}

export const branchVia = (ids: Ids, flow: Flow, about: string): string =>
  `SIP/2.0/${flow.transport} ${formatAddress(flow.local)};branch=${ids.branch(about)}`;

//= RFC 3261 §16.6
//# The URI placed in the Record-Route header field value MUST be a SIP or SIPS URI.  This URI MUST
//# contain an lr parameter
/**
 * One Record-Route, or two where the call changes transport or address family, so that each side
 * sees an address that it can use. RFC 5658 §3. Only what makes a dialog gets any.
 */
export function recordRoutes(ids: Ids, from: Incoming, target: Flow): readonly string[] {
  if (from.request.method !== "INVITE") return [];
  const cookie = makeCookie(ids, from.essentials, from.flow, target);
  const one = routeTo(target, cookie);
  const same =
    from.flow.transport === target.transport &&
    isIpv6(from.flow.local.host) === isIpv6(target.local.host);
  return same ? [one] : [one, routeTo(from.flow, cookie)];
}

function routeTo(flow: Flow, cookie: string): string {
  const transport = isReliable(flow) ? `;transport=${flow.transport.toLowerCase()}` : "";
  return `<sip:${cookie}@${formatAddress(flow.local)}${transport};lr>`;
}
