/**
 * The two dialogs of a bridged call and what is said from one to the other: offers and answers, by
 * way of the engine, and the end. Each dialog is a leg like that of any phone, with its own glare,
 * retransmissions and timers; what is here knows nothing of those. RFC 3264, RFC 7092 §3.
 */

import type { LegUser, Reply } from "../ua/leg-user.ts";
import type { CallEnd } from "../ua/sip-error.ts";
import type { CallSide, Crossing } from "./call-side.ts";
import type {
  Described,
  MediaAnswer,
  MediaEngine,
  MediaRefusal,
  MediaResult,
} from "./media-engine.ts";
import type { MediaTurns } from "./media-turns.ts";

/** What the pair has of its call. */
export interface PairUser {
  /** A description that was agreed, or is to be told early, for whoever answers the first offer. */
  firstAnswer(described: Described, isEarly: boolean): void;
  /** The device has made the first offer, which is this for the caller. */
  firstOffer(described: Described): void;
  /** Media are agreed anew, between these. */
  agreed(described: Described): void;
  /** The engine cannot do it. */
  refused(refusal: MediaRefusal): void;
  /** A change of `by` came by: the session goes on. */
  refreshed(): void;
  /** This end is over; the other is not. */
  ended(by: CallSide, end: CallEnd): void;
  /** An end's media have found no way again. */
  notRestored(of: CallSide): void;
}

export interface PairParts {
  /** The engine's name for the call. */
  readonly id: string;
  readonly engine: MediaEngine;
  readonly turns: MediaTurns;
  readonly caller: CallSide;
  readonly device: CallSide;
  /** Whether the caller's INVITE offered. */
  readonly isOffered: boolean;
  readonly user: PairUser;
}

export class DialogPair {
  readonly #parts: PairParts;
  #crossing: Crossing | undefined;
  /** The caller's answer is awaited to what the device has offered first. */
  #firstReply: Reply | undefined;
  #isSettled = false;
  /** What the device's first offer has come to, where it made that. */
  #settled: Described | undefined;
  #isOver = false;

  constructor(parts: PairParts) {
    this.#parts = parts;
  }

  /** What is agreed on by the caller's answer to the device's own offer. */
  get settled(): Described | undefined {
    return this.#settled;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Somebody's change is on its way, so that nobody else's may begin. */
  get isChanging(): boolean {
    return this.#crossing !== undefined;
  }

  /** From here on the two have each other. */
  take(): void {
    const { caller, device } = this.#parts;
    [caller.user, device.user] = [this.callerUser, this.deviceUser];
    [caller.opposite, device.opposite] = [device, caller];
  }

  /** Nothing is said from one to the other any more. */
  stop(): void {
    this.#isOver = true;
    this.#crossing = undefined;
    this.#firstReply = undefined;
  }

  /** What the dialog with the caller tells. */
  readonly callerUser: Omit<LegUser, "gone"> = {
    ...this.#common(() => this.#parts.caller),
    previewed() {},
    agreed: (answer) => this.#agreed(this.#parts.caller, answer),
    offered: (offer, reply) => this.#cross(this.#parts.caller, this.#parts.device, offer, reply),
  };

  /** What the dialog with the device tells. */
  readonly deviceUser: Omit<LegUser, "gone"> = {
    ...this.#common(() => this.#parts.device),
    previewed: (answer) => this.#firstAnswer(answer, true),
    agreed: (answer) => this.#agreed(this.#parts.device, answer),
    offered: (offer, reply) => {
      const { caller, device, isOffered } = this.#parts;
      if (isOffered || this.#isSettled) this.#cross(device, caller, offer, reply);
      else this.#firstOffer(offer, reply);
    },
  };

  #common(end: () => CallSide) {
    return {
      withdrawn() {},
      describe: (reply: Reply) => this.#describe(end(), reply),
      fragment() {},
      beside: (what: { refuse(): void }) => what.refuse(),
      cutOff() {},
      restored() {},
      acknowledged() {},
      ended: (why: CallEnd) => {
        if (!this.#isOver) this.#parts.user.ended(end(), why);
      },
    };
  }

  // ---- the first offer and its answer ----------------------------------------------------------

  #firstAnswer(answer: string, isEarly: boolean): void {
    const { id, engine, caller, device, user } = this.#parts;
    if (!isEarly) this.#isSettled = true;
    device.heard = answer;
    this.#ask(
      () => engine.answer(id, device.side, caller.side, answer, isEarly),
      (result) => {
        if (!result.ok) return isEarly ? undefined : user.refused(result.error);
        caller.told = result.value.sdp;
        user.firstAnswer(result.value, isEarly);
      },
    );
  }

