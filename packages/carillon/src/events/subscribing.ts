/** SUBSCRIBEs that go out, and what comes back of them. RFC 6665 §4.1.2. */
import type { HeaderField } from "../message/compose.ts";
import type { EventType } from "../message/header/event.ts";
import { parseExpires } from "../message/header/expires.ts";
import { header } from "../message/headers.ts";
import type { Response } from "../message/message.ts";
import type { UriRequest } from "../message/request-of-uri.ts";
import type { Flow } from "../transport/flow.ts";
import type { Agent } from "../ua/agent.ts";
import { supportedHeader } from "../ua/objection.ts";
import type { NoAnswer, OutgoingRequest, RequestUser } from "../ua/outgoing-request.ts";
import { outsideHeaders } from "../ua/outside-request.ts";
import { minimumSeconds, retryAfterSeconds } from "../ua/registrar-answer.ts";
import type { Way } from "../ua/way.ts";
import type { Input } from "../usage/subscriber.ts";
import { subscribeHeaders } from "../usage/subscription-headers.ts";

export type Answer = Extract<Input, { kind: "Response" }>;

/** What is subscribed to. */
export interface Wanted {
  readonly target: UriRequest;
  readonly event: EventType;
  readonly accept: readonly string[];
  /** Extensions beside those of the phone. */
  readonly supported: readonly string[];
}

/** Sends the SUBSCRIBE that begins it; undefined while there is no way to the server. */
export function sendSubscribe(
  agent: Agent,
  way: Way,
  { target, event, accept, supported }: Wanted,
  ids: { readonly callId: string; readonly localTag: string },
  expiresSeconds: number,
  { user, nextSeq }: { readonly user: RequestUser; readonly nextSeq: () => number },
): OutgoingRequest | undefined {
  const headers: HeaderField[] = [
    ...outsideHeaders(agent, target, ids),
    ["Allow", agent.allow],
    ...supporting(agent, supported),
    ...subscribeHeaders(event, expiresSeconds, accept),
  ];
  //= RFC 3261 §8.1.1.8
  //# The Contact header field MUST be present and contain exactly one SIP or SIPS URI in any
  //# request that can result in the establishment of a dialog.
  const contact = (flow: Flow) => agent.contactOn(flow);
  const what = { method: "SUBSCRIBE", uri: target.uri, headers, contact };
  return way.send(what, user, nextSeq);
}

//= RFC 4662 §4.1
//# Any client that supports the event list extension will include an option tag of "eventlist" in a
//# "Supported" header field of every SUBSCRIBE message for a subscription for which it is willing
//# to process a list.
/** What every SUBSCRIBE says of extensions. */
export function supporting(agent: Agent, more: readonly string[]): readonly HeaderField[] {
  const [usual] = supportedHeader(agent, "SUBSCRIBE");
  const all = [...(usual === undefined ? [] : [usual[1]]), ...more];
  return all.length === 0 ? [] : [["Supported", all.join(", ")]];
}

/** Hears the final answer, once; silence is a 408, and no way there a 503. */
export function answerHeard(heard: (answer: Answer, response?: Response) => void): RequestUser {
  return {
    response: (response) => {
      if (response.status >= 200) heard(answerOf(response.status, response), response);
    },
    failed: (reason: NoAnswer) => heard(answerOf(reason === "timeout" ? 408 : 503)),
  };
}

export function answerOf(status: number, response?: Response): Answer {
  const expires = response && parseExpires(header(response, "Expires") ?? "");
  return {
    ...{ kind: "Response", status },
    expiresSeconds: expires?.ok ? expires.value : undefined,
    minExpiresSeconds: response && minimumSeconds(response),
    retryAfterSeconds: response && retryAfterSeconds(response),
  };
}
