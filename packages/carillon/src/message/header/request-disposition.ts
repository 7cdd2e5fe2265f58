/** Request-Disposition. RFC 3841 §9.1. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { formatTokens, parseTokens } from "./token.ts";

/**
 * `Request-Disposition = ( "Request-Disposition" / "d" ) HCOLON directive *(COMMA directive)`.
 * RFC 3841 §9.1. Errors: `bad-header` (400).
 */
export const parseRequestDisposition = (octets: Octets): Result<readonly string[]> =>
  parseTokens(octets, "RFC 3841 §9.1");

/** Throws a RangeError on an empty list and on what is no token. */
export const formatRequestDisposition = (directives: readonly string[]): Octets =>
  formatTokens(directives);
