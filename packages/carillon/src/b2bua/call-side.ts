/** One end of a bridged call: its dialog, and what was said there of media. */
import type { Leg } from "../ua/leg.ts";
import type { Reply } from "../ua/leg-user.ts";
import type { Side } from "./media-engine.ts";
import type { SideWay } from "./side-way.ts";

export interface CallEndParts {
  readonly side: Side;
  readonly way: SideWay;
  readonly leg: () => Leg;
}

/** What the next answer of this end is an answer to. */
export type Asked =
  /** An offer of the other end, which went over. */
  | "Crossed"
  /** One that the engine made for this end alone: after a loss, or because it asked for one. */
  | "Own";

export class CallSide {
  readonly side: Side;
  readonly way: SideWay;
  readonly #leg: () => Leg;
  /** The last description that this end has sent, and that holds. */
  heard = "";
  /** The last one that it was sent. */
  told = "";
  /** An offer for it that waits until it may go out. */
  waiting: string | undefined;
  /** An offer of the engine's for it alone that is out. */
  waitingOwn = "";
  /** What its next answer is about; undefined: the call's first offer. */
  asked: Asked | undefined;
  /** The next offer for it looks for a new way. */
  isLost = false;

  constructor({ side, way, leg }: CallEndParts) {
    this.side = side;
    this.way = way;
    this.#leg = leg;
  }

  get leg(): Leg {
    return this.#leg();
  }

  get tag(): string {
    return this.side.tag;
  }
}

/** An offer on its way from one end to the other. */
export interface Crossing {
  readonly from: CallSide;
  readonly to: CallSide;
  readonly offer: string;
  readonly reply: Reply;
}
