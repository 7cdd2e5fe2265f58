/** Content-Length. RFC 3261 §20.14. */
import { MAX_MESSAGE } from "../../grammar/limits.ts";
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { formatCount, parseCount } from "./count.ts";

/**
 * `Content-Length = ( "Content-Length" / "l" ) HCOLON 1*DIGIT`. Octets, 0 to 65535.
 * RFC 3261 §20.14. Errors: `bad-header` (400).
 */
export const parseContentLength = (octets: Octets): Result<number> =>
  parseCount(octets, "RFC 3261 §20.14", MAX_MESSAGE);

/** Throws a RangeError on what is not a whole number of octets from 0 to 65535. */
export const formatContentLength = (octets: number): Octets => formatCount(octets, MAX_MESSAGE);
