/** How often a subscription is told, by what its subscriber wishes. RFC 6446. */
import type { Millis } from "../grammar/millis.ts";
import type { Params } from "../grammar/params.ts";
import type { EventType } from "../message/header/event.ts";

/** NOTIFYs per second; undefined where nothing is wished. RFC 6446 §5, §6, §7. */
export interface Rates {
  /** At most so many. */
  readonly max: number | undefined;
  /** At least so many, whether anything changes or not. */
  readonly min: number | undefined;
  /** At least so many on the average. */
  readonly adaptive: number | undefined;
}

/** Nothing is wished. */
export const NO_RATES: Rates = { max: undefined, min: undefined, adaptive: undefined };

/** Whether anything is wished. */
export const hasRate = ({ max, min, adaptive }: Rates): boolean =>
  max !== undefined || min !== undefined || adaptive !== undefined;

/** What a notifier can take. */
export interface RateLimits {
  /** Between two NOTIFYs that tell of changes, in ms, whatever is wished. */
  readonly minGapMs: Millis;
  /** The most often that it tells where nothing changes, in ms. */
  readonly minIdleMs: Millis;
}

//= RFC 6446 §5.2
//# A notifier that supports the maximum rate mechanism MUST extract the value of the "max-rate"
//# Event header parameter from a SUBSCRIBE request or a 2xx response to the NOTIFY request and use
//# it as the suggested maximum number of notifications per second.
//= RFC 6446 §6.2
//# A notifier that supports the minimum rate mechanism MUST extract the value of the "min-rate"
//# Event header field parameter from a SUBSCRIBE request or a 2xx response to the NOTIFY request
//# and use it as the suggested minimum number of notifications per second.
//= RFC 6446 §7.2
//# A notifier that supports the adaptive minimum rate mechanism MUST extract the value of the
//# "adaptive-min-rate" Event header parameter from a SUBSCRIBE request or a 2xx response to the
//# NOTIFY request and use it to calculate the actual maximum time between two notifications, as
//# defined in Section 7.4.
/** What an Event header wishes. What is no rate is passed over. RFC 6446 §9.2. */
export const wishedRates = ({ params }: Pick<EventType, "params">): Rates => ({
  max: rateOf(params.get("max-rate")),
  min: rateOf(params.get("min-rate")),
  adaptive: rateOf(params.get("adaptive-min-rate")),
});

/** `1*2DIGIT ["." 1*10DIGIT]`, and not zero. */
function rateOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,2}(?:\.\d{1,10})?$/.test(text)) return undefined;
  return Number(text) > 0 ? Number(text) : undefined;
}

/** What is granted of these wishes in a subscription that lasts so much longer. */
export function grantedRates(wished: Rates, limits: RateLimits, remainingSeconds: number): Rates {
  const { max: wishedMax } = wished;
  const most = 1000 / Math.max(1, limits.minGapMs);
  //= RFC 6446 §5.3
  //# If the subscriber requests a maximum rate that would result in no notification before the
  //# subscription expiration, the notifier MUST increase the maximum rate and set it to the
  //# reciprocal value of the remaining subscription expiration time.
  const least = remainingSeconds > 0 ? 1 / remainingSeconds : most;
  const max = wishedMax === undefined ? undefined : Math.min(most, Math.max(least, wishedMax));
  const idle = 1000 / Math.max(1, limits.minIdleMs);
  //= RFC 6446 §8
  //# A subscriber SHOULD choose a "min-rate" value lower than the "max-rate" value, otherwise, the
  //# notifier MUST adjust the subscriber provided "min-rate" value to a value equal to or lower
  //# than the "max-rate" value.
  //= RFC 6446 §8
  //# A subscriber SHOULD choose an "adaptive-min-rate" value lower than the "max-rate" value,
  //# otherwise, the notifier MUST adjust the subscriber provided "adaptive-min-rate" value to a
  //# value equal to or lower than the "max-rate" value.
  const cut = (rate: number | undefined): number | undefined =>
    rate === undefined ? undefined : Math.min(rate, idle, max ?? idle);
  const adaptive = cut(wished.adaptive);
  const min = cut(wished.min);
  //= RFC 6446 §8
  //# A subscriber SHOULD choose a "min-rate" value lower than the "adaptive-min-rate" value,
  //# otherwise, the notifier MUST NOT consider the "min-rate" value.
  const counts = min !== undefined && (adaptive === undefined || min < adaptive);
  return { max, min: counts ? min : undefined, adaptive };
}

