/** Recv-Info. RFC 6086 §7.3. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { formatTokenParamsList, parseTokenParamsList, type TokenParams } from "./token-params.ts";

/**
 * `Recv-Info = "Recv-Info" HCOLON [Info-package-list]`.
 * RFC 6086 §7.3. Errors: `bad-header` (400).
 */
export const parseRecvInfo = (octets: Octets): Result<readonly TokenParams[]> =>
  parseTokenParamsList(octets, "RFC 6086 §7.3");

/**
 * An empty list is an empty value: no package is wanted. Throws a RangeError on what is no token.
 */
export const formatRecvInfo = (values: readonly TokenParams[]): Octets =>
  formatTokenParamsList(values);
