/** Min-SE. RFC 4028 §5. */
import { MAX_EXPIRES } from "../../grammar/limits.ts";
import type { Octets } from "../../grammar/octets.ts";
import { formatParams, type Params } from "../../grammar/params.ts";
import type { Result } from "../../grammar/result.ts";
import { formatCount } from "./count.ts";
import { parseSeconds } from "./session-expires.ts";

export interface MinSe {
  readonly seconds: number;
  readonly params: Params;
}

/** `Min-SE = "Min-SE" HCOLON delta-seconds *(SEMI generic-param)` */
export const parseMinSe = (octets: Octets): Result<MinSe> => parseSeconds(octets, "RFC 4028 §5");
export const formatMinSe = ({ seconds, params }: MinSe): Octets =>
  formatCount(seconds, MAX_EXPIRES) + formatParams(params);
