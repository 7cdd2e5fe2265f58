/** The ACK of a 3xx-6xx response to an INVITE. RFC 3261 §17.1.1.3. */
import type { Octets } from "../grammar/octets.ts";
import { header } from "../message/headers.ts";
import type { Request, Response } from "../message/message.ts";
import { composeHopByHop, required } from "./hop-by-hop.ts";

/**
 * The text of the ACK that acknowledges `response`, a failure, to `invite` as it was sent. Throws
 * a RangeError on an INVITE that no client transaction could have sent; a response may hold
 * anything.
 */
export function composeAck(invite: Request, response: Response): Octets {
  //= RFC 3261 §17.1.1.3
  //# The To header field in the ACK MUST equal the To header field in the response being
  //# acknowledged, and therefore will usually differ from the To header field in the original
  //# request by the addition of the tag parameter.
  const to = header(response, "To") ?? required(invite, "To");
  //= RFC 3261 §17.1.1.3
  //# The ACK request constructed by the client transaction MUST contain values for the Call-ID,
  //# From, and Request-URI that are equal to the values of those header fields in the request
  //# passed to the transport by the client transaction (call this the "original request").
  //= RFC 3261 §17.1.1.3
  //# The ACK MUST contain a single Via header field, and this MUST be equal to the top Via header
  //# field of the original request.
  //= RFC 3261 §17.1.1.3
  //# The CSeq header field in the ACK MUST contain the same value for the sequence number as was
  //# present in the original request, but the method parameter MUST be equal to "ACK".
  //= RFC 3261 §17.1.1.3
  //# If the INVITE request whose response is being acknowledged had Route header fields, those
  //# header fields MUST appear in the ACK.
  //= RFC 3261 §17.1.1.3
  //# placement of bodies in ACK for non-2xx is NOT RECOMMENDED
  return composeHopByHop("ACK", invite, to);
}
