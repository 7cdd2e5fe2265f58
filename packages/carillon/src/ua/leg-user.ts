/** What a dialog of a call tells, and asks of, whoever has the call. */
import type { Beside } from "./beside.ts";
import type { CallEnd } from "./sip-error.ts";

/** Descriptions are plain text; a reply without one says that there is none to be had. */
export type Reply = (description: string | undefined) => void;

export interface LegUser {
  /** What the answer to our offer will be: their early media may be heard. */
  previewed(answer: string): void;
  /** Their answer to our last offer. */
  agreed(answer: string): void;
  /** Our last offer came to nothing; what was agreed before it holds. */
  withdrawn(): void;
  /** They offer: answer it, or refuse it. */
  offered(offer: string, reply: Reply): void;
  /** It is our turn to offer. */
  describe(reply: Reply): void;
  /** Candidates that their last description did not have. */
  fragment(fragment: string): void;
  /** They ask or tell something beside the session. */
  beside(what: Beside): void;
  /** There is no way to the other side for now, for this reason in words; it is kept. */
  cutOff(why: string): void;
  /** It goes on. */
  restored(): void;
  /** The ACK of our 2xx to the first INVITE has come. */
  acknowledged(): void;
  /** The dialog is over, and not by a `leave` of ours. */
  ended(end: CallEnd): void;
  /** Nothing more will come of it. */
  gone(): void;
}
