/** SIP-If-Match. RFC 3903 §11.3.2. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { formatToken, parseToken } from "./token.ts";

/**
 * `SIP-If-Match = "SIP-If-Match" HCOLON entity-tag`.
 * RFC 3903 §11.3.2. Errors: `bad-header` (400).
 */
export const parseSipIfMatch = (octets: Octets): Result<string> =>
  parseToken(octets, "RFC 3903 §11.3.2");

/** Throws a RangeError on what is no token. */
export const formatSipIfMatch = (entityTag: string): Octets => formatToken(entityTag);
