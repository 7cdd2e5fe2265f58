/**
 * The signalling of one call: its INVITE, its dialog, its end. RFC 3261 §13, §14, §15.
 *
 * `OutgoingSession` and `IncomingSession` begin one each in its own way; what goes on in a dialog
 * once there is one is the same for both, and a `Leg`. All know descriptions only as text.
 */
import type { Incoming } from "../endpoint/incoming.ts";
import type { Octets } from "../grammar/octets.ts";
import type { CallEnd } from "./sip-error.ts";

export interface Session {
  readonly callId: Octets;
  readonly localTag: Octets;
  /** Takes back, refuses or ends the call, whichever applies; its user hears nothing more. */
  hangUp(why?: Farewell): void;
  /** A request that names this session's dialog. */
  request(from: Incoming): void;
  /** An ACK that names it. */
  ack(from: Incoming): void;
  /** The way to the server is gone. */
  cutOff(): void;
}

/** Hears of each step once, in order, and nothing after `ended` or a `hangUp` of its own. */
export interface SessionUser {
  /** The other side's device rings. */
  ringing(): void;
  /** The other side answered our offer with this. */
  answered(description: string): void;
  /** Our answer has arrived; if it was an offer, `description` is what they answer to it. */
  confirmed(description: string): void;
  /** The other side offers anew: answer it, or refuse by leaving `reply` without one. */
  offered(description: string, reply: (answer: string | undefined) => void): void;
  ended(end: CallEnd): void;
}

/** Why a call is ended, for the other side: the value of a Reason header. RFC 3326. */
export type Farewell = "HungUp" | "MediaFailed";

export const SILENT: SessionUser = {
  ringing() {},
  answered() {},
  confirmed() {},
  offered(_, reply) {
    reply(undefined);
  },
  ended() {},
};
