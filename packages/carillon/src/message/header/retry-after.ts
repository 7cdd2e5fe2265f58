/** Retry-After. RFC 3261 §20.33. */
import { isDigits, parseNumber, skipSpace } from "../../grammar/chars.ts";
import { MAX_EXPIRES } from "../../grammar/limits.ts";
import type { Octets } from "../../grammar/octets.ts";
import { type Params, readParams } from "../../grammar/params.ts";
import { unfold } from "../../grammar/quoted.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { formatComment, skipComment } from "./comment.ts";
import { formatCount } from "./count.ts";
import { badHeader } from "./header-error.ts";
import { formatNamedParams, numberParam, otherParams } from "./named-params.ts";
import { oneLine } from "./one-line.ts";

/** When it is worth trying again. RFC 3261 §20.33. */
export interface RetryAfter {
  /** From now on, 0 to 2**32 - 1. */
  readonly seconds: number;
  /** As it stands between its parentheses. */
  readonly comment: Octets | undefined;
  /** How long the called party will be reachable from then on. */
  readonly durationSeconds: number | undefined;
  /** Others than `duration`. */
  readonly params: Params;
}

const SOURCE = "RFC 3261 §20.33";

/**
 * `Retry-After = "Retry-After" HCOLON delta-seconds [ comment ] *( SEMI retry-param )`.
 * RFC 3261 §20.33. Errors: `bad-header` (400).
 */
export function parseRetryAfter(octets: Octets): Result<RetryAfter> {
  const end = octets.length;
  const start = skipSpace(octets, 0, end);
  let at = start;
  while (at < end && isDigits(octets, at, at + 1)) at++;
  const seconds = parseNumber(octets.slice(start, at), MAX_EXPIRES);
  if (seconds === undefined) return badHeader("expected a number of seconds", start, SOURCE);
  const open = skipSpace(octets, at, end);
  const commented = octets[open] === "(";
  const close = commented ? skipComment(octets, open, end) : open;
  if (close < 0) return badHeader("the comment does not end", open, SOURCE);
  const params = readParams(octets, close, end);
  const durationSeconds = params && numberParam(params, "duration", MAX_EXPIRES);
  if (!params || Number.isNaN(durationSeconds)) {
    return badHeader("the parameters break the grammar", close, SOURCE);
  }
  const comment = commented ? unfold(octets.slice(open + 1, close - 1)) : undefined;
  return ok({ seconds, comment, durationSeconds, params: otherParams(params, "duration") });
}

/**
 * Throws a RangeError on seconds that are none, a comment whose parentheses do not balance, and on
 * `duration` among the parameters.
 */
export function formatRetryAfter(value: RetryAfter): Octets {
  const { seconds, comment, durationSeconds, params } = value;
  const said = comment === undefined ? "" : ` ${formatComment(oneLine(comment))}`;
  const named = formatNamedParams([["duration", durationSeconds]], params);
  return `${formatCount(seconds, MAX_EXPIRES)}${said}${named}`;
}
