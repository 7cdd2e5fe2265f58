/** Reads a REFER. RFC 3515 §2.4.1, RFC 3892, RFC 4488. */
import type { Incoming } from "../endpoint/incoming.ts";
import { flat } from "../grammar/octets.ts";
import { bad, ok, type Result } from "../grammar/result.ts";
import { parseReferSub } from "../message/header/refer-sub.ts";
import { parseReferTo } from "../message/header/refer-to.ts";
import { parseReferredBy } from "../message/header/referred-by.ts";
import { elements, headerLines } from "../message/headers.ts";
import { readHeader } from "../message/read-header.ts";
import { requestOfUri } from "../message/request-of-uri.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import { invitationIn } from "./invitation.ts";
import type { Referred } from "./received-refer.ts";

/**
 * Errors: `bad-refer-to` (400), those of the readers, and 603 for what a phone does not do, such as
 * a Refer-To that asks for a BYE.
 */
export function readRefer({ request }: Incoming): Result<Referred> {
  //= RFC 3515 §2.4.2
  //# An agent responding to a REFER method MUST return a 400 (Bad Request) if the request contained
  //# zero or more than one Refer-To header field values.
  const targets = elements(request, "Refer-To");
  if (!targets.ok) return targets;
  const [target] = targets.value;
  if (target === undefined || targets.value.length > 1) {
    return bad("bad-refer-to", "expected one Refer-To", 0, "RFC 3515 §2.4.2");
  }
  const address = parseReferTo(flat(target));
  if (!address.ok) return address;
  //= RFC 3515 §2.4.2
  //# A UA not capable of accessing non-SIP URIs SHOULD NOT accept REFER requests to them.
  const uri = parseSipUri(address.value.uri);
  if (!uri.ok) return uri;
  const asked = invitationIn(uri.value, requestOfUri);
  if (!asked.ok) {
    const { code, message, offset, source } = asked.error;
    return code === "bad-uri" ? asked : bad(code, message, offset, source, 603);
  }
  const reports = readHeader(request, "Refer-Sub", parseReferSub);
  if (!reports.ok) return reports;
  //= RFC 3892 §2.1
  //# A REFER request MUST NOT contain more than one Referred-By header field value.
  const by = readHeader(request, "Referred-By", parseReferredBy);
  if (!by.ok) return by;
  //= RFC 3892 §2.2
  //# A UA accepting a REFER request (a referee) to a SIP URI (using either the sip: or sips:
  //# scheme) MUST copy any Referred-By header field value and token into the referenced request
  //# without modification.
  const [line] = headerLines(request, "Referred-By");
  return ok({
    target: flat(address.value.uri),
    referredBy: line === undefined ? undefined : flat(line),
    reports: reports.value?.wanted ?? true,
  });
}
