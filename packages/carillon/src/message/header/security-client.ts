/** Security-Client. RFC 3329 §2.2. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { formatSomeTokenParams, parseSomeTokenParams, type TokenParams } from "./token-params.ts";

/**
 * `security-client = "Security-Client" HCOLON sec-mechanism *(COMMA sec-mechanism)` where
 * `sec-mechanism = mechanism-name *(SEMI mech-parameters)`.
 * RFC 3329 §2.2. Errors: `bad-header` (400).
 */
export const parseSecurityClient = (octets: Octets): Result<readonly TokenParams[]> =>
  parseSomeTokenParams(octets, "RFC 3329 §2.2");

/**
 * `mechanism;params`, between commas. Throws a RangeError on an empty list and on what is no token.
 */
export const formatSecurityClient = (mechanisms: readonly TokenParams[]): Octets =>
  formatSomeTokenParams(mechanisms);