  #firstOffer(offer: string, reply: Reply): void {
    const { id, engine, caller, device, user } = this.#parts;
    device.heard = offer;
    this.#firstReply = reply;
    this.#ask(
      () => engine.offer(id, device.side, caller.side, offer),
      (result) => {
        if (!result.ok) return user.refused(result.error);
        caller.told = result.value.sdp;
        user.firstOffer(result.value);
      },
    );
  }

  // ---- later ones ------------------------------------------------------------------------------

  #cross(from: CallSide, to: CallSide, offer: string, reply: Reply): void {
    const { id, engine, user } = this.#parts;
    if (this.#isOver || this.#crossing) return reply(undefined);
    user.refreshed();
    // The session is refreshed and nothing else: its timer is each side's own. RFC 4028 §7.2.
    if (offer === from.heard) return reply(from.told);
    const crossing = { from, to, offer, reply };
    this.#crossing = crossing;
    this.#ask(
      () => engine.offer(id, from.side, to.side, offer),
      (result) => {
        // Its worker was lost meanwhile: nobody is offered this any more.
        if (this.#crossing !== crossing) return engine.withdraw(id, from.tag);
        if (!result.ok) return this.#refuse(crossing);
        to.waiting = result.value.sdp;
        to.leg.modify((fate) => {
          if (fate.name === "Changed" || this.#crossing !== crossing) return;
          engine.withdraw(id, from.tag);
          this.#refuse(crossing);
        });
      },
    );
  }

  #refuse(crossing: Crossing): void {
    if (this.#crossing !== crossing) return;
    this.#crossing = undefined;
    crossing.to.waiting = undefined;
    crossing.to.asked = undefined;
    crossing.reply(undefined);
  }

  /** It is our turn to offer there. */
  #describe(end: CallSide, reply: Reply): void {
    const { id, engine } = this.#parts;
    if (this.#isOver) return reply(undefined);
    if (end.asksForOffer) {
      end.asksForOffer = false;
      return reply("");
    }
    if (end.waiting !== undefined) {
      end.asked = "Crossed";
      return reply(end.waiting);
    }
    const restart = end.isLost;
    this.#ask(
      () => engine.reoffer(id, end.side, { restart }),
      (result) => {
        if (!result.ok) {
          if (!restart || !mayComeBack(end, result.error)) return reply(undefined);
          return this.#parts.turns.later(() => this.#describe(end, reply));
        }
        end.asked = "Own";
        end.waitingOwn = result.value.sdp;
        reply(result.value.sdp);
      },
    );
  }

  #agreed(end: CallSide, answer: string): void {
    const { asked } = end;
    end.asked = undefined;
    if (asked === "Lost") return;
    if (asked === "Own") return this.#agreedOwn(end, answer);
    if (asked === "Crossed") return this.#agreedCrossed(end, answer);
    const reply = this.#firstReply;
    if (end === this.#parts.device) this.#firstAnswer(answer, false);
    else if (reply) this.#answerFirst(answer, reply);
  }

  #answerFirst(answer: string, reply: Reply): void {
    const { id, engine, caller, device, user } = this.#parts;
    this.#firstReply = undefined;
    this.#isSettled = true;
    caller.heard = answer;
    this.#ask(
      () => engine.answer(id, caller.side, device.side, answer),
      (result) => {
        if (!result.ok) return user.refused(result.error);
        device.told = result.value.sdp;
        this.#settled = result.value;
        reply(result.value.sdp);
        user.agreed(result.value);
      },
    );
  }

  #agreedCrossed(end: CallSide, answer: string): void {
    const { id, engine, user } = this.#parts;
    const crossing = this.#crossing;
    if (!crossing || crossing.to !== end) return;
    const { from, to, offer, reply } = crossing;
    this.#ask(
      () => engine.answer(id, to.side, from.side, answer),
      (result) => {
        if (this.#crossing !== crossing) return;
        if (!result.ok) return user.refused(result.error);
        this.#crossing = undefined;
        [to.told, to.heard, to.waiting] = [to.waiting ?? to.told, answer, undefined];
        [from.heard, from.told] = [offer, result.value.sdp];
        user.agreed(result.value);
        reply(result.value.sdp);
      },
    );
  }

  #agreedOwn(end: CallSide, answer: string): void {
    const { id, engine, user } = this.#parts;
    [end.told, end.heard] = [end.waitingOwn, answer];
    const wasLost = end.isLost;
    end.isLost = false;
    this.#ask(
      () => engine.accept(id, end.side, answer),
      (result) => {
        if (result.ok) {
          end.vain = 0;
          return user.agreed(result.value);
        }
        // The next worker is gone as well.
        if (!wasLost || !mayComeBack(end, result.error)) return user.refused(result.error);
        this.#restoreEnd(end);
      },
    );
  }

  /** Its worker was lost: both are offered anew, at once. */
  restore(): void {
    const { caller, device } = this.#parts;
    const crossing = this.#crossing;
    const isOut = crossing?.to.asked === "Crossed";
    if (crossing) this.#refuse(crossing);
    // What is answered to it is of media that are not there any more.
    if (crossing && isOut) crossing.to.asked = "Lost";
    for (const end of [caller, device]) this.#restoreEnd(end);
  }

  #restoreEnd(end: CallSide): void {
    end.isLost = true;
    end.leg.modify((fate) => {
      if (fate.name === "Unchanged" && !this.#isOver) this.#parts.user.notRestored(end);
    });
  }

  #ask(make: () => MediaAnswer<Described>, then: (result: MediaResult<Described>) => void): void {
    const { turns } = this.#parts;
    turns.ask(make, (result) => {
      if (!this.#isOver) then(result);
    });
  }
}

/** How often an end is offered anew whose worker, and the next one, is lost. */
const MAX_VAIN = 30;

/** Whether another try may help: the engine has nothing against it, but no worker at the moment. */
const mayComeBack = (end: CallSide, { status }: MediaRefusal): boolean =>
  status !== 488 && status !== 400 && ++end.vain <= MAX_VAIN;
