/** Max-Forwards. RFC 3261 §20.22. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { formatCount, parseCount } from "./count.ts";

//= RFC 3261 §20.22
//# The Max-Forwards value is an integer in the range 0-255 indicating the remaining number of
//# times this request message is allowed to be forwarded.
/**
 * `Max-Forwards = "Max-Forwards" HCOLON 1*DIGIT`. Hops, 0 to 255.
 * RFC 3261 §20.22. Errors: `bad-header` (400).
 */
export const parseMaxForwards = (octets: Octets): Result<number> =>
  parseCount(octets, "RFC 3261 §20.22", 255);

/** Throws a RangeError on what is not a whole number from 0 to 255. */
export const formatMaxForwards = (hops: number): Octets => formatCount(hops, 255);
