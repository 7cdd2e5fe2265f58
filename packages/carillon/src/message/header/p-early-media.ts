/** P-Early-Media. RFC 5009 §9. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { formatTokensOrNone, parseTokensOrNone } from "./token.ts";

/**
 * `P-Early-Media = "P-Early-Media" HCOLON [ em-param *(COMMA em-param) ]` with `em-param =
 * "sendrecv" / "sendonly" / "recvonly" / "inactive" / "gated" / "supported" / token`.
 * RFC 5009 §9. Errors: `bad-header` (400).
 */
export const parsePEarlyMedia = (octets: Octets): Result<readonly string[]> =>
  parseTokensOrNone(octets, "RFC 5009 §9");

/** An empty list is an empty value. Throws a RangeError on what is no token. */
export const formatPEarlyMedia = (values: readonly string[]): Octets => formatTokensOrNone(values);
