/** Supported. RFC 3261 §20.37. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { formatTokensOrNone, parseTokensOrNone } from "./token.ts";

/**
 * `Supported = ( "Supported" / "k" ) HCOLON [option-tag *(COMMA option-tag)]`.
 * RFC 3261 §20.37. Errors: `bad-header` (400).
 */
export const parseSupported = (octets: Octets): Result<readonly string[]> =>
  parseTokensOrNone(octets, "RFC 3261 §20.37");

/**
 * An empty list is an empty value: no extension at all. Throws a RangeError on what is no token.
 */
export const formatSupported = (optionTags: readonly string[]): Octets =>
  formatTokensOrNone(optionTags);
