/** Content-Encoding. RFC 3261 §20.12. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { formatTokens, parseTokens } from "./token.ts";

//= RFC 3261 §20.12
//# If multiple encodings have been applied to an entity-body, the content codings MUST be listed in
//# the order in which they were applied.
/**
 * The codings in the order in which they were applied.
 *
 * `Content-Encoding = ( "Content-Encoding" / "e" ) HCOLON content-coding *(COMMA content-coding)`.
 * RFC 3261 §20.12. Errors: `bad-header` (400).
 */
export const parseContentEncoding = (octets: Octets): Result<readonly string[]> =>
  parseTokens(octets, "RFC 3261 §20.12");

/** Throws a RangeError on an empty list and on what is no token. */
export const formatContentEncoding = (codings: readonly string[]): Octets => formatTokens(codings);
