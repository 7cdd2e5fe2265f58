/** Error-Info. RFC 3261 §20.18. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { formatUriParams, parseUriParams, type UriParams } from "./uri-params.ts";

/**
 * `Error-Info = "Error-Info" HCOLON error-uri *(COMMA error-uri)`.
 * RFC 3261 §20.18. Errors: `bad-header` (400).
 */
export const parseErrorInfo = (octets: Octets): Result<readonly UriParams[]> =>
  parseUriParams(octets, "RFC 3261 §20.18");

/** `<uri>;params`, between commas. Throws a RangeError on an empty list and on what is no URI. */
export const formatErrorInfo = (values: readonly UriParams[]): Octets => formatUriParams(values);