//= RFC 6446 §4.2
//# The notifier MUST reflect back the possibly adjusted rate control values in a "max-rate",
//# "min-rate", or "adaptive-min-rate" Subscription-State header field parameter of the subsequent
//# NOTIFY requests.
//= RFC 6446 §5.2
//# A compliant notifier MUST reflect back the possibly adjusted maximum rate of notifications in a
//# "max-rate" Subscription-State header field parameter of the subsequent NOTIFY requests.
//= RFC 6446 §6.2
//# A compliant notifier MUST reflect back the possibly adjusted minimum rate of notifications in a
//# "min-rate" Subscription-State header field parameter of the subsequent NOTIFY requests.
//= RFC 6446 §7.2
//# A compliant notifier MUST reflect back the possibly adjusted adaptive minimum rate of
//# notifications in an "adaptive-min-rate" Subscription-State header field parameter of the
//# subsequent NOTIFY requests.
/** Parameters of a Subscription-State that say what was granted. RFC 6446 §9.2. */
export function rateParams({ max, min, adaptive }: Rates): Params {
  const params = new Map<string, string>();
  if (max !== undefined) params.set("max-rate", written(max));
  if (min !== undefined) params.set("min-rate", written(min));
  if (adaptive !== undefined) params.set("adaptive-min-rate", written(adaptive));
  return params;
}

/** Never zero, and never with an exponent: the grammar has neither. */
const written = (rate: number): string => {
  const digits = Math.min(99, Math.max(1e-10, rate)).toFixed(10);
  return digits.replace(/0+$/, "").replace(/\.$/, "");
};

//= RFC 6446 §5.2
//# A compliant notifier MUST NOT generate a notification if the interval since the most recent
//# notification is less than the reciprocal value of the "max-rate" parameter, except when
//# generating the notification either upon receipt of a SUBSCRIBE request, when the subscription
//# state is changing from "pending" to "active" state, or upon termination of the subscription (the
//# last notification).
/** How long after a NOTIFY the next one may tell of a change, in ms. */
export const leastGapMs = ({ max }: Rates, minGapMs: Millis): Millis =>
  max === undefined ? minGapMs : Math.max(minGapMs, Math.ceil(1000 / max));

//= RFC 6446 §6.2
//# A compliant notifier MUST generate notifications when state changes occur or when the time since
//# the most recent notification exceeds the reciprocal value of the "min-rate" parameter.
//= RFC 6446 §7.2
//# A compliant notifier MUST generate notifications when state changes occur or when the time since
//# the most recent notification exceeds the value calculated using the formula defined in Section
//# 7.4.
/**
 * How long after a NOTIFY the next one goes though nothing has changed, in ms; Infinity for never.
 * `sentAt` are the times of those before, in ms, the latest last. RFC 6446 §6.2, §7.4.
 */
export function longestGapMs(rates: Rates, sentAt: readonly Millis[], now: Millis): Millis {
  const { max, min, adaptive } = rates;
  const steady = min === undefined ? Number.POSITIVE_INFINITY : Math.round(1000 / min);
  if (adaptive === undefined) return steady;
  //= RFC 6446 §7.4
  //# The granularity of the values for the "period" parameter is set by local policy at the
  //# notifier; however, the notifier MUST choose a value greater than the reciprocal value of the
  //# "adaptive-min-rate" parameter.
  const periodSeconds = PERIODS / adaptive;
  const count = countIn(sentAt, now - 1000 * periodSeconds);
  //= RFC 6446 §7.4
  //# timeout = MAX[(1/max-rate), count/((adaptive-min-rate ^ 2)*period)] (2)
  const timeout = Math.max(
    max === undefined ? 0 : 1 / max,
    count / (adaptive ** 2 * periodSeconds),
  );
  //= RFC 6446 §7.4
  //# However, the notifier MUST comply with any "max-rate" or "min-rate" parameters that have been
  //# negotiated.
  return Math.min(steady, Math.round(1000 * timeout));
}

/** How many times the mean interval the average is taken over. */
const PERIODS = 5;
/** Times that are worth keeping. */
export const KEPT_TIMES = 32;

//= RFC 6446 §7.2
//# The "count" parameter is initialized to contain a history of having sent a "period *
//# adaptive-min-rate" number of notifications for the "period".
function countIn(sentAt: readonly Millis[], since: Millis): number {
  const isYoung = sentAt.length < PERIODS;
  const sent = sentAt.filter((at) => at > since).length;
  return Math.max(1, isYoung ? Math.max(sent, PERIODS) : sent);
}
