/** Proxy-Require. RFC 3261 §20.29. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { formatTokens, parseTokens } from "./token.ts";

/**
 * `Proxy-Require = "Proxy-Require" HCOLON option-tag *(COMMA option-tag)`.
 * RFC 3261 §20.29. Errors: `bad-header` (400).
 */
export const parseProxyRequire = (octets: Octets): Result<readonly string[]> =>
  parseTokens(octets, "RFC 3261 §20.29");

/** Throws a RangeError on an empty list and on what is no token. */
export const formatProxyRequire = (optionTags: readonly string[]): Octets =>
  formatTokens(optionTags);
