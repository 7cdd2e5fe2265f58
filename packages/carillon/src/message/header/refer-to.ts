/** Refer-To. RFC 3515 §2.1. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { formatNameAddr, type NameAddr, parseNameAddr } from "../../uri/name-addr.ts";

/**
 * `Refer-To = ("Refer-To" / "r") HCOLON ( name-addr / addr-spec ) * (SEMI generic-param)`.
 * RFC 3515 §2.1. Errors: `bad-address` (400).
 */
export const parseReferTo = (octets: Octets): Result<NameAddr> => parseNameAddr(octets);

/** Always with brackets. Throws a RangeError on what is no URI. */
export const formatReferTo = (address: NameAddr): Octets => formatNameAddr(address);
