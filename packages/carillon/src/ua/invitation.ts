/** The INVITE that calling an address means. RFC 3261 §19.1.5. */
import type { Octets } from "../grammar/octets.ts";
import type { Result } from "../grammar/result.ts";
import type { UriRequest } from "../message/request-of-uri.ts";
import { parseSipUri, type SipUri } from "../uri/sip-uri.ts";
import type { RequestOf } from "./plain-request.ts";

//= RFC 3261 §20.32
//# A UAC compliant to this specification MUST only include option tags corresponding to
//# standards-track RFCs.
//= RFC 3261 §20.37
//# A UA compliant to this specification MUST only include option tags corresponding to
//# standards-track RFCs.
/** A phone calls, and what a URI can have it require it knows. */
const ABLE = { methods: new Set(["INVITE"]), extensions: new Set(["replaces", "join"]) };

/** Throws a RangeError on what is no SIP URI, and on one that asks for something else. */
export function invitationTo(target: Octets, requestOf: RequestOf): UriRequest {
  const uri = parseSipUri(target);
  const asked = uri.ok ? invitationIn(uri.value, requestOf) : uri;
  if (asked.ok) return asked.value;
  throw new RangeError(`cannot call ${JSON.stringify(target)}: ${asked.error.message}`);
}

/** The same for what a peer wrote. Errors: those of `requestOf`. */
export const invitationIn = (uri: SipUri, requestOf: RequestOf): Result<UriRequest> =>
  requestOf(uri, ABLE);
