/**
 * The signalling of one call: its INVITE, its dialogs, its end. RFC 3261 §13, §14, §15.
 *
 * `OutgoingSession` and `IncomingSession` begin one each in its own way; what goes on in a dialog
 * is the same for both, and a `Leg`. All know descriptions only as text.
 */
import type { Incoming } from "../endpoint/incoming.ts";
import type { Octets } from "../grammar/octets.ts";
import type { Beside } from "./beside.ts";
import type { Farewell } from "./farewell.ts";
import type { Leg } from "./leg.ts";
import type { Reply } from "./leg-user.ts";
import type { Done } from "./modification.ts";
import type { CallEnd } from "./sip-error.ts";
import type { Way } from "./way.ts";

export type { Farewell } from "./farewell.ts";

export interface Session {
  readonly callId: Octets;
  readonly localTag: Octets;
  /** The dialog that the call is or was with; before an answer, whichever there is, if one. */
  readonly leg: Leg | undefined;
  /** Whose INVITE began it. */
  readonly begun: "Local" | "Remote";
  /** The dialog in which the other side has this tag. */
  legOf(remoteTag: string): Leg | undefined;
  /** How its requests leave, and from where others are taken. */
  readonly way: Way;
  /** Takes back, refuses or ends the call, whichever applies; its user hears nothing more. */
  hangUp(why?: Farewell): void;
  /** Offers anew what its user describes, as soon as that may be. */
  modify(done: Done): void;
  /** Tells of candidates that our last description does not have. RFC 8840. */
  trickle?(fragment: string): void;
  /** A request that names this session's dialog. */
  request(from: Incoming): void;
  /** An ACK that names it. */
  ack(from: Incoming): void;
  /** The way to the server is gone, for this reason in words. */
  cutOff(why: string): void;
  /** There is one again. */
  back?(): void;
  /** Media do not get through any more: they are to find their way anew. */
  restore?(why: string): void;
}

/** Hears of each step once, in order, and nothing after `ended` or a `hangUp` of its own. */
export interface SessionUser {
  /** The other side's device rings, or says otherwise how far the call is. */
  progress(status: number): void;
  /** Another address is called now. */
  trying(target: string): void;
  /** What the answer to our offer will be: their early media may be heard. */
  previewed(answer: string): void;
  /** The other side's answer to our last offer. */
  agreed(answer: string): void;
  /** Our last offer came to nothing; what was agreed before it holds. */
  withdrawn(): void;
  /** The other side offers: answer it, or refuse by leaving `reply` without an answer. */
  offered(offer: string, reply: Reply): void;
  /** It is our turn to offer. */
  describe(reply: Reply): void;
  /** Candidates of the other side that its last description did not have. RFC 8840. */
  fragment(fragment: string): void;
  /** They ask or tell something beside the session. */
  beside(what: Beside): void;
  /** There is no way to the other side for now, for this reason in words; the call is kept. */
  cutOff(why: string): void;
  /** It goes on. */
  restored(): void;
  /** Both sides know that they talk: our INVITE was answered, or our answer has arrived. */
  established(): void;
  /** It is over, and not by a `hangUp` of ours: who ended it, and why. */
  ended(end: CallEnd): void;
}

export const SILENT: SessionUser = {
  progress() {},
  trying() {},
  previewed() {},
  agreed() {},
  withdrawn() {},
  offered(_, reply) {
    reply(undefined);
  },
  describe(reply) {
    reply(undefined);
  },
  fragment() {},
  beside(what) {
    what.refuse();
  },
  cutOff() {},
  restored() {},
  established() {},
  ended() {},
};
