/** Path. RFC 3327 §4. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import type { NameAddr } from "../../uri/name-addr.ts";
import { formatAddresses, parseBracketed } from "./address.ts";

/**
 * `Path = "Path" HCOLON path-value *( COMMA path-value )` where `path-value = name-addr *( SEMI
 * rr-param )`.
 * RFC 3327 §4. Errors (400): `bad-header`, `bad-address`.
 */
export const parsePath = (octets: Octets): Result<readonly NameAddr[]> =>
  parseBracketed(octets, "RFC 3327 §4");

/** Always with brackets. Throws a RangeError on an empty list and on what is no URI. */
export const formatPath = (addresses: readonly NameAddr[]): Octets => formatAddresses(addresses);
