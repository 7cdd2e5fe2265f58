/** Geolocation-Error. RFC 6442 §4.4. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { type CodedError, formatCodedError, parseCodedError } from "./coded-error.ts";

/**
 * `Geolocation-Error = "Geolocation-Error" HCOLON locationErrorValue` where `locationErrorValue =
 * location-error-code *(SEMI location-error-params)`; the text is its parameter `code`.
 * RFC 6442 §4.4. Errors: `bad-header` (400).
 */
export const parseGeolocationError = (octets: Octets): Result<CodedError> =>
  parseCodedError(octets, "code", "RFC 6442 §4.4");

/** Throws a RangeError on a code that is not from 0 to 999, and on `code` among the parameters. */
export const formatGeolocationError = (error: CodedError): Octets =>
  formatCodedError(error, "code");
