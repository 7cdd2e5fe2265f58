/** Min-Expires. RFC 3261 §20.23. */
import { MAX_EXPIRES } from "../../grammar/limits.ts";
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { formatCount, parseCount } from "./count.ts";

/**
 * `Min-Expires = "Min-Expires" HCOLON delta-seconds`. Seconds, 0 to 2**32 - 1.
 * RFC 3261 §20.23. Errors: `bad-header` (400).
 */
export const parseMinExpires = (octets: Octets): Result<number> =>
  parseCount(octets, "RFC 3261 §20.23", MAX_EXPIRES);

/** Throws a RangeError on what is not a whole number of seconds from 0 to 2**32 - 1. */
export const formatMinExpires = (seconds: number): Octets => formatCount(seconds, MAX_EXPIRES);
