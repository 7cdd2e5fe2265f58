/** Challenges of several branches, all of which the sender of a request has to see. */
import type { Octets } from "../grammar/octets.ts";
import { unfold } from "../grammar/quoted.ts";
import { findHeader, lineSpan } from "../message/headers.ts";
import type { Response } from "../message/message.ts";

//= RFC 3261 §16.7
//# If the selected response is a 401 (Unauthorized) or 407 (Proxy Authentication Required), the
//# proxy MUST collect any WWW-Authenticate and Proxy-Authenticate header field values from all
//# other 401 (Unauthorized) and 407 (Proxy Authentication Required) responses received so far in
//# this response context and add them to this response without modification before forwarding.
//= RFC 3261 §22.3
//# Each WWW-Authenticate and Proxy-Authenticate value received in responses to the forked request
//# MUST be placed into the single response that is sent by the forking proxy to the UA; the
//# ordering of these header field values is not significant.
//= RFC 8760 §2.5
//# Each WWW-Authenticate and Proxy-Authenticate value received in response to the forked request
//# MUST be placed into the single response that is sent by the forking proxy to the UAC.
//= RFC 8760 §2.5
//# When the forking proxy places multiple WWW-Authenticate and Proxy-Authenticate header fields
//# received from one downstream proxy into a single response, it MUST maintain the order of these
//# header fields.
//= RFC 3261 §22.3
//# All 407 (Proxy Authentication Required) responses MUST be forwarded upstream toward the UAC
//# following the procedures for any other response.
/** Lines of challenges in all of these responses but the chosen one's. */
export function otherChallenges(
  finals: readonly ({ readonly response: Response } | undefined)[],
  chosen: number,
): Octets[] {
  const lines: Octets[] = [];
  for (const [branch, received] of finals.entries()) {
    const status = received?.response.status;
    if (!received || branch === chosen || (status !== 401 && status !== 407)) continue;
    for (const name of ["WWW-Authenticate", "Proxy-Authenticate"]) {
      const { response } = received;
      for (let i = findHeader(response, name); i >= 0; i = findHeader(response, name, i + 1)) {
        const { start, end } = lineSpan(response, i);
        lines.push(`${unfold(response.text.slice(start, end - 2))}\r\n`);
      }
    }
  }
  return lines;
}
