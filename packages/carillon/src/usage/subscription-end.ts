/** What ends a subscription, and what then. RFC 6665 §4.1.2.2, §4.1.3, §4.2.2. */

/**
 * Whether a response to a SUBSCRIBE or NOTIFY of a subscription ends the subscription. RFC 6665
 * §4.1.2.2, §4.2.2.
 */
export function endsSubscription(status: number): boolean {
  //= RFC 6665 §4.1.2.2
  //# If a SUBSCRIBE request to refresh a subscription receives a 404, 405, 410, 416, 480-485, 489,
  //# 501, or 604 response, the subscriber MUST consider the subscription terminated.
  //= RFC 6665 §4.2.2
  //# If the NOTIFY transaction fails due to the receipt of a 404, 405, 410, 416, 480-485, 489, 501,
  //# or 604 response to the NOTIFY request, the notifier MUST remove the corresponding
  //# subscription.
  return ENDING.has(status) || (status >= 480 && status <= 485);
}

const ENDING: ReadonlySet<number> = new Set([404, 405, 410, 416, 489, 501, 604]);

/**
 * How many seconds after the end of a subscription another may be tried, by the reason that its
 * last NOTIFY gave: Infinity for never. `otherwise` where the RFC leaves it to the subscriber.
 * RFC 6665 §4.1.3.
 */
export function resubscribeAfterSeconds(
  reason: string | undefined,
  retryAfterSeconds: number | undefined,
  otherwise: number,
): number {
  switch (reason?.toLowerCase()) {
    //= RFC 6665 §4.1.3
    //# deactivated: The subscription has been terminated, but the subscriber SHOULD retry
    //# immediately with a new subscription.
    case "deactivated":
    //= RFC 6665 §4.1.3
    //# timeout: The subscription has been terminated because it was not refreshed before it
    //# expired. Clients MAY re-subscribe immediately. The "retry-after" parameter has no semantics
    //# for "timeout".
    case "timeout":
      return 0;
    //= RFC 6665 §4.1.3
    //# rejected: The subscription has been terminated due to change in authorization policy.
    //# Clients SHOULD NOT attempt to re-subscribe.
    case "rejected":
    //= RFC 6665 §4.1.3
    //# noresource: The subscription has been terminated because the resource state that was being
    //# monitored no longer exists. Clients SHOULD NOT attempt to re-subscribe.
    case "noresource":
    //= RFC 6665 §4.1.3
    //# Clients SHOULD NOT attempt to re-subscribe after receiving a reason code of "invariant",
    //# regardless of the presence of or value of a "retry-after" parameter.
    case "invariant":
      return Number.POSITIVE_INFINITY;
    //= RFC 6665 §4.1.3
    //# If a "retry-after" parameter is also present, the client SHOULD wait at least the number of
    //# seconds specified by that parameter before attempting to re-subscribe.
    //= RFC 6665 §4.1.3
    //# If no reason code or an unknown reason code is present, the client MAY attempt to
    //# re-subscribe at any time (unless a "retry-after" parameter is present, in which case the
    //# client SHOULD NOT attempt re-subscription until after the number of seconds specified by the
    //# "retry-after" parameter).
    default:
      return retryAfterSeconds ?? otherwise;
  }
}
