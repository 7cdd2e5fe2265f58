/** One leg of a call that somebody here makes: its machine, its BYEs, its place in the book. */
import { newTimer, type Timed, type Timer } from "../../endpoint/wheel.ts";
import type { Octets } from "../../grammar/octets.ts";
import type { Millis } from "../../transaction/timers.ts";
import { type Flow, isReliable } from "../../transport/flow.ts";
import type { SavedLeg } from "./kept-calls.ts";
import * as machine from "./leg.ts";
import type { CallingParts } from "./outgoing-call.ts";
import { TwoDialogs } from "./two-dialogs.ts";

/** What it has of its call. */
export interface LegUser {
  readonly account: string;
  readonly where: "outside" | "inside";
  readonly callId: Octets;
  readonly callerTag: Octets;
  /** The highest CSeq number of the caller. */
  readonly seq: number;
  /** The INVITE is to be taken back. */
  cancel(): void;
  /** It counts no more. */
  gone(leg: OutgoingLeg): void;
}

/** Ends a dialog that a part of this server has with its other side, which tells `over` then. */
export type HangUp = (why: string) => void;

export class OutgoingLeg implements Timed {
  /** Of the answer that made it; undefined before. */
  tag: Octets | undefined;
  /** Undefined where it ends at a part of this server, or its answer cannot be read. */
  dialogs: TwoDialogs | undefined;
  /** Where its other side answered from. */
  farHost: string | undefined;
  /** Names it in the store. */
  readonly #id: string;
  readonly #parts: CallingParts;
  readonly #user: LegUser;
  readonly #params: machine.Params;
  readonly #timer: Timer = newTimer(this);
  #state: machine.State;
  #callerFlow: Flow | undefined;
  #hangUp: HangUp | undefined;
  #wasAnswered = false;

  /** `saved` goes on, which an earlier run began. */
  constructor(parts: CallingParts, user: LegUser, saved?: SavedLeg) {
    this.#parts = parts;
    this.#user = user;
    const { longestMs } = parts.limits(user.account);
    const isInside = user.where === "inside";
    this.#params = { ...machine.LEG_TIMES, longestMs: isInside ? INSIDE_MS : longestMs };
    this.#id = saved?.id ?? parts.endpoint.ids.unique();
    if (saved) {
      this.#state = machine.resume(this.#params, saved, this.#now);
      this.tag = saved.calleeTag;
      this.dialogs = saved.dialogs && TwoDialogs.resumed(saved.dialogs);
      this.farHost = saved.farHost;
      this.#callerFlow = saved.callerFlow;
      this.#wasAnswered = saved.phase !== "Calling";
    } else {
      [this.#state] = machine.start(this.#params, this.#now);
      this.save();
    }
    this.schedule();
  }

  /** Whether it leads out of the house. */
  get isOutside(): boolean {
    return this.#user.where === "outside";
  }

  /** Whether it waits for an answer, and nobody else has it. */
  get isOpen(): boolean {
    return this.tag === undefined && !this.isHeld;
  }

  /** Whether a part of this server has it, and says when it is over. */
  get isHeld(): boolean {
    return this.#hangUp !== undefined;
  }

  hold(hangUp: HangUp | undefined): void {
    this.#hangUp = hangUp;
  }

  answered(sessionMs: Millis | undefined, callerFlow?: Flow): void {
    this.#callerFlow = callerFlow;
    const { account, where } = this.#user;
    if (!this.#wasAnswered && where === "outside") {
      this.#parts.ledger.answered(account, this.#now);
    }
    this.#wasAnswered = true;
    this.step({ kind: "Answered", sessionMs });
    this.#parts.counted(account);
  }

  step(input: machine.Input): void {
    const [state, ...outputs] = machine.step(this.#params, this.#state, input, this.#now);
    this.#state = state;
    this.save();
    this.schedule();
    for (const output of outputs) this.#carryOut(output);
  }

  /** Writes down how it is, if it leads out of the house. */
  save(): void {
    const { store } = this.#parts;
    const kept = store && this.isOutside ? machine.kept(this.#state) : undefined;
    if (!store || !kept) return;
    const { account, callId, callerTag, seq } = this.#user;
    const flow = this.#callerFlow;
    // What a part of this server holds ends with it, sooner or later.
    const phase = this.isHeld ? "Calling" : kept.phase;
    store.saveLeg({
      ...{ ...kept, phase, id: this.#id, account, callId, callerTag, seq },
      ...{ calleeTag: this.tag, farHost: this.farHost, dialogs: this.dialogs?.saved },
      // Connections end with the program.
      callerFlow: flow && !isReliable(flow) ? flow : undefined,
    });
  }

  /** It has moved out of the house before anybody answered: it counts there. */
  schedule(): void {
    const { ledger, endpoint } = this.#parts;
    const { name } = this.#state;
    const counts = this.#user.where === "outside" && (name === "Talking" || name === "Calling");
    const at = machine.deadline(this.#state);
    const exhausted = counts ? ledger.exhaustedAt(this.#user.account, this.#now) : at;
    endpoint.schedule(this.#timer, Math.min(at, exhausted));
  }

  /** For the wheel only. */
  due(): void {
    const { ledger } = this.#parts;
    const { account, where } = this.#user;
    const isOver = where === "outside" && ledger.isExhausted(account, this.#now);
    this.step({ kind: isOver ? "Exhausted" : "Tick" });
  }

  #carryOut(output: machine.Output): void {
    switch (output.kind) {
      case "Cancel":
        this.#hangUp?.(TOO_LONG);
        return this.#user.cancel();
      case "ByeThere":
        return this.#bye(false);
      case "ByeBoth":
        return this.#bye(true);
      case "Free": {
        const { account, where } = this.#user;
        if (where === "outside") this.#parts.store?.removeLeg(this.#id);
        this.#parts.ledger.free(account, where, this.#wasAnswered, this.#now);
        this.#parts.counted(account);
        return this.#user.gone(this);
      }
    }
  }

  #bye(isForBoth: boolean): void {
    if (this.#hangUp) return this.#hangUp(TOO_LONG);
    const { own } = this.#parts;
    const dialogs = this.#user.where === "outside" ? this.dialogs : undefined;
    const there = dialogs?.byeThere(TOO_LONG);
    // A BYE after a restart needs another number.
    this.save();
    // Of a call inside nobody pays, and of one without a way there is nobody to be asked.
    if (!there) return this.step({ kind: "ByeAnswered", status: 481 });
    own.toServers(there.hop, there.bye, ({ status }) => this.step({ kind: "ByeAnswered", status }));
    if (isForBoth && dialogs && this.#callerFlow) {
      own.overFlow(this.#callerFlow, dialogs.byeHere(TOO_LONG), () => {});
    }
  }

  get #now(): Millis {
    return this.#parts.endpoint.now;
  }
}

/** Of a call inside, whose end nobody has told. */
const INSIDE_MS = 24 * 3_600_000;
const TOO_LONG = "This call has lasted as long as it may, or ended elsewhere";
