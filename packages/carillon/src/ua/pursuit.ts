/** A request of ours to whoever serves a URI: its servers are found and tried. RFC 3263. */
import type { ClientTransaction } from "../endpoint/client-transaction.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Failure, Pursuit } from "../endpoint/servers.ts";
import type { Wanted } from "../locate/wanted.ts";
import type { Essentials } from "../message/essentials.ts";
import type { Request, Response } from "../message/message.ts";
import type { Flow } from "../transport/flow.ts";
import type { NoAnswer } from "./outgoing-request.ts";

export interface Pursuing {
  /** The request for this way; undefined if it is too large for any. */
  compose(flow: Flow): Request | undefined;
  response(client: ClientTransaction, response: Response, essentials: Essentials): void;
  failed(reason: NoAnswer, words?: string): void;
}

export function pursue(
  endpoint: Endpoint,
  wanted: Wanted,
  method: string,
  user: Pursuing,
): Pursuit | undefined {
  let isLocated = false;
  let isTooLarge = false;
  return endpoint.servers.send(wanted, method, {
    compose: (flow) => {
      isLocated = true;
      const request = user.compose(flow);
      isTooLarge = request === undefined;
      return request;
    },
    response: (client, response, essentials) => user.response(client, response, essentials),
    // In its turn: whoever began this has not heard yet that it has begun.
    failed: ({ reason, message }) =>
      endpoint.later(() => {
        if (isTooLarge) user.failed("too-large");
        else user.failed(noAnswerOf(reason, isLocated), message);
      }),
  });
}

/** That a domain has no servers is another thing than that all of them are busy. */
function noAnswerOf(reason: Failure["reason"], isLocated: boolean): NoAnswer {
  if (reason === "timeout" || reason === "abandoned") return reason;
  return reason === "unavailable" && isLocated ? reason : "transport";
}
