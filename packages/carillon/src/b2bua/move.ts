/**
 * Runs the machine of `put-through.ts` for one end of a call that is to talk to somebody else, who
 * is called for it (`call-for-end.ts`) or talks to the agent already (`joined-ends.ts`).
 */
import type { Endpoint } from "../endpoint/endpoint.ts";
import { newTimer, type Timed, type Timer } from "../endpoint/wheel.ts";
import type { CallEnd } from "../ua/sip-error.ts";
import type { CallSide } from "./call-side.ts";
import type { DialogPair, PairUser } from "./dialog-pair.ts";
import type { Described } from "./media-engine.ts";
import * as machine from "./put-through.ts";

/** The two who are to talk. */
export interface Joined {
  readonly pair: DialogPair;
  readonly target: CallSide;
}

/** Where the target comes from. */
export interface MoveSource {
  /** Undefined before the target has answered. */
  readonly joined: Joined | undefined;
  /** Has the two described to each other; the pair hears what becomes of it. */
  join(): void;
  /** Nobody wants the target any more; `isChanged`: it may have been offered something. */
  withdraw(isChanged: boolean): void;
  /** Nothing more comes of it. */
  over(): void;
}

/** Hears what becomes of it. */
export interface MoveHearer {
  /** How far it is: a status over 100, the last one final. */
  report(status: number): void;
  /** They have each other, for good. */
  settled(joined: Joined): void;
  /** Whoever asked has nobody to talk to any more. */
  part(): void;
  /** It has come to nothing; `isChanged`: the end that was to be put through was offered anew. */
  returned(isChanged: boolean): void;
  /** The same, and nobody is left to go back to. */
  gaveUp(status: number): void;
  /** Media are agreed on anew. */
  agreed(described: Described): void;
  /** An INVITE or UPDATE came by. */
  refreshed(): void;
  /** One of the two has hung up, after all was settled. */
  ended(by: CallSide, end: CallEnd): void;
  /** The same of one whose media have found no way again. */
  notRestored(of: CallSide): void;
}

export class Move implements Timed {
  readonly #endpoint: Endpoint;
  readonly #transferee: CallSide;
  readonly #hearer: MoveHearer;
  readonly #timer: Timer = newTimer(this);
  #source: MoveSource | undefined;
  #state: machine.State;
  /** Who has heard the transferee so far. */
  #before: CallSide["user"];

  constructor(endpoint: Endpoint, transferee: CallSide, hearer: MoveHearer) {
    this.#endpoint = endpoint;
    this.#transferee = transferee;
    this.#hearer = hearer;
    [this.#state] = machine.start(machine.PUT_THROUGH, endpoint.now);
  }

  /** From here on time counts. */
  begin(source: MoveSource): void {
    this.#source = source;
    this.#schedule();
  }

  step(input: machine.Input): void {
    const before = this.#state.name;
    const { now } = this.#endpoint;
    const [state, ...outputs] = machine.step(machine.PUT_THROUGH, this.#state, input, now);
    this.#state = state;
    this.#schedule();
    for (const output of outputs) this.#carryOut(output, before === "Joining");
    if (state.name === "Terminated" && before !== "Terminated") this.#source?.over();
  }

  /** For the wheel only. */
  due(): void {
    this.step({ kind: "Tick" });
  }

  /** What the pair of the two tells. */
  pairUser(target: () => CallSide): PairUser {
    const hearer = this.#hearer;
    const fails = (status: number) => this.step({ kind: "Unjoined", status });
    return {
      firstAnswer() {},
      firstOffer() {},
      agreed: (described) => {
        hearer.agreed(described);
        // Once the target has heard of it, too.
        this.#endpoint.later(() => this.step({ kind: "Joined" }));
      },
      refused: ({ status }) => fails(status),
      refreshed: () => hearer.refreshed(),
      ended: (by, end) => {
        const { name } = this.#state;
        const isSettled = name === "Parting" || name === "Terminated";
        if (by !== target()) this.step({ kind: "TransfereeLeft" });
        else if (end.by === "network") fails(488);
        else this.step({ kind: "TargetLeft" });
        if (isSettled) hearer.ended(by, end);
      },
      notRestored: (of) => hearer.notRestored(of),
    };
  }

  #schedule(): void {
    this.#endpoint.schedule(this.#timer, machine.deadline(this.#state));
  }

  #carryOut(output: machine.Output, wasJoining: boolean): void {
    const hearer = this.#hearer;
    const source = this.#source;
    switch (output.kind) {
      case "Report":
        return hearer.report(output.status);
      case "Join":
        this.#before = this.#transferee.user;
        this.#transferee.user = source?.joined?.pair.callerUser;
        return source?.join();
      case "Settle":
        source?.joined?.pair.take();
        if (source?.joined) hearer.settled(source.joined);
        return;
      case "Part":
        return hearer.part();
      case "Withdraw":
        source?.joined?.pair.stop();
        return source?.withdraw(wasJoining);
      case "Return":
        if (wasJoining) this.#transferee.user = this.#before;
        return hearer.returned(wasJoining);
      case "GiveUp":
        if (wasJoining) this.#transferee.user = this.#before;
        return hearer.gaveUp(output.status);
    }
  }
}
