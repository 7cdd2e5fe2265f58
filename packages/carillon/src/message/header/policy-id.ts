/** Policy-ID: the policy servers that have been asked, and what each answered with. RFC 6794. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import type { NameAddr } from "../../uri/name-addr.ts";
import { formatAddresses, parseAddresses } from "./address.ts";

/**
 * URIs between commas, in brackets or not, each with a `token` among its parameters.
 * RFC 6794. Errors (400): `bad-header`, `bad-address`.
 */
export const parsePolicyId = (octets: Octets): Result<readonly NameAddr[]> =>
  parseAddresses(octets, "RFC 6794");

/** Always with brackets. Throws a RangeError on an empty list and on what is no URI. */
export const formatPolicyId = (addresses: readonly NameAddr[]): Octets =>
  formatAddresses(addresses);
