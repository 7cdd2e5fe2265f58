/** Permission-Missing. RFC 5360 §5.9.3. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import type { NameAddr } from "../../uri/name-addr.ts";
import { formatAddresses, parseAddresses } from "./address.ts";

/**
 * Of whom the relay has no permission.
 *
 * `Permission-Missing = "Permission-Missing" HCOLON per-miss-spec *( COMMA per-miss-spec )`.
 * RFC 5360 §5.9.3. Errors (400): `bad-header`, `bad-address`.
 */
export const parsePermissionMissing = (octets: Octets): Result<readonly NameAddr[]> =>
  parseAddresses(octets, "RFC 5360 §5.9.3");

/** Always with brackets. Throws a RangeError on an empty list and on what is no URI. */
export const formatPermissionMissing = (addresses: readonly NameAddr[]): Octets =>
  formatAddresses(addresses);
