/** Content-Encoding. RFC 3261 §20.12. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { formatTokens, parseTokens } from "./token.ts";

/**
 * `Content-Encoding = ( "Content-Encoding" / "e" ) HCOLON content-coding *(COMMA
 * content-coding)`
 */
export const parseContentEncoding = (octets: Octets): Result<readonly string[]> =>
  parseTokens(octets, "RFC 3261 §20.12");
export const formatContentEncoding = (codings: readonly string[]): Octets => formatTokens(codings);
