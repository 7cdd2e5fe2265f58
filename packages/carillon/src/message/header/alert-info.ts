/** Alert-Info. RFC 3261 §20.4. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { formatUriParams, parseUriParams, type UriParams } from "./uri-params.ts";

/**
 * `Alert-Info = "Alert-Info" HCOLON alert-param *(COMMA alert-param)`.
 * RFC 3261 §20.4. Errors: `bad-header` (400).
 */
export const parseAlertInfo = (octets: Octets): Result<readonly UriParams[]> =>
  parseUriParams(octets, "RFC 3261 §20.4");

/** `<uri>;params`, between commas. Throws a RangeError on an empty list and on what is no URI. */
export const formatAlertInfo = (values: readonly UriParams[]): Octets => formatUriParams(values);
