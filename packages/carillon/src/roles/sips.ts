/** What a sips address demands of a proxy and of a registrar. RFC 3261 §26.2, RFC 5630 §5. */
import type { Incoming } from "../endpoint/incoming.ts";
import type { Octets } from "../grammar/octets.ts";
import { isSecure } from "../locate/target.ts";
import type { Reachable } from "./forking.ts";

export const isSips = (uri: Octets): boolean => /^sips:/i.test(uri);

/** Whether it asks for TLS on the whole way, and has come without. */
export const isDowngraded = ({ request, flow }: Incoming): boolean =>
  isSips(request.uri) && !isSecure(flow.transport);

//= RFC 5630 §5.3
//# Specifically, when a proxy receives a request with a SIPS Request-URI, the proxy MUST only
//# forward or retarget the request to a SIPS Request-URI. If the target UAS had registered
//# previously using a SIP Contact header field instead of a SIPS Contact header field, the proxy
//# MUST NOT forward the request to the URI indicated in the Contact header field.
//= RFC 5630 §5.3
//# Proxies MUST NOT use the last-hop exception of [RFC3261] when forwarding or retargeting a
//# request to the last hop.
/** Those of a person's devices that a request to this URI may go to, and by which URI. */
export function admissible(uri: Octets, devices: readonly Reachable[]): readonly Reachable[] {
  return devices.flatMap((device): readonly Reachable[] => {
    const { binding, flow } = device;
    if (!isSips(binding.contact)) return isSips(uri) ? [] : [device];
    //= RFC 5630 §5.3
    //# The proxy MUST use TLS to forward the request to the UAS.
    if (!isSecure(flow.transport)) return [];
    if (isSips(uri)) return [device];
    //= RFC 5630 §5.3
    //# If the target UAS had registered previously using a SIPS Contact header field, and the proxy
    //# decides to forward the request, the proxy MUST replace that SIPS scheme with a SIP scheme
    //# while leaving the rest of the URI as is, and use the resulting URI as the Request-URI of the
    //# forwarded request.
    const contact = `sip:${binding.contact.slice("sips:".length)}`;
    return [{ flow, binding: { ...binding, contact } }];
  });
}

/** Why nobody is there for a sips address though somebody is otherwise. */
export const NO_SIPS = "none of their devices can be reached over TLS all the way";
export const SIPS_NOT_ALLOWED = '380 carillon "SIPS Not Allowed"';
