/** Expires. RFC 3261 §20.19. */
import { MAX_EXPIRES } from "../../grammar/limits.ts";
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { formatCount, parseCount } from "./count.ts";

//= RFC 3261 §20.19
//# The value of this field is an integral number of seconds (in decimal) between 0 and (2**32)-1,
//# measured from the receipt of the request.
/**
 * `Expires = "Expires" HCOLON delta-seconds`. Seconds, 0 to 2**32 - 1.
 * RFC 3261 §20.19. Errors: `bad-header` (400).
 */
export const parseExpires = (octets: Octets): Result<number> =>
  parseCount(octets, "RFC 3261 §20.19", MAX_EXPIRES);

/** Throws a RangeError on what is not a whole number of seconds from 0 to 2**32 - 1. */
export const formatExpires = (seconds: number): Octets => formatCount(seconds, MAX_EXPIRES);
