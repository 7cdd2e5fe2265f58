/** Accept-Encoding. RFC 3261 §20.2. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { formatTokenParamsList, parseTokenParamsList, type TokenParams } from "./token-params.ts";

/**
 * `Accept-Encoding = "Accept-Encoding" HCOLON [ encoding *(COMMA encoding) ]` where `encoding =
 * codings *(SEMI accept-param)`; none at all is all right.
 * RFC 3261 §20.2. Errors: `bad-header` (400).
 */
export const parseAcceptEncoding = (octets: Octets): Result<readonly TokenParams[]> =>
  parseTokenParamsList(octets, "RFC 3261 §20.2");

/**
 * An empty list is an empty value, which stands for `identity`. Throws a RangeError on no token.
 */
export const formatAcceptEncoding = (values: readonly TokenParams[]): Octets =>
  formatTokenParamsList(values);
