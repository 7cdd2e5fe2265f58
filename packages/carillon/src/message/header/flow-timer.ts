/** Flow-Timer. RFC 5626 §10. */
import { MAX_EXPIRES } from "../../grammar/limits.ts";
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { formatCount, parseCount } from "./count.ts";

/**
 * `Flow-Timer = "Flow-Timer" HCOLON 1*DIGIT`. Seconds, 0 to 2**32 - 1.
 * RFC 5626 §10. Errors: `bad-header` (400).
 */
export const parseFlowTimer = (octets: Octets): Result<number> =>
  parseCount(octets, "RFC 5626 §10", MAX_EXPIRES);

/** Throws a RangeError on what is not a whole number of seconds from 0 to 2**32 - 1. */
export const formatFlowTimer = (seconds: number): Octets => formatCount(seconds, MAX_EXPIRES);
