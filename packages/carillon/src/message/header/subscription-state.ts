/** Subscription-State. RFC 6665 §8.2.3. */
import { MAX_EXPIRES } from "../../grammar/limits.ts";
import type { Octets } from "../../grammar/octets.ts";
import type { Params } from "../../grammar/params.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { badHeader } from "./header-error.ts";
import { formatNamedParams, numberParam, otherParams } from "./named-params.ts";
import { formatToken } from "./token.ts";
import { parseTokenParams } from "./token-params.ts";

export interface SubscriptionState {
  /** `active`, `pending`, `terminated` or another, in lower case. */
  readonly state: string;
  /** Why it ended: `deactivated`, `probation`, `rejected`, `timeout`, `giveup`, `noresource`, … */
  readonly reason: string | undefined;
  readonly expiresSeconds: number | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly params: Params;
}

const SOURCE = "RFC 6665 §8.2.3";

/** `Subscription-State = "Subscription-State" HCOLON substate-value *( SEMI subexp-params )` */
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
