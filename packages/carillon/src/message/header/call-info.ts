/** Call-Info. RFC 3261 §20.9. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { formatUriParams, parseUriParams, type UriParams } from "./uri-params.ts";

/**
 * `Call-Info = "Call-Info" HCOLON info *(COMMA info)` with `purpose` among the parameters.
 * RFC 3261 §20.9. Errors: `bad-header` (400).
 */
export const parseCallInfo = (octets: Octets): Result<readonly UriParams[]> =>
  parseUriParams(octets, "RFC 3261 §20.9");

/** `<uri>;params`, between commas. Throws a RangeError on an empty list and on what is no URI. */
export const formatCallInfo = (values: readonly UriParams[]): Octets => formatUriParams(values);
