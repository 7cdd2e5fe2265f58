/** Priority. RFC 3261 §20.26. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { formatToken, parseToken } from "./token.ts";

/**
 * `Priority = "Priority" HCOLON priority-value`. `emergency`, `urgent`, `normal`, `non-urgent` or
 * another, as written.
 * RFC 3261 §20.26. Errors: `bad-header` (400).
 */
export const parsePriority = (octets: Octets): Result<string> =>
  parseToken(octets, "RFC 3261 §20.26");

/** Throws a RangeError on what is no token. */
export const formatPriority = (priority: string): Octets => formatToken(priority);
