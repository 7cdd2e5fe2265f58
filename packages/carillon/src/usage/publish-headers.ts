/** What makes a request a PUBLISH of one of the four kinds. RFC 3903 §4. */
import type { HeaderField } from "../message/compose.ts";
import { formatSipIfMatch } from "../message/header/sip-if-match.ts";

/** RFC 3903 §4.1, Table 1. */
export type PublishOperation = "Initial" | "Refresh" | "Modify" | "Remove";

/** Whether a PUBLISH of this kind has a body. RFC 3903 §4.1, Table 1. */
export function publishHasBody(operation: PublishOperation): boolean {
  //= RFC 3903 §4.2
  //# An initial PUBLISH request MUST contain a body that contains the published event state.
  //= RFC 3903 §4.4
  //# A PUBLISH request that modifies event state MUST contain a body that includes the modified
  //# event state.
  //= RFC 3903 §4.3
  //# Therefore, a PUBLISH request that refreshes event state MUST NOT have a body.
  //= RFC 3903 §4.5
  //# Therefore, a PUBLISH request that removes event state MUST NOT contain a body.
  return operation === "Initial" || operation === "Modify";
}

/**
 * Event, Expires and SIP-If-Match of a PUBLISH. `etag` is that of the publication; an initial one
 * has none. RFC 3903 §4.
 */
export function publishHeaders(
  event: string,
  etag: string | undefined,
  expiresSeconds: number,
): readonly HeaderField[] {
  const headers: HeaderField[] = [
    //= RFC 3903 §4.1
    //# For determining the type of the published event state, the EPA MUST include a single Event
    //# header field in PUBLISH requests.
    ["Event", event],
    //= RFC 3903 §4.5
    //# To request the immediate removal of event state, an EPA MUST create a PUBLISH request with
    //# an Expires value of "0", and set the SIP-If-Match header field to contain the entity-tag of
    //# the event state publication to be removed.
    ["Expires", String(expiresSeconds)],
  ];
  //= RFC 3903 §4.2
  //# An initial PUBLISH request MUST NOT contain a SIP-If-Match header field.
  //= RFC 3903 §4.1
  //# When updating previously published event state, PUBLISH requests MUST contain a single
  //# SIP-If-Match header field identifying the specific event state that the request is refreshing,
  //# modifying or removing. This header field MUST contain a single entity-tag that was returned by
  //# the ESC in the SIP-ETag header field of the response to a previous publication.
  return etag === undefined ? headers : [...headers, ["SIP-If-Match", formatSipIfMatch(etag)]];
}
