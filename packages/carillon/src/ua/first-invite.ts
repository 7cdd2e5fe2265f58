/** The INVITE that begins a call of ours. RFC 3261 §8.1.1, §13.2.1. */
import { fromText, type Octets } from "../grammar/octets.ts";
import type { HeaderField } from "../message/compose.ts";
import type { UriRequest } from "../message/request-of-uri.ts";
import type { Flow } from "../transport/flow.ts";
import type { TimerAsked } from "../usage/session-interval.ts";
import type { Agent } from "./agent.ts";
import { described } from "./dialog-side.ts";
import { supportedHeader } from "./objection.ts";
import type { Outgoing } from "./outgoing-request.ts";

export interface InviteParts {
  readonly callId: Octets;
  readonly localTag: Octets;
  /** How long they are called. */
  readonly ringSeconds: number;
  /** Empty where the other side has to make it. */
  readonly offer: string;
  readonly asked: TimerAsked;
}

export function firstInvite(agent: Agent, invitation: UriRequest, parts: InviteParts): Outgoing {
  const { uri, to, headers: more } = invitation;
  const { callId, localTag, ringSeconds, offer, asked } = parts;
  const body = fromText(offer);
  const headers: HeaderField[] = [
    //= RFC 3261 §8.1.1.6
    //# A UAC MUST insert a Max-Forwards header field into each request it originates with a value
    //# that SHOULD be 70.
    ["Max-Forwards", "70"],
    //= RFC 3261 §8.1.1.3
    //# The From field MUST contain a new "tag" parameter, chosen by the UAC.
    ["From", `${agent.address};tag=${localTag}`],
    //= RFC 3261 §8.1.1.2
    //# A request outside of a dialog MUST NOT contain a To tag
    ["To", `<${to}>`],
    ["Call-ID", callId],
    //= RFC 3261 §13.2.1
    //# The UAC MAY add an Expires header field (Section 20.19) to limit the validity of the
    //# invitation.
    ["Expires", String(ringSeconds)],
    ["Allow", agent.allow],
    ...(agent.abilities.trickle?.headers() ?? []),
    ...more,
    //= RFC 3262 §4
    //# The UAC SHOULD include this in all INVITE requests.
    ...supportedHeader(agent, "INVITE"),
    ...agent.abilities.timing.asking(asked),
    ...described(body),
  ];
  //= RFC 3261 §13.2.1
  //# The initial offer MUST be in either an INVITE or, if not there, in the first reliable
  //# non-failure message from the UAS back to the UAC.
  //= RFC 3261 §8.1.1.8
  //# The Contact header field MUST be present and contain exactly one SIP or SIPS URI in any
  //# request that can result in the establishment of a dialog.
  //= RFC 3261 §12.1.2
  //# When a UAC sends a request that can establish a dialog (such as an INVITE) it MUST provide a
  //# SIP or SIPS URI with global scope (i.e., the same SIP URI can be used in messages outside this
  //# dialog) in the Contact header field of the request.
  const contact = (flow: Flow): Octets => agent.contactOn(flow);
  return { method: "INVITE", uri, headers, contact, body };
}
