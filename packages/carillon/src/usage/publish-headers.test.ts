import { expect, test } from "vitest";
import { publishHasBody, publishHeaders } from "./publish-headers.ts";

//= RFC 3903 §4.2
//# An initial PUBLISH request MUST contain a body that contains the published event state.
//= RFC 3903 §4.4
//# A PUBLISH request that modifies event state MUST contain a body that includes the modified event
//# state.
//= RFC 3903 §4.3
//# Therefore, a PUBLISH request that refreshes event state MUST NOT have a body.
//= RFC 3903 §4.5
//# Therefore, a PUBLISH request that removes event state MUST NOT contain a body.
test("RFC 3903 §4.1, Table 1: what begins or changes has a body, and nothing else", () => {
  expect((["Initial", "Refresh", "Modify", "Remove"] as const).map(publishHasBody)).toEqual([
    ...[true, false, true, false],
  ]);
});

//= RFC 3903 §4.1
//# For determining the type of the published event state, the EPA MUST include a single Event
//# header field in PUBLISH requests.
//= RFC 3903 §4.2
//# An initial PUBLISH request MUST NOT contain a SIP-If-Match header field.
//= RFC 3903 §4.1
//# When updating previously published event state, PUBLISH requests MUST contain a single
//# SIP-If-Match header field identifying the specific event state that the request is refreshing,
//# modifying or removing. This header field MUST contain a single entity-tag that was returned by
//# the ESC in the SIP-ETag header field of the response to a previous publication.
//= RFC 3903 §4.5
//# To request the immediate removal of event state, an EPA MUST create a PUBLISH request with an
//# Expires value of "0", and set the SIP-If-Match header field to contain the entity-tag of the
//# event state publication to be removed.
test("RFC 3903 §4.1: one Event, and one entity-tag unless it begins", () => {
  expect(publishHeaders("presence", undefined, 3600)).toEqual([
    ["Event", "presence"],
    ["Expires", "3600"],
  ]);
  expect(publishHeaders("presence", "dx200xyz", 0)).toEqual([
    ["Event", "presence"],
    ["Expires", "0"],
    ["SIP-If-Match", "dx200xyz"],
  ]);
});
