/** Unsupported. RFC 3261 §20.40. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { formatTokens, parseTokens } from "./token.ts";

/**
 * `Unsupported = "Unsupported" HCOLON option-tag *(COMMA option-tag)`.
 * RFC 3261 §20.40. Errors: `bad-header` (400).
 */
export const parseUnsupported = (octets: Octets): Result<readonly string[]> =>
  parseTokens(octets, "RFC 3261 §20.40");

/** Throws a RangeError on an empty list and on what is no token. */
export const formatUnsupported = (optionTags: readonly string[]): Octets =>
  formatTokens(optionTags);
