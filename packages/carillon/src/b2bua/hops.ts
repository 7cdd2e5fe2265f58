/** How far a request may still go: a back-to-back agent counts as a proxy does. RFC 7332. */
import { parseNumber } from "../grammar/chars.ts";
import { header } from "../message/headers.ts";
import type { Request } from "../message/message.ts";

/** What whoever says nothing is granted, and nobody more. RFC 3261 §8.1.1.6. */
export const MAX_HOPS = 70;

//= RFC 7332 §5
//# All B2BUA types MUST copy the received Max-Forwards header field from the received SIP request
//# on their UAS side, to any request(s) they generate on their UAC side, and decrement the value,
//# as if they were a proxy following the requirements described in [RFC3261].
//= RFC 7332 §5
//# If the received request did not contain a Max-Forwards header field, one MUST be created in any
//# request generated in the UAC side, as described for proxies in Section 16.6, Step 3 of
//# [RFC3261].
/**
 * Max-Forwards of what is sent on in place of this request, 0 to 70; undefined: it has gone as far
 * as it may, which is answered with 483. Of what is no number nothing is believed: 69.
 */
export function hopsBeyond(request: Request): number | undefined {
  const value = header(request, "Max-Forwards");
  if (value === undefined) return MAX_HOPS;
  const hops = parseNumber(value, 255) ?? MAX_HOPS;
  //= RFC 7332 §5
  //# Being a UAS, B2BUAs MUST also check the received Max-Forwards header field and reject or
  //# respond to the request if the value is zero, as defined in [RFC3261].
  return hops === 0 ? undefined : Math.min(hops, MAX_HOPS) - 1;
}
