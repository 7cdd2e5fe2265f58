/** Reply-To. RFC 3261 §20.31. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { formatNameAddr, type NameAddr, parseNameAddr } from "../../uri/name-addr.ts";

/** `Reply-To = "Reply-To" HCOLON rplyto-spec`. RFC 3261 §20.31. Errors: `bad-address` (400). */
export const parseReplyTo = (octets: Octets): Result<NameAddr> => parseNameAddr(octets);

/** Always with brackets. Throws a RangeError on what is no URI. */
export const formatReplyTo = (address: NameAddr): Octets => formatNameAddr(address);
