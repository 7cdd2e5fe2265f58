/**
 * Keeps a call whose way to the server is gone, and brings it back over the next one: a re-INVITE
 * with our new address, in which media look for their way anew. Runs the machine of
 * `usage/reconnection.ts`.
 */
import type { Endpoint } from "../endpoint/endpoint.ts";
import { newTimer, type Timed, type Timer } from "../endpoint/wheel.ts";
import * as machine from "../usage/reconnection.ts";
import type { Done } from "./modification.ts";

export interface KeepingUser {
  /** Offers anew. */
  modify(done: Done): void;
  /** Cut off, for this reason in words. */
  lost(why: string): void;
  restored(): void;
  /** It did not come back in time, or the other side knows it no more. */
  giveUp(): void;
}

const PARAMS: machine.Params = {
  // A lift, a tunnel, a server that is started anew.
  keepMs: 120_000,
  delayMs: 0,
  backOff: { baseMs: 250, maxMs: 2000 },
};

const SECOND_MS = 400;

export class Keeping implements Timed {
  readonly #endpoint: Endpoint;
  readonly #params: machine.Params;
  readonly #user: KeepingUser;
  readonly #timer: Timer = newTimer(this);
  #state: machine.State;
  #why = "";

  /** `isFirst`: of two who come back at once, this side begins. */
  constructor(endpoint: Endpoint, isFirst: boolean, user: KeepingUser) {
    this.#endpoint = endpoint;
    this.#params = isFirst ? PARAMS : { ...PARAMS, delayMs: SECOND_MS };
    this.#user = user;
    [this.#state] = machine.start(this.#params, endpoint.now);
  }

  /** Silence of the other side is no news: it may be cut off, too. */
  get isRestoring(): boolean {
    return this.#state.name === "Restoring";
  }

  cutOff(why: string): void {
    this.#why = why;
    this.#step({ kind: "CutOff" });
  }

  /** The other side has said something: it is back as well. */
  heard(): void {
    if (this.#state.name === "Waiting") this.back();
  }

  /** They have refreshed the dialog over the way that there is now. */
  refreshed(): void {
    this.#step({ kind: "Refreshed" });
  }

  /** There is a way again. */
  back(): void {
    this.#step({ kind: "Back" });
  }

  /** Our address is another one, or media do not get through. */
  moved(why: string): void {
    this.#why = why;
    this.#step({ kind: "Moved" });
  }

  stop(): void {
    this.#step({ kind: "Abandon" });
  }

  /** For the wheel only. */
  due(): void {
    this.#step({ kind: "Tick" });
  }

  #step(input: machine.Input): void {
    const { now } = this.#endpoint;
    const [state, ...outputs] = machine.step(this.#params, this.#state, input, now);
    this.#state = state;
    this.#endpoint.schedule(this.#timer, machine.deadline(state));
    for (const output of outputs) this.#carryOut(output);
  }

  #carryOut(output: machine.Output): void {
    switch (output.kind) {
      case "Lost":
        return this.#user.lost(this.#why);
      case "Restore":
        return this.#restore();
      case "Restored":
        return this.#user.restored();
      case "GiveUp":
        return this.#user.giveUp();
    }
  }

  #restore(): void {
    this.#user.modify((fate) => {
      const status = fate.name === "Unchanged" ? fate.status : 200;
      const random = this.#endpoint.ids.fraction();
      this.#step({ kind: "Response", status, random });
    });
  }
}
