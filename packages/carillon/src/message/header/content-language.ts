/** Content-Language. RFC 3261 §20.13. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { formatTokens, parseTokens } from "./token.ts";

/**
 * `Content-Language = "Content-Language" HCOLON language-tag *(COMMA language-tag)`.
 * RFC 3261 §20.13. Errors: `bad-header` (400).
 */
export const parseContentLanguage = (octets: Octets): Result<readonly string[]> =>
  parseTokens(octets, "RFC 3261 §20.13");

/** Throws a RangeError on an empty list and on what is no token. */
export const formatContentLanguage = (languages: readonly string[]): Octets =>
  formatTokens(languages);
