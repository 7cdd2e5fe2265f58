/** What tells one transaction from every other. RFC 3261 §17.1.3, §17.2.3. */
import { flat } from "../grammar/octets.ts";
import { MAGIC_COOKIE, type Via } from "../message/via.ts";
import type { Incoming } from "./incoming.ts";

/** What of a Via tells one client transaction from every other. */
export type OwnVia = Pick<Via, "branch" | "host" | "port">;

/** Of a request sent, and of each response to it. */
export function clientKey(via: OwnVia, method: string): string {
  //= RFC 3261 §17.1.3
  //# If the response has the same value of the branch parameter in the top Via header field as the
  //# branch parameter in the top Via header field of the request that created the transaction.
  //= RFC 3261 §17.1.3
  //# If the method parameter in the CSeq header field matches the method of the request that
  //# created the transaction.
  //= RFC 3261 §18.1.2
  //# If the value of the "sent-by" parameter in that header field value does not correspond to a
  //# value that the client transport is configured to insert into requests, the response MUST be
  //# silently discarded.
  return flat(`${method} ${via.branch} ${via.host}:${via.port ?? ""}`);
}

/**
 * Of a request received; for a CANCEL's INVITE or an ACK's, with its method instead of the own.
 *
 * The source is part of it: a stranger who has seen a branch must not reach its transaction.
 */
export function serverKey(from: Incoming, method: string, toTag?: string): string {
  const { request, essentials, flow } = from;
  const { via, callId, cseq, fromTag } = essentials;
  const source = flow.connection === 0 ? flow.remote.host : flow.connection;
  //= RFC 3261 §17.2.3
  //# the branch parameter in the request is equal to the one in the top Via header field of the
  //# request that created the transaction, and
  //= RFC 3261 §17.2.3
  //# the sent-by value in the top Via of the request is equal to the one in the request that
  //# created the transaction, and
  if (hasCookie(from)) {
    return flat(`${method} ${via.branch} ${via.host}:${via.port ?? ""} ${source}`);
  }
  //= RFC 3261 §17.2.3
  //# a request is matched to a transaction if the Request-URI, To tag, From tag, Call-ID, CSeq
  //# (including the method), and top Via header field match those of the request that created the
  //# transaction.
  const top = request.text.slice(via.start, via.end);
  const tags = `${fromTag} ${toTag ?? essentials.toTag}`;
  return flat(`${method} ${request.uri} ${tags} ${callId} ${cseq.number} ${top} ${source}`);
}

/**
 * Whether its branch alone tells it from others; elements of RFC 2543 wrote no such thing. A cookie
 * with nothing behind it tells nothing either: RFC 4475 §3.2.1.
 */
export const hasCookie = ({ essentials: { via } }: Incoming): boolean =>
  via.branch.startsWith(MAGIC_COOKIE) && via.branch.length > MAGIC_COOKIE.length;
