/** AlertMsg-Error. RFC 8876 §5.2. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { type CodedError, formatCodedError, parseCodedError } from "./coded-error.ts";

/**
 * `AlertMsg-Error = "AlertMsg-Error" HCOLON ErrorValue` where `ErrorValue = error-code *(SEMI
 * error-params)`; the text is its parameter `message`.
 * RFC 8876 §5.2. Errors: `bad-header` (400).
 */
export const parseAlertMsgError = (octets: Octets): Result<CodedError> =>
  parseCodedError(octets, "message", "RFC 8876 §5.2");

/**
 * Throws a RangeError on a code that is not from 0 to 999, and on `message` among the parameters.
 */
export const formatAlertMsgError = (error: CodedError): Octets =>
  formatCodedError(error, "message");
