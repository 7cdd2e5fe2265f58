/** Accept-Language. RFC 3261 §20.3. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { formatTokenParamsList, parseTokenParamsList, type TokenParams } from "./token-params.ts";

/**
 * `Accept-Language = "Accept-Language" HCOLON [ language *(COMMA language) ]`.
 * RFC 3261 §20.3. Errors: `bad-header` (400).
 */
export const parseAcceptLanguage = (octets: Octets): Result<readonly TokenParams[]> =>
  parseTokenParamsList(octets, "RFC 3261 §20.3");

/** An empty list is an empty value. Throws a RangeError on what is no token. */
export const formatAcceptLanguage = (values: readonly TokenParams[]): Octets =>
  formatTokenParamsList(values);
