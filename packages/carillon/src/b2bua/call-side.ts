/** One end of a bridged call: its dialog, and what was said there of media. */
import type { Octets } from "../grammar/octets.ts";
import type { Message } from "../message/message.ts";
import type { Leg } from "../ua/leg.ts";
import type { LegUser, Reply } from "../ua/leg-user.ts";
import { lists } from "../ua/option-tag.ts";
import { RECORD_AWARE } from "../ua/recording-notes.ts";
import type { Side } from "./media-engine.ts";
import type { SideWay } from "./side-way.ts";

/** Who hears what a dialog tells, but for its end. */
export type EndUser = Omit<LegUser, "gone">;

export interface CallEndParts {
  readonly side: Side;
  /** Who is there: a name-addr without a tag. */
  readonly who: Octets;
  /** The account of whoever is there, if they live here. */
  readonly account: string | undefined;
  readonly way: SideWay;
  readonly leg: () => Leg;
}

/** What an end says in Supported, as far as that changes what is done with it. */
export interface EndAbilities {
  /** It can take the place of others by itself. RFC 3891. */
  readonly takesReplaces: boolean;
  /** It shows `a=record` to a person. RFC 7866 §6.3. */
  readonly recordAware: boolean;
}

//= RFC 7866 §6.1.2
//# A participant UA in a CS can indicate that it is recording aware by providing the
//# "record-aware" option tag, and the SRC MUST provide recording indications in the new SDP
//# "a=record" attribute described in Section 7 below.
/** By a request or response of it. */
export const abilitiesIn = (message: Message): EndAbilities => ({
  takesReplaces: lists(message, "Supported", "replaces"),
  recordAware: lists(message, "Supported", RECORD_AWARE),
});

/** What the next answer of this end is an answer to. */
export type Asked =
  /** An offer of the other end, which went over. */
  | "Crossed"
  /** One that the engine made for this end alone: after a loss, or because it asked for one. */
  | "Own"
  /** One that went over and means nothing any more: the media that it was of are lost. */
  | "Lost";

export class CallSide {
  side: Side;
  readonly way: SideWay;
  readonly who: Octets;
  readonly account: string | undefined;
  /** What it says of itself. */
  able: EndAbilities = { takesReplaces: false, recordAware: false };
  /** Our next INVITE there has no offer: it is asked for one. */
  asksForOffer = false;
  /** Who is at the other end; undefined while there is nobody. */
  opposite: CallSide | undefined;
  /** Who hears what its dialog tells: the pair that it is one of. */
  user: EndUser | undefined;
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
  /** How often that was in vain since it last found one. */
  vain = 0;

  constructor({ side, way, who, account, leg }: CallEndParts) {
    this.side = side;
    this.way = way;
    this.who = who;
    this.account = account;
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

/** What a dialog tells goes to whoever has its end at the time. */
export const delegated = (end: CallSide): EndUser => ({
  previewed: (answer) => end.user?.previewed(answer),
  agreed: (answer) => end.user?.agreed(answer),
  withdrawn: () => end.user?.withdrawn(),
  offered: (offer, reply) => (end.user ? end.user.offered(offer, reply) : reply(undefined)),
  describe: (reply) => (end.user ? end.user.describe(reply) : reply(undefined)),
  fragment: (fragment) => end.user?.fragment(fragment),
  beside: (what) => (end.user ? end.user.beside(what) : what.refuse()),
  cutOff: (why) => end.user?.cutOff(why),
  restored: () => end.user?.restored(),
  acknowledged: () => end.user?.acknowledged(),
  ended: (why) => end.user?.ended(why),
});
