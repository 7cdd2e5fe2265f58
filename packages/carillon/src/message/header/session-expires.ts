/** Session-Expires. RFC 4028 §4. */
import { parseNumber } from "../../grammar/chars.ts";
import { MAX_EXPIRES } from "../../grammar/limits.ts";
import type { Octets } from "../../grammar/octets.ts";
import type { Params } from "../../grammar/params.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { formatCount } from "./count.ts";
import { badHeader } from "./header-error.ts";
import { formatNamedParams, otherParams } from "./named-params.ts";
import { parseTokenParams } from "./token-params.ts";

/** After how long a session ends that nobody refreshes. RFC 4028 §4. */
export interface SessionExpires {
  /** The session interval, 0 to 2**32 - 1. */
  readonly seconds: number;
  /** Who refreshes, by the roles in this very transaction; undefined where it is left open. */
  readonly refresher: "uac" | "uas" | undefined;
  /** Others than `refresher`. */
  readonly params: Params;
}

const SOURCE = "RFC 4028 §4";

/**
 * `Session-Expires = ("Session-Expires" / "x") HCOLON delta-seconds *(SEMI se-params)`.
 * RFC 4028 §4. Errors: `bad-header` (400).
 */
export function parseSessionExpires(octets: Octets): Result<SessionExpires> {
  const value = parseSeconds(octets, SOURCE);
  if (!value.ok) return value;
  const { seconds, params } = value.value;
  const refresher = params.get("refresher")?.toLowerCase();
  if (refresher !== undefined && refresher !== "uac" && refresher !== "uas") {
    return badHeader("the refresher is uac or uas", 0, SOURCE);
  }
  return ok({ seconds, refresher, params: otherParams(params, "refresher") });
}

/**
 * Throws a RangeError on what is not a whole number of seconds from 0 to 2**32 - 1, and on
 * `refresher` among the parameters.
 */
export const formatSessionExpires = ({ seconds, refresher, params }: SessionExpires): Octets =>
  formatCount(seconds, MAX_EXPIRES) + formatNamedParams([["refresher", refresher]], params);

/** `delta-seconds *(SEMI generic-param)` */
export function parseSeconds(
  octets: Octets,
  source: string,
): Result<{ readonly seconds: number; readonly params: Params }> {
  const value = parseTokenParams(octets, source);
  if (!value.ok) return value;
  const seconds = parseNumber(value.value.token, MAX_EXPIRES);
  if (seconds === undefined) return badHeader("expected a number of seconds", 0, source);
  return ok({ seconds, params: value.value.params });
}
