/**
 * Has two talk to each other who both talk to the agent already, each in a call of its own with the
 * same person: an attended transfer that needs nothing of their phones but a re-INVITE. The target
 * is asked for an offer, as one that is called (`call-for-end.ts`). RFC 5589 §7, RFC 3725 §5.
 */
import type { CallSide } from "./call-side.ts";
import { DialogPair } from "./dialog-pair.ts";
import type { Found, JoinedCall } from "./joined-call.ts";
import type { Joined, Move, MoveSource } from "./move.ts";

/** Who is put through to whom. */
export interface JoinedEndsParts {
  readonly call: JoinedCall;
  /** The end of that call which is put through. */
  readonly transferee: CallSide;
  /** The other call of whoever asked: `other` is the target, `end` their own end. */
  readonly target: Found;
  readonly move: Move;
}

/** The target keeps its dialog, and gets another side in the engine: that of the first call. */
export class JoinedEnds implements MoveSource {
  readonly joined: Joined;
  readonly #parts: JoinedEndsParts;
  readonly #side: CallSide["side"];
  readonly #user: CallSide["user"];
  #isOver = false;

  constructor(parts: JoinedEndsParts) {
    const { call, transferee, target, move } = parts;
    this.#parts = parts;
    const { other } = target;
    this.#side = other.side;
    this.#user = other.user;
    const { id, engine, turns, agent } = call;
    other.side = { ...other.side, tag: agent.endpoint.ids.unique() };
    const pair = new DialogPair({
      ...{ id, engine, turns, caller: transferee, device: other, isOffered: true },
      user: move.pairUser(() => other),
    });
    this.joined = { pair, target: other };
  }

  begin(): void {
    const { target, move } = this.#parts;
    target.call.moving = {
      left: (by) => {
        if (by === target.end) return true;
        move.step({ kind: "TargetLeft" });
        return false;
      },
    };
    move.begin(this);
    move.step({ kind: "Answered" });
  }

  // ---- MoveSource ------------------------------------------------------------------------------

  join(): void {
    const { move } = this.#parts;
    const { pair, target } = this.joined;
    target.user = pair.deviceUser;
    target.asksForOffer = true;
    target.leg.modify((fate) => {
      if (fate.name === "Unchanged") move.step({ kind: "Unjoined", status: fate.status });
    });
  }

  /** It goes on with whoever asked, as before. */
  withdraw(isChanged: boolean): void {
    const { target } = this.#parts;
    target.other.side = this.#side;
    target.other.user = this.#user;
    target.other.asksForOffer = false;
    if (isChanged) target.talking.pair.restore();
  }

  over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { call } = this.#parts.target;
    if (call.moving) call.moving = undefined;
  }

  /** The target talks elsewhere: the call that it was in is over for whoever asked. */
  settled(): void {
    const { call, end } = this.#parts.target;
    call.moving = undefined;
    this.#isOver = true;
    call.leave(end, REPLACED);
    call.release();
  }
}

const REPLACED = [["Reason", 'SIP;cause=200;text="Another call took its place"']] as const;
