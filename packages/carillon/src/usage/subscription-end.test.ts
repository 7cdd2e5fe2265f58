import { expect, test } from "vitest";
import { endsSubscription, resubscribeAfterSeconds } from "./subscription-end.ts";

//= RFC 6665 §4.1.2.2
//# If a SUBSCRIBE request to refresh a subscription receives a 404, 405, 410, 416, 480-485, 489,
//# 501, or 604 response, the subscriber MUST consider the subscription terminated.
//= RFC 6665 §4.2.2
//# If the NOTIFY transaction fails due to the receipt of a 404, 405, 410, 416, 480-485, 489, 501,
//# or 604 response to the NOTIFY request, the notifier MUST remove the corresponding subscription.
test("RFC 6665 §4.1.2.2: which responses end a subscription", () => {
  const all = Array.from({ length: 500 }, (_, n) => 200 + n);
  expect(all.filter(endsSubscription)).toEqual([
    404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604,
  ]);
});

//= RFC 6665 §4.1.3
//# deactivated: The subscription has been terminated, but the subscriber SHOULD retry immediately
//# with a new subscription.
//= RFC 6665 §4.1.3
//# timeout: The subscription has been terminated because it was not refreshed before it expired.
//# Clients MAY re-subscribe immediately. The "retry-after" parameter has no semantics for
//# "timeout".
//= RFC 6665 §4.1.3
//# rejected: The subscription has been terminated due to change in authorization policy. Clients
//# SHOULD NOT attempt to re-subscribe.
//= RFC 6665 §4.1.3
//# noresource: The subscription has been terminated because the resource state that was being
//# monitored no longer exists. Clients SHOULD NOT attempt to re-subscribe.
//= RFC 6665 §4.1.3
//# Clients SHOULD NOT attempt to re-subscribe after receiving a reason code of "invariant",
//# regardless of the presence of or value of a "retry-after" parameter.
//= RFC 6665 §4.1.3
//# If a "retry-after" parameter is also present, the client SHOULD wait at least the number of
//# seconds specified by that parameter before attempting to re-subscribe.
//= RFC 6665 §4.1.3
//# If no reason code or an unknown reason code is present, the client MAY attempt to re-subscribe
//# at any time (unless a "retry-after" parameter is present, in which case the client SHOULD NOT
//# attempt re-subscription until after the number of seconds specified by the "retry-after"
//# parameter).
test.each([
  ["deactivated", 0, 0],
  ["Deactivated", 0, 0],
  ["timeout", 0, 0],
  ["rejected", Infinity, Infinity],
  ["noresource", Infinity, Infinity],
  ["invariant", Infinity, Infinity],
  ["probation", 300, 60],
  ["giveup", 300, 60],
  ["expired", 300, 60],
  [undefined, 300, 60],
] as const)("RFC 6665 §4.1.3: when to subscribe again after %s", (reason, plain, retryAfter) => {
  expect(resubscribeAfterSeconds(reason, undefined, 300)).toBe(plain);
  expect(resubscribeAfterSeconds(reason, 60, 300)).toBe(retryAfter);
});
