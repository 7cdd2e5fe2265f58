/** Geolocation. RFC 6442 §4.1. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { formatUriParams, parseUriParams, type UriParams } from "./uri-params.ts";

/**
 * `Geolocation-header = "Geolocation" HCOLON locationValue *( COMMA locationValue )` where
 * `locationValue = LAQUOT locationURI RAQUOT *(SEMI geoloc-param)`; `loc-src` of RFC 8787 is among
 * the parameters.
 * RFC 6442 §4.1. Errors: `bad-header` (400).
 */
export const parseGeolocation = (octets: Octets): Result<readonly UriParams[]> =>
  parseUriParams(octets, "RFC 6442 §4.1");

/** `<uri>;params`, between commas. Throws a RangeError on an empty list and on what is no URI. */
export const formatGeolocation = (values: readonly UriParams[]): Octets => formatUriParams(values);
