/** Subscription-State. RFC 6665 §8.2.3. */
import { MAX_EXPIRES } from "../../grammar/limits.ts";
import type { Octets } from "../../grammar/octets.ts";
import type { Params } from "../../grammar/params.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { badHeader } from "./header-error.ts";
import { formatNamedParams, numberParam, otherParams } from "./named-params.ts";
import { formatToken } from "./token.ts";
import { parseTokenParams } from "./token-params.ts";

/** Where a subscription stands, as a NOTIFY tells. RFC 6665 §8.2.3. */
export interface SubscriptionState {
  /** `active`, `pending`, `terminated` or another, in lower case. */
  readonly state: string;
  /** Why it ended: `deactivated`, `probation`, `rejected`, `timeout`, `giveup`, `noresource`, … */
  readonly reason: string | undefined;
  /** How long it still lasts; undefined where it is not said. */
  readonly expiresSeconds: number | undefined;
  /** When to subscribe anew, after `probation` or `giveup`. RFC 6665 §4.1.3. */
  readonly retryAfterSeconds: number | undefined;
  /** Others than `reason`, `expires` and `retry-after`. */
  readonly params: Params;
}

const SOURCE = "RFC 6665 §8.2.3";

/**
 * `Subscription-State = "Subscription-State" HCOLON substate-value *( SEMI subexp-params )`.
 * RFC 6665 §8.2.3. Errors: `bad-header` (400).
 */
export function parseSubscriptionState(octets: Octets): Result<SubscriptionState> {
  const value = parseTokenParams(octets, SOURCE);
  if (!value.ok) return value;
  const { token, params } = value.value;
  const expiresSeconds = numberParam(params, "expires", MAX_EXPIRES);
  const retryAfterSeconds = numberParam(params, "retry-after", MAX_EXPIRES);
  if (Number.isNaN(expiresSeconds) || Number.isNaN(retryAfterSeconds)) {
    return badHeader("expires and retry-after are seconds", 0, SOURCE);
  }
  const state = token.toLowerCase();
  const others = otherParams(params, "reason", "expires", "retry-after");
  const reason = params.get("reason");
  return ok({ state, reason, expiresSeconds, retryAfterSeconds, params: others });
}

/** Throws a RangeError on a state that is no token, and on a field's name among the parameters. */
export const formatSubscriptionState = (value: SubscriptionState): Octets =>
  formatToken(value.state) +
  formatNamedParams(
    [
      ["reason", value.reason],
      ["expires", value.expiresSeconds],
      ["retry-after", value.retryAfterSeconds],
    ],
    value.params,
  );
