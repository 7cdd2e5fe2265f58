/** Proxy-Authenticate. RFC 3261 §20.27. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { type AuthValue, formatAuthValue, parseAuthValue } from "./auth-value.ts";

/**
 * `Proxy-Authenticate = "Proxy-Authenticate" HCOLON challenge`.
 * RFC 3261 §20.27. Errors: `bad-header` (400).
 */
export const parseProxyAuthenticate = (octets: Octets): Result<AuthValue> =>
  parseAuthValue(octets, "RFC 3261 §20.27");

/**
 * Quotes around all values but `stale` and `algorithm`. Throws a RangeError on what cannot stand
 * there: a line end, a name that is no token.
 */
export const formatProxyAuthenticate = (value: AuthValue): Octets =>
  formatAuthValue(value, ["stale", "algorithm"]);
