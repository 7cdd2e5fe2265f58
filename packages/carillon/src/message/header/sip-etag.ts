/** SIP-ETag. RFC 3903 §11.3.1. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { formatToken, parseToken } from "./token.ts";

/** `SIP-ETag = "SIP-ETag" HCOLON entity-tag`. RFC 3903 §11.3.1. Errors: `bad-header` (400). */
export const parseSipETag = (octets: Octets): Result<string> =>
  parseToken(octets, "RFC 3903 §11.3.1");

/** Throws a RangeError on what is no token. */
export const formatSipETag = (entityTag: string): Octets => formatToken(entityTag);
