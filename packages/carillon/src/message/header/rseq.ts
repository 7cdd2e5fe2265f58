/** RSeq. RFC 3262 §7.1. */
import { MAX_RSEQ } from "../../grammar/limits.ts";
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { formatCount, parseCount } from "./count.ts";

//= RFC 3262 §7.1
//# It contains a single numeric value from 1 to 2**32 - 1.
/**
 * `RSeq = "RSeq" HCOLON response-num`. 1 to 2**32 - 1.
 * RFC 3262 §7.1. Errors: `bad-header` (400).
 */
export const parseRSeq = (octets: Octets): Result<number> =>
  parseCount(octets, "RFC 3262 §7.1", MAX_RSEQ, 1);

/** Throws a RangeError on what is not a whole number from 1 to 2**32 - 1. */
export const formatRSeq = (number: number): Octets => formatCount(number, MAX_RSEQ, 1);
