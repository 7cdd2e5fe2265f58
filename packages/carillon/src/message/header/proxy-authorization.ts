/** Proxy-Authorization. RFC 3261 §20.28. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { type AuthValue, formatAuthValue, parseAuthValue } from "./auth-value.ts";

/**
 * `Proxy-Authorization = "Proxy-Authorization" HCOLON credentials`.
 * RFC 3261 §20.28. Errors: `bad-header` (400).
 */
export const parseProxyAuthorization = (octets: Octets): Result<AuthValue> =>
  parseAuthValue(octets, "RFC 3261 §20.28");

/**
 * Quotes around all values but `algorithm`, `qop` and `nc`. Throws a RangeError on what cannot
 * stand there: a line end, a name that is no token.
 */
export const formatProxyAuthorization = (value: AuthValue): Octets =>
  formatAuthValue(value, ["algorithm", "qop", "nc"]);
