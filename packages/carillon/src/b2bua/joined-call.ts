/** A call whose two ends are both the agent's, as whoever changes who talks to whom sees it. */
import type { HeaderField } from "../message/compose.ts";
import type { CallEnd } from "../ua/sip-error.ts";
import type { CallSide } from "./call-side.ts";
import type { DialogPair, PairUser } from "./dialog-pair.ts";
import type { HouseAgent } from "./house-agent.ts";
import type { Described, MediaEngine } from "./media-engine.ts";
import type { MediaTurns } from "./media-turns.ts";

/** Two who talk. */
export interface Talking {
  /** Whoever called; of two who were joined, the one that was there before. */
  readonly caller: CallSide;
  readonly device: CallSide;
  readonly pair: DialogPair;
  /** Truthy once the caller has a dialog: it need not have heard of the answer yet. */
  readonly begun: unknown;
}

/** A change of who talks to whom that is on its way. */
export interface Moving {
  /** This end has hung up, or is gone. True: that is dealt with; false: the call is over. */
  left(by: CallSide): boolean;
}

/** As much of a call as it takes to have its ends talk to somebody else. */
export interface JoinedCall {
  /** The engine's name for it. */
  readonly id: string;
  readonly agent: HouseAgent;
  readonly engine: MediaEngine;
  readonly turns: MediaTurns;
  readonly hide: boolean;
  /** Undefined unless both talk. */
  readonly talking: Talking | undefined;
  /** Undefined while nobody is about to change it. */
  moving: Moving | undefined;
  /** The two who began it talk no more, by this one's doing. */
  parted(by: CallSide): void;
  /** From here on these have each other. */
  settle(talking: Talking): void;
  /** Hangs up on one end, which is this call's no longer. */
  leave(end: CallSide, farewell: readonly HeaderField[]): void;
  /** Whoever is left talks elsewhere: it is over, and hangs up on nobody. */
  release(): void;
  /** It cannot go on: hangs up on both, with the reason in words. */
  giveUp(status: 488 | 503, why: string): void;
  /** These media are agreed on. */
  agreed(described: Described): void;
  /** An INVITE or UPDATE came by. */
  refreshed(): void;
  /** One of two who talk has hung up. */
  ended(talking: Talking, by: CallSide, end: CallEnd): void;
}

/** One end of a call, with the call. */
export interface Found {
  readonly call: JoinedCall;
  readonly talking: Talking;
  /** The end of whoever asks, or is named. */
  readonly end: CallSide;
  /** The end of whoever they talk to. */
  readonly other: CallSide;
}

/** What a pair tells goes to the call that it has become one of. */
export const pairUserOf = (call: JoinedCall, talking: () => Talking): PairUser => ({
  firstAnswer() {},
  firstOffer() {},
  agreed: (described) => call.agreed(described),
  refused: ({ status, why }) => call.giveUp(status === 488 ? 488 : 503, why),
  refreshed: () => call.refreshed(),
  ended: (by, end) => call.ended(talking(), by, end),
  notRestored: () => call.giveUp(503, "the media could not be brought back"),
});
