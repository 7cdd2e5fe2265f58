/** Service-Route. RFC 3608 §5. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import type { NameAddr } from "../../uri/name-addr.ts";
import { formatAddresses, parseBracketed } from "./address.ts";

/**
 * `Service-Route = "Service-Route" HCOLON sr-value *( COMMA sr-value)` where `sr-value = name-addr
 * *( SEMI rr-param )`.
 * RFC 3608 §5. Errors (400): `bad-header`, `bad-address`.
 */
export const parseServiceRoute = (octets: Octets): Result<readonly NameAddr[]> =>
  parseBracketed(octets, "RFC 3608 §5");

/** Always with brackets. Throws a RangeError on an empty list and on what is no URI. */
export const formatServiceRoute = (addresses: readonly NameAddr[]): Octets =>
  formatAddresses(addresses);
