/** Authorization. RFC 3261 §20.7. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { type AuthValue, formatAuthValue, parseAuthValue } from "./auth-value.ts";

/**
 * `Authorization = "Authorization" HCOLON credentials`.
 * RFC 3261 §20.7. Errors: `bad-header` (400).
 */
export const parseAuthorization = (octets: Octets): Result<AuthValue> =>
  parseAuthValue(octets, "RFC 3261 §20.7");

/**
 * Quotes around all values but `algorithm`, `qop` and `nc`. Throws a RangeError on what cannot
 * stand there: a line end, a name that is no token.
 */
export const formatAuthorization = (value: AuthValue): Octets =>
  formatAuthValue(value, ["algorithm", "qop", "nc"]);
