/** A request outside of every dialog that a user agent has. RFC 3261 §8.2. */
import type { Incoming } from "../endpoint/incoming.ts";
import type { Octets } from "../grammar/octets.ts";
import type { Agent, AgentUser } from "./agent.ts";
import { Direct } from "./direct-way.ts";
import { IncomingSession } from "./incoming-session.ts";
import { objection } from "./objection.ts";
import type { Session } from "./session.ts";
import { ThroughServer, type Way } from "./way.ts";

export interface Reception {
  readonly agent: Agent;
  readonly user: AgentUser;
  /** Whom requests here are for. */
  readonly userPart: Octets;
  /** There are as many calls as there may be. */
  readonly isFull: boolean;
  /** A call of ours, by its Call-ID and our tag. */
  readonly find: (callId: string, localTag: string) => Session | undefined;
}

export function receiveNew(from: Incoming, reception: Reception): void {
  const { agent, userPart, isFull } = reception;
  const { endpoint, takers, abilities } = agent;
  const { request, essentials } = from;
  const { method } = request;
  const taker = takers.ofMethod(method);
  const outside = abilities.outside.get(method);
  const otherBody = taker !== undefined || abilities.methods.has(method);
  const refusal = objection(from, userPart, agent, otherBody);
  if (refusal) return endpoint.reply(from, refusal);
  //= RFC 3261 §12.2.2
  //# If the UAS wishes to reject the request because it does not wish to recreate the dialog, it
  //# MUST respond to the request with a 481 (Call/Transaction Does Not Exist) status code and pass
  //# that to the server transaction.
  const begins = taker || outside || method === "INVITE" || method === "OPTIONS";
  if (essentials.toTag !== "" || !begins) return endpoint.reply(from, { status: 481 });
  if (isMerged(agent, from)) return endpoint.reply(from, { status: 482 });
  if (taker) return taker.request(from);
  if (method === "OPTIONS") {
    return endpoint.reply(from, { status: 200, headers: agent.capabilities });
  }
  if (outside) return outside(from, reception);
  if (isFull) return endpoint.reply(from, { status: 486 });
  if (abilities.invited.some((takes) => takes(from, reception))) return;
  const session = beginSession(from, reception);
  if (session) reception.user.called(session, from);
}

/** Takes an INVITE on; undefined if it cannot be, which its sender has been told. */
export const beginSession = (from: Incoming, { agent }: Reception): IncomingSession | undefined =>
  IncomingSession.begin(agent, from, wayOf(agent, from));

/** The way back to who has sent this. */
export function wayOf(agent: Agent, from: Incoming): Way {
  const flow = agent.serverFlow(from);
  return flow ? new ThroughServer(agent, flow) : new Direct(agent, from.flow);
}

//= RFC 3261 §8.2.2.2
//# If the request has no tag in the To header field, the UAS core MUST check the request against
//# ongoing transactions. If the From tag, Call-ID, and CSeq exactly match those associated with an
//# ongoing transaction, but the request does not match that transaction (based on the matching
//# rules in Section 17.2.3), the UAS core SHOULD generate a 482 (Loop Detected) response and pass
//# it to the server transaction.
function isMerged({ takers, ongoing }: Agent, from: Incoming): boolean {
  const { fromTag, callId, cseq } = from.essentials;
  if (takers.hasAnswered(from)) return true;
  for (const { incoming } of ongoing) {
    const other = incoming.essentials;
    if (other.callId !== callId || other.fromTag !== fromTag) continue;
    if (other.cseq.number === cseq.number && other.cseq.method === cseq.method) return true;
  }
  return false;
}
