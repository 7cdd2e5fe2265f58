/** Date. RFC 3261 §20.17. */
import { trimmed } from "../../grammar/chars.ts";
import type { Octets } from "../../grammar/octets.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { formatSipDate, readSipDate } from "../../grammar/sip-date.ts";
import { badHeader } from "./header-error.ts";

/**
 * Milliseconds since the Unix epoch, whole seconds. `Date = "Date" HCOLON SIP-date`.
 * RFC 3261 §20.17. Errors: `bad-header` (400).
 */
export function parseDate(octets: Octets): Result<number> {
  const dateMs = readSipDate(trimmed(octets, 0, octets.length));
  if (dateMs !== undefined) return ok(dateMs);
  return badHeader('expected "Sat, 13 Nov 2010 23:29:00 GMT"', 0, "RFC 3261 §20.17");
}

/**
 * Milliseconds since the Unix epoch, parts of a second cut off. Throws a RangeError outside of the
 * years 0 to 9999.
 */
export const formatDate = (dateMs: number): Octets => formatSipDate(dateMs);
