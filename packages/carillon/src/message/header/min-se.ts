/** Min-SE. RFC 4028 §5. */
import { MAX_EXPIRES } from "../../grammar/limits.ts";
import type { Octets } from "../../grammar/octets.ts";
import { formatParams, type Params } from "../../grammar/params.ts";
import type { Result } from "../../grammar/result.ts";
import { formatCount } from "./count.ts";
import { parseSeconds } from "./session-expires.ts";

/** The shortest session interval that is accepted. RFC 4028 §5. */
export interface MinSe {
  /** 0 to 2**32 - 1; RFC 4028 §5 wants 90 at least, which is for the reader to check. */
  readonly seconds: number;
  /** All there are: none has a field of its own. */
  readonly params: Params;
}

/**
 * `Min-SE = "Min-SE" HCOLON delta-seconds *(SEMI generic-param)`.
 * RFC 4028 §5. Errors: `bad-header` (400).
 */
export const parseMinSe = (octets: Octets): Result<MinSe> => parseSeconds(octets, "RFC 4028 §5");

/** Throws a RangeError on what is not a whole number of seconds from 0 to 2**32 - 1. */
export const formatMinSe = ({ seconds, params }: MinSe): Octets =>
  formatCount(seconds, MAX_EXPIRES) + formatParams(params);
