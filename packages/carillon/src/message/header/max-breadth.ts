/** Max-Breadth. RFC 5393 §5.8. */
import { MAX_EXPIRES } from "../../grammar/limits.ts";
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { formatCount, parseCount } from "./count.ts";

/**
 * `Max-Breadth = "Max-Breadth" HCOLON 1*DIGIT`. 0 to 2**32 - 1.
 * RFC 5393 §5.8. Errors: `bad-header` (400).
 */
export const parseMaxBreadth = (octets: Octets): Result<number> =>
  parseCount(octets, "RFC 5393 §5.8", MAX_EXPIRES);

/** Throws a RangeError on what is not a whole number from 0 to 2**32 - 1. */
export const formatMaxBreadth = (breadth: number): Octets => formatCount(breadth, MAX_EXPIRES);
