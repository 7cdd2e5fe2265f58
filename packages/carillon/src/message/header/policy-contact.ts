/** Policy-Contact: where the policy server of a domain is. RFC 6794. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { formatUriParams, parseUriParams, type UriParams } from "./uri-params.ts";

/**
 * URIs in brackets between commas, `non-cacheable` and `alt-uri` among their parameters.
 * RFC 6794. Errors: `bad-header` (400).
 */
export const parsePolicyContact = (octets: Octets): Result<readonly UriParams[]> =>
  parseUriParams(octets, "RFC 6794");

/** `<uri>;params`, between commas. Throws a RangeError on an empty list and on what is no URI. */
export const formatPolicyContact = (values: readonly UriParams[]): Octets =>
  formatUriParams(values);
