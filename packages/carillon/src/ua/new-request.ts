/** A request outside of every dialog that a user agent has. RFC 3261 §8.2. */
import type { Incoming } from "../endpoint/incoming.ts";
import type { Octets } from "../grammar/octets.ts";
import type { Agent, AgentUser } from "./agent.ts";
import { claimOf } from "./claim.ts";
import { BESIDE } from "./dialog-usages.ts";
import { IncomingSession } from "./incoming-session.ts";
import { objection } from "./objection.ts";
import { ReceivedOutside, targetDialogOf } from "./outside-refer.ts";
import { unknownEvent } from "./refer-event.ts";
import { type Session, SILENT } from "./session.ts";
import { Direct, ThroughServer, type Way } from "./way.ts";

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

/** Methods of requests that need no dialog. */
const BEGINNING: ReadonlySet<string> = new Set(["INVITE", "OPTIONS", "SUBSCRIBE", "REFER"]);

export function receiveNew(from: Incoming, reception: Reception): void {
  const { agent, userPart, isFull } = reception;
  const { endpoint, takers } = agent;
  const { request, essentials } = from;
  const taker = takers.ofMethod(request.method);
  const otherBody = taker !== undefined || BESIDE.has(request.method);
  const refusal = objection(from, userPart, agent.allow, otherBody);
  if (refusal) return endpoint.reply(from, refusal);
  //= RFC 3261 §12.2.2
  //# If the UAS wishes to reject the request because it does not wish to recreate the dialog, it
  //# MUST respond to the request with a 481 (Call/Transaction Does Not Exist) status code and pass
  //# that to the server transaction.
  const begins = taker || BEGINNING.has(request.method);
  if (essentials.toTag !== "" || !begins) return endpoint.reply(from, { status: 481 });
  if (isMerged(agent, from)) return endpoint.reply(from, { status: 482 });
  if (taker) return taker.request(from);
  if (request.method === "SUBSCRIBE") return endpoint.reply(from, unknownEvent(request));
  if (request.method === "OPTIONS") {
    return endpoint.reply(from, { status: 200, headers: agent.capabilities });
  }
  if (isFull) return endpoint.reply(from, { status: 486 });
  if (request.method === "REFER") referred(from, reception);
  else invited(from, reception);
}

function invited(from: Incoming, { agent, user, find }: Reception): void {
  const claim = claimOf(from, find);
  if (claim.kind === "Refuse") return agent.endpoint.reply(from, claim.reply);
  const session = IncomingSession.begin(agent, from, wayOf(agent, from));
  if (!session) return;
  if (claim.kind === "None") user.called(session, from);
  else claim.leg.told({ kind: claim.kind, session, from });
}

/** A REFER that is about one of our calls, or about none. */
function referred(from: Incoming, { agent, user, find }: Reception): void {
  const named = targetDialogOf(from.request);
  const session = named && find(named.callId, named.localTag);
  const leg = session?.way.admits(from) ? session.legOf(named?.remoteTag ?? "") : undefined;
  ReceivedOutside.take(agent, wayOf(agent, from), from, (what) => {
    if (leg && leg.standing !== "Over") leg.told(what);
    else if (what.kind === "Refer" && user.referred) user.referred(what.refer);
    else SILENT.beside(what);
  });
}

function wayOf(agent: Agent, from: Incoming): Way {
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
