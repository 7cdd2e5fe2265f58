import { expect, test } from "vitest";
import { NO_PARAMS as params } from "../grammar/params.ts";
import { notifyHeaders, subscribeHeaders } from "./subscription-headers.ts";

const presence = { type: "presence", id: undefined, params };

//= RFC 6665 §3.1.2
//# Subscribers MUST include exactly one "Event" header field in SUBSCRIBE requests, indicating to
//# which event or class of events they are subscribing.
//= RFC 6665 §8.2.1
//# There MUST be exactly one event type listed per "Event" header field.
//= RFC 6665 §4.5.2
//# When a subscriber refreshes the subscription timer, the SUBSCRIBE request MUST contain the same
//# "Event" header field "id" parameter as was present in the SUBSCRIBE request that created the
//# subscription.
//= RFC 6665 §3.1.1
//# SUBSCRIBE requests SHOULD contain an "Expires" header field (defined in [RFC3261]).
test("RFC 6665 §3.1: a SUBSCRIBE has one Event, with its id, and an Expires", () => {
  expect(subscribeHeaders({ type: "dialog", id: "7", params }, 0, [])).toEqual([
    ["Event", "dialog;id=7"],
    ["Expires", "0"],
  ]);
  expect(subscribeHeaders(presence, 3600, ["application/pidf+xml", "text/plain"])).toEqual([
    ["Event", "presence"],
    ["Expires", "3600"],
    ["Accept", "application/pidf+xml, text/plain"],
  ]);
});

//= RFC 6665 §3.2.1
//# As in SUBSCRIBE requests, NOTIFY request "Event" header fields MUST contain a single event
//# package name for which a notification is being generated. The package name in the "Event" header
//# field MUST match the "Event" header field in the corresponding SUBSCRIBE request.
//= RFC 6665 §4.5.2
//# If an "id" parameter is present in the SUBSCRIBE request used to establish a subscription, that
//# "id" parameter MUST also be present in all corresponding NOTIFY requests.
//= RFC 6665 §4.2.2
//# NOTIFY requests MUST contain a "Subscription-State" header field with a value of "active",
//# "pending", or "terminated".
//= RFC 6665 §4.1.3
//# NOTIFY requests MUST contain "Subscription-State" header fields that indicate the status of the
//# subscription.
//= RFC 6665 §4.2.2
//# If the value of the "Subscription-State" header field is "active" or "pending", the notifier
//# MUST also include in the "Subscription-State" header field an "expires" parameter that indicates
//# the time remaining on the subscription.
//= RFC 6665 §4.2.2
//# If the value of the "Subscription-State" header field is "terminated", the notifier SHOULD also
//# include a "reason" parameter.
test("RFC 6665 §4.2.2: a NOTIFY has the SUBSCRIBE's Event, and says where things stand", () => {
  expect(
    notifyHeaders(
      { type: "refer", id: "93809824", params },
      { state: "active", expiresSeconds: 60 },
    ),
  ).toEqual([
    ["Event", "refer;id=93809824"],
    ["Subscription-State", "active;expires=60"],
  ]);
  const said = (state: Parameters<typeof notifyHeaders>[1]) =>
    notifyHeaders(presence, state)[1]?.[1];
  expect(said({ state: "pending", expiresSeconds: 3599 })).toBe("pending;expires=3599");
  expect(said({ state: "terminated", reason: "timeout", retryAfterSeconds: undefined })).toBe(
    "terminated;reason=timeout",
  );
  expect(said({ state: "terminated", reason: "probation", retryAfterSeconds: 90 })).toBe(
    "terminated;reason=probation;retry-after=90",
  );
});
