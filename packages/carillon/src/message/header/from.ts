/** From. RFC 3261 §20.20. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { formatNameAddr, type NameAddr, parseNameAddr } from "../../uri/name-addr.ts";

/**
 * `From = ( "From" / "f" ) HCOLON from-spec`, with `tag` among the parameters.
 * RFC 3261 §20.20. Errors: `bad-address` (400).
 */
export const parseFrom = (octets: Octets): Result<NameAddr> => parseNameAddr(octets);

/** Always with brackets. Throws a RangeError on what is no URI. */
export const formatFrom = (address: NameAddr): Octets => formatNameAddr(address);
