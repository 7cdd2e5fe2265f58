/** A request as it arrives, before anything is kept about it. RFC 3261 §18.2.1. */
import type { Octets } from "../grammar/octets.ts";
import { type Essentials, readEssentials } from "../message/essentials.ts";
import { parseMessage, type Request } from "../message/message.ts";
import type { Edit } from "../message/splice.ts";
import { type Flow, viaEdit } from "../transport/flow.ts";

export interface Incoming {
  readonly request: Request;
  readonly essentials: Essentials;
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

export const incoming = (request: Request, essentials: Essentials, flow: Flow): Incoming => ({
  request,
  essentials,
  flow,
  viaEdit: viaEdit(request.text, essentials.via, flow),
});
