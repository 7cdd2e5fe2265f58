/** A request as it arrives, before anything is kept about it. RFC 3261 §18.2.1. */
import type { Essentials } from "../message/essentials.ts";
import type { Request } from "../message/message.ts";
import type { Edit } from "../message/splice.ts";
import { type Flow, viaEdit } from "../transport/flow.ts";

export interface Incoming {
  readonly request: Request;
  readonly essentials: Essentials;
  readonly flow: Flow;
  /** What the transport layer writes into the topmost Via. */
  readonly viaEdit: Edit | undefined;
}

export const incoming = (request: Request, essentials: Essentials, flow: Flow): Incoming => ({
  request,
  essentials,
  flow,
  viaEdit: viaEdit(request.text, essentials.via, flow),
});
