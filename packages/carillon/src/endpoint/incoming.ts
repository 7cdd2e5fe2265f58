/** A request as it arrives, before anything is kept about it. RFC 3261 §17.2.3, §18.2.1. */
import { flat } from "../grammar/octets.ts";
import type { Essentials } from "../message/essentials.ts";
import type { Request } from "../message/message.ts";
import type { Edit } from "../message/splice.ts";
import { MAGIC_COOKIE } from "../message/via.ts";
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

/**
 * What tells one server transaction from every other. An ACK has the key of its INVITE.
 *
 * The source is part of it: a stranger who has seen a branch must not reach its transaction.
 */
export function serverKey({ request, essentials, flow }: Incoming, method: string): string {
  const { via, callId, cseq, fromTag } = essentials;
  const kind = method === "ACK" ? "INVITE" : method;
  const source = flow.connection === 0 ? flow.remote.host : flow.connection;
  //= RFC 3261 §17.2.3
  //# the branch parameter in the request is equal to the one in the top Via header field of the
  //# request that created the transaction
  if (via.branch.startsWith(MAGIC_COOKIE)) {
    return flat(`${kind} ${via.branch} ${via.host}:${via.port ?? ""} ${source}`);
  }
  //= RFC 3261 §17.2.3
  //# The INVITE request matches a transaction if the Request-URI, To tag, From tag, Call-ID, CSeq,
  //# and top Via header field match those of the INVITE request which created the transaction.
  const top = request.text.slice(via.start, via.end);
  return flat(`${kind} ${request.uri} ${fromTag} ${callId} ${cseq.number} ${top} ${source}`);
}
