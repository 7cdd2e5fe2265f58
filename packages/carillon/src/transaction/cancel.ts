/** CANCEL. RFC 3261 §9.1, with the Reason of RFC 3326. */
import type { Octets } from "../grammar/octets.ts";
import { plain } from "../message/compose.ts";
import type { Request } from "../message/message.ts";
import { composeHopByHop, required } from "./hop-by-hop.ts";

/**
 * The text of the CANCEL of `invite` as it was sent; `reason` is the value of a Reason header,
 * such as `SIP;cause=200;text="Call completed elsewhere"`. Throws a RangeError on an INVITE that
 * no client transaction could have sent, and on a line end in `reason`.
 *
 * To be sent to where the INVITE went, and only once a provisional response has come.
 */
export function composeCancel(invite: Request, reason?: Octets): Octets {
  //= RFC 3261 §9.1
  //# The Request-URI, Call-ID, To, the numeric part of CSeq, and From header fields in the CANCEL
  //# request MUST be identical to those in the request being cancelled, including tags.
  //= RFC 3261 §9.1
  //# A CANCEL constructed by a client MUST have only a single Via header field value matching the
  //# top Via value in the request being cancelled.
  //= RFC 3261 §9.1
  //# the method part of the CSeq header field MUST have a value of CANCEL.
  //= RFC 3261 §9.1
  //# If the request being cancelled contains a Route header field, the CANCEL request MUST include
  //# that Route header field's values.
  //= RFC 3261 §9.1
  //# The CANCEL request MUST NOT contain any Require or Proxy-Require header fields.
  return composeHopByHop("CANCEL", invite, required(invite, "To"), reasonLine(reason));
}

//= RFC 3326 §2
//# The Reason header field MAY appear in any request within a dialog, in any CANCEL request and in
//# any response whose status code explicitly allows the presence of this header field.
const reasonLine = (reason: Octets | undefined): Octets =>
  reason === undefined ? "" : `Reason: ${plain(reason)}\r\n`;
