/** To. RFC 3261 §20.39. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { formatNameAddr, type NameAddr, parseNameAddr } from "../../uri/name-addr.ts";

/**
 * `To = ( "To" / "t" ) HCOLON ( name-addr / addr-spec ) *( SEMI to-param )`.
 * RFC 3261 §20.39. Errors: `bad-address` (400).
 */
export const parseTo = (octets: Octets): Result<NameAddr> => parseNameAddr(octets);

/** Always with brackets. Throws a RangeError on what is no URI. */
export const formatTo = (address: NameAddr): Octets => formatNameAddr(address);
