/** Content-Disposition. RFC 3261 §20.11. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { formatTokenParams, parseTokenParams, type TokenParams } from "./token-params.ts";

/**
 * `Content-Disposition = "Content-Disposition" HCOLON disp-type *( SEMI disp-param )`.
 * RFC 3261 §20.11. Errors: `bad-header` (400).
 */
export const parseContentDisposition = (octets: Octets): Result<TokenParams> =>
  parseTokenParams(octets, "RFC 3261 §20.11");

/** `type;params`. Throws a RangeError on what is no token. */
export const formatContentDisposition = (value: TokenParams): Octets => formatTokenParams(value);
