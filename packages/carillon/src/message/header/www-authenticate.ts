/** WWW-Authenticate. RFC 3261 §20.44. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { type AuthValue, formatAuthValue, parseAuthValue } from "./auth-value.ts";

/**
 * `WWW-Authenticate = "WWW-Authenticate" HCOLON challenge`.
 * RFC 3261 §20.44. Errors: `bad-header` (400).
 */
export const parseWwwAuthenticate = (octets: Octets): Result<AuthValue> =>
  parseAuthValue(octets, "RFC 3261 §20.44");

/**
 * Quotes around all values but `stale` and `algorithm`. Throws a RangeError on what cannot stand
 * there: a line end, a name that is no token.
 */
export const formatWwwAuthenticate = (value: AuthValue): Octets =>
  formatAuthValue(value, ["stale", "algorithm"]);
