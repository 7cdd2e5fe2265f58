/** P-Asserted-Identity. RFC 3325 §9.1. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import type { NameAddr } from "../../uri/name-addr.ts";
import { parseAddresses } from "./address.ts";
import { formatIdentities } from "./identities.ts";

/**
 * `PAssertedID = "P-Asserted-Identity" HCOLON PAssertedID-value *(COMMA PAssertedID-value)`.
 * RFC 3325 §9.1. Errors (400): `bad-header`, `bad-address`.
 */
export const parsePAssertedIdentity = (octets: Octets): Result<readonly NameAddr[]> =>
  parseAddresses(octets, "RFC 3325 §9.1");

/**
 * A sip, sips or tel URI, or one of each kind. Throws a RangeError on any other set. RFC 3325 §9.1.
 */
export const formatPAssertedIdentity = (addresses: readonly NameAddr[]): Octets =>
  formatIdentities(addresses);
