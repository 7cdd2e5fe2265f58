/** Refer-Sub. RFC 4488 §4. */
import type { Octets } from "../../grammar/octets.ts";
import { formatParams, type Params } from "../../grammar/params.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { badHeader } from "./header-error.ts";
import { parseTokenParams } from "./token-params.ts";

/** RFC 4488 §4: a REFER without a subscription. */
export interface ReferSub {
  /** Whether the REFER is to make a subscription. */
  readonly wanted: boolean;
  /** All there are: none has a field of its own. */
  readonly params: Params;
}

/**
 * `Refer-Sub = "Refer-Sub" HCOLON refer-sub-value *(SEMI exten)`.
 * RFC 4488 §4. Errors: `bad-header` (400).
 */
export function parseReferSub(octets: Octets): Result<ReferSub> {
  const value = parseTokenParams(octets, "RFC 4488 §4");
  if (!value.ok) return value;
  const word = value.value.token.toLowerCase();
  if (word !== "true" && word !== "false") {
    return badHeader("expected true or false", 0, "RFC 4488 §4");
  }
  return ok({ wanted: word === "true", params: value.value.params });
}

/** `true` or `false`. Throws a RangeError on a parameter's name that is no token. */
export const formatReferSub = ({ wanted, params }: ReferSub): Octets =>
  `${wanted}${formatParams(params)}`;
