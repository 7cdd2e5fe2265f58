/** Route. RFC 3261 §20.34. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import type { NameAddr } from "../../uri/name-addr.ts";
import { formatAddresses, parseBracketed } from "./address.ts";

/**
 * `Route = "Route" HCOLON route-param *(COMMA route-param)` where `route-param = name-addr *( SEMI
 * rr-param )`.
 * RFC 3261 §20.34. Errors (400): `bad-header`, `bad-address`.
 */
export const parseRoute = (octets: Octets): Result<readonly NameAddr[]> =>
  parseBracketed(octets, "RFC 3261 §20.34");

/** Always with brackets. Throws a RangeError on an empty list and on what is no URI. */
export const formatRoute = (addresses: readonly NameAddr[]): Octets => formatAddresses(addresses);
