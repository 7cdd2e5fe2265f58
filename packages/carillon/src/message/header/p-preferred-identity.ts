/** P-Preferred-Identity. RFC 3325 §9.2. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import type { NameAddr } from "../../uri/name-addr.ts";
import { parseAddresses } from "./address.ts";
import { formatIdentities } from "./identities.ts";

/**
 * `PPreferredID = "P-Preferred-Identity" HCOLON PPreferredID-value *(COMMA PPreferredID-value)`.
 * RFC 3325 §9.2. Errors (400): `bad-header`, `bad-address`.
 */
export const parsePPreferredIdentity = (octets: Octets): Result<readonly NameAddr[]> =>
  parseAddresses(octets, "RFC 3325 §9.2");

/**
 * A sip, sips or tel URI, or one of each kind. Throws a RangeError on any other set. RFC 3325 §9.2.
 */
export const formatPPreferredIdentity = (addresses: readonly NameAddr[]): Octets =>
  formatIdentities(addresses);
