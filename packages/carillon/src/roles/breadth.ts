/**
 * Max-Breadth: how many branches at a time may come of one request, here and at all servers after
 * this one. RFC 5393 §5.
 *
 * Of groups that are tried one after the other each has all of it: one is over when the next
 * begins, so that nothing has to count the responses.
 */
import { isDigits, trimmed } from "../grammar/chars.ts";
import type { Octets } from "../grammar/octets.ts";
import { bad, ok, type Result } from "../grammar/result.ts";
import type { Request } from "../message/message.ts";
import { readHeader } from "../message/read-header.ts";

//= RFC 5393 §5.3.3
//# Proxies MUST have a maximum allowable Incoming Max-Breadth value, which is RECOMMENDED to be 60.
export const MAX_BREADTH = 60;

//= RFC 5393 §5.3.3
//# A proxy MUST NOT decrement Max-Breadth for each hop or otherwise use it to restrict the "depth"
//# of a request's propagation.
/**
 * What a request may spend here, and what its copy carries on if there is one only.
 *
 * Errors: `repeated-header` (400), `bad-breadth` (400).
 */
export function incomingBreadth(request: Request): Result<number> {
  const read = readHeader(request, "Max-Breadth", parseBreadth);
  if (!read.ok) return read;
  //= RFC 5393 §5.3.3
  //# If a SIP proxy receives a request with no Max-Breadth header field value, it MUST add one,
  //# with a value that is RECOMMENDED to be 60.
  //= RFC 5393 §5.3.3
  //# If this maximum is exceeded in a received request, the proxy MUST overwrite it with a value
  //# that SHOULD be no greater than its allowable maximum.
  return ok(Math.min(read.value ?? MAX_BREADTH, MAX_BREADTH));
}

//= RFC 5393 §5.3.1
//# The Max-Breadth header field takes a single positive integer as its value. The Max-Breadth
//# header field value takes no parameters.
/** However many digits it has: what is too much for us is no error of whoever sent it. */
function parseBreadth(octets: Octets): Result<number> {
  const digits = trimmed(octets, 0, octets.length);
  const breadth = isDigits(digits) ? Number(digits) : 0;
  if (breadth > 0) return ok(breadth);
  return bad("bad-breadth", "Max-Breadth is not one number above 0", 0, "RFC 5393 §5.3.1");
}

//= RFC 5393 §5.3.3
//# SIP proxies MUST NOT allow the Outgoing Max-Breadth to exceed the Incoming Max-Breadth in a
//# given response context.
//= RFC 5393 §5.3.3
//# A SIP proxy MAY distribute Max-Breadth in an arbitrary fashion between active branches. A proxy
//# SHOULD NOT use a smaller amount of Max-Breadth than was present in the original request unless
//# the Incoming Max-Breadth exceeded the proxy's maximum acceptable value.
/** Of one of so many copies, no more than the breadth: as even as whole numbers can be. */
export const shareOf = (breadth: number, copies: number, nth: number): number =>
  Math.floor(breadth / copies) + (nth < breadth % copies ? 1 : 0);
