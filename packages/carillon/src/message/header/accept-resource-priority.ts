/** Accept-Resource-Priority. RFC 4412 §3.2. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { formatListOrNone, parseListOrNone } from "./list.ts";
import { formatResourceValue, type ResourceValue, readResourceValue } from "./resource-priority.ts";

/**
 * `"Accept-Resource-Priority" HCOLON [r-value *(COMMA r-value)]`.
 * RFC 4412 §3.2. Errors: `bad-header` (400).
 */
export const parseAcceptResourcePriority = (octets: Octets): Result<readonly ResourceValue[]> =>
  parseListOrNone(octets, "RFC 4412 §3.2", readResourceValue);

/** An empty list is an empty value. Throws a RangeError on what is no token, and on a dot in it. */
export const formatAcceptResourcePriority = (values: readonly ResourceValue[]): Octets =>
  formatListOrNone(values, formatResourceValue);
