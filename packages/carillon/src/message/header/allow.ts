/** Allow. RFC 3261 §20.5. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { formatTokensOrNone, parseTokensOrNone } from "./token.ts";

/**
 * `Allow = "Allow" HCOLON [Method *(COMMA Method)]`.
 * RFC 3261 §20.5. Errors: `bad-header` (400).
 */
export const parseAllow = (octets: Octets): Result<readonly string[]> =>
  parseTokensOrNone(octets, "RFC 3261 §20.5");

/** An empty list is an empty value: no method at all. Throws a RangeError on what is no token. */
export const formatAllow = (methods: readonly string[]): Octets => formatTokensOrNone(methods);
