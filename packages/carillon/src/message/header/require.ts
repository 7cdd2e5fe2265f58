/** Require. RFC 3261 §20.32. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { formatTokens, parseTokens } from "./token.ts";

/**
 * `Require = "Require" HCOLON option-tag *(COMMA option-tag)`.
 * RFC 3261 §20.32. Errors: `bad-header` (400).
 */
export const parseRequire = (octets: Octets): Result<readonly string[]> =>
  parseTokens(octets, "RFC 3261 §20.32");

/** Throws a RangeError on an empty list and on what is no token. */
export const formatRequire = (optionTags: readonly string[]): Octets => formatTokens(optionTags);
