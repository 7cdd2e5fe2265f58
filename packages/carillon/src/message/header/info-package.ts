/** Info-Package. RFC 6086 §7.2. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { formatTokenParams, parseTokenParams, type TokenParams } from "./token-params.ts";

/**
 * `Info-Package = "Info-Package" HCOLON Info-package-type`.
 * RFC 6086 §7.2. Errors: `bad-header` (400).
 */
export const parseInfoPackage = (octets: Octets): Result<TokenParams> =>
  parseTokenParams(octets, "RFC 6086 §7.2");

/** `package;params`. Throws a RangeError on what is no token. */
export const formatInfoPackage = (value: TokenParams): Octets => formatTokenParams(value);
