/** Allow-Events. RFC 6665 §8.2.2. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { formatTokens, parseTokens } from "./token.ts";

/**
 * `Allow-Events = ( "Allow-Events" / "u" ) HCOLON event-type *(COMMA event-type)`.
 * RFC 6665 §8.2.2. Errors: `bad-header` (400).
 */
export const parseAllowEvents = (octets: Octets): Result<readonly string[]> =>
  parseTokens(octets, "RFC 6665 §8.2.2");

/** Throws a RangeError on an empty list and on what is no token. */
export const formatAllowEvents = (eventTypes: readonly string[]): Octets =>
  formatTokens(eventTypes);
