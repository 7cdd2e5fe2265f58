/** A request as it arrives, before anything is kept about it. RFC 3261 §18.2.1. */
import type { Octets } from "../grammar/octets.ts";
import { type Essentials, readEssentials } from "../message/essentials.ts";
import { parseMessage, type Request } from "../message/message.ts";
import type { Edit } from "../message/splice.ts";
import { type Flow, viaEdit } from "../transport/flow.ts";

/** A request, what every request must have, and the way it came. */
export interface Incoming {
  /** As it was received, its topmost Via untouched. */
  readonly request: Request;
  /** The headers that were read and found good already: RFC 3261 §8.1.1. */
  readonly essentials: Essentials;
  /** Where it came from, and over what. */
  readonly flow: Flow;
  /** What the transport layer writes into the topmost Via. */
  readonly viaEdit: Edit | undefined;
}

/** What was read of this text before, once more. Throws a RangeError if it never was. */
export function readAgain(text: Octets, flow: Flow): Incoming {
  const message = parseMessage(text);
  const essentials = message.ok ? readEssentials(message.value) : message;
  if (!message.ok || message.value.kind !== "Request" || !essentials.ok) {
    throw new RangeError("not a request that was received");
  }
  return incoming(message.value, essentials.value, flow);
}

/** A request as `Role.request` gets it, for those that come by other ways than an endpoint. */
export const incoming = (request: Request, essentials: Essentials, flow: Flow): Incoming => ({
  request,
  essentials,
  flow,
  viaEdit: viaEdit(request.text, essentials.via, flow),
});
