/**
 * Keeps the changes of a session apart: what of ours may go out now, what of theirs is refused.
 * Runs the machine of `usage/session-modification.ts`. RFC 3261 §14, RFC 3311 §5.
 */
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Reply } from "../endpoint/reply.ts";
import { newTimer, type Timed, type Timer } from "../endpoint/wheel.ts";
import { DEFAULT_TIMERS } from "../transaction/timers.ts";
import type { Change } from "../usage/glare.ts";
import * as machine from "../usage/session-modification.ts";

export interface ModificationUser {
  /** This of ours may go out now. */
  send(change: Change): void;
  /** Nobody has answered their UPDATE in time: it has to be refused with this. */
  tooLate(status: number): void;
  /** The dialog has to end: a request of ours or a 2xx was met with silence. */
  silence(): void;
}

/** What became of a request of ours. */
export type Fate =
  | { readonly name: "Changed" | "Later" }
  | { readonly name: "Unchanged"; readonly status: number };

/** Called once, when a change that was wanted is made, or is not to be had. */
export type Done = (fate: Exclude<Fate, { name: "Later" }>) => void;

export class Modification implements Timed {
  readonly #endpoint: Endpoint;
  readonly #params: machine.Params;
  readonly #user: ModificationUser;
  readonly #timer: Timer = newTimer(this);
  #state: machine.State;
  /** Who wants what has not been sent yet, and who waits for the answer to what has. */
  #waiting: readonly Done[] = [];
  readonly #sent: Record<Change["method"], readonly Done[]> = { INVITE: [], UPDATE: [] };

  constructor(endpoint: Endpoint, params: Omit<machine.Params, "t1">, user: ModificationUser) {
    this.#endpoint = endpoint;
    this.#params = { ...params, t1: DEFAULT_TIMERS.t1 };
    this.#user = user;
    [this.#state] = machine.start(this.#params, endpoint.now);
  }

  want(change: Change, done?: Done): void {
    if (this.#state.name === "Terminated") return done?.({ name: "Unchanged", status: 481 });
    if (done) this.#waiting = [...this.#waiting, done];
    this.#step({ kind: "Modify", change });
  }

  /** Theirs; what it has to be refused with, if it has. */
  received(change: Change): Reply | undefined {
    const outputs = this.#step({ kind: "Received", change, random: this.#random() });
    const refusal = outputs.find((one) => one.kind === "Refuse");
    if (!refusal) return undefined;
    const { status, retryAfterSeconds: seconds } = refusal;
    return { status, headers: seconds === undefined ? [] : [["Retry-After", `${seconds}`]] };
  }

  /** Theirs has its final response. */
  replied(method: "INVITE" | "UPDATE", status: number): void {
    this.#step({ kind: "Replied", method, status });
  }

  acknowledged(): void {
    this.#step({ kind: "Ack" });
  }

  /** The offer of the first INVITE, or of its PRACK, is in the open; or has been answered. */
  opened(offer: machine.OpenOffer): void {
    this.#step({ kind: "Offered", offer });
  }

  answered(): void {
    this.#step({ kind: "Answered" });
  }

  /** Ours has a final response, or none came (408). */
  response(method: "INVITE" | "UPDATE", status: number, retryAfterSeconds?: number): Fate {
    const sent = this.#sent[method];
    this.#sent[method] = [];
    const input = { kind: "Response", method, status, retryAfterSeconds } as const;
    const outputs = this.#step({ ...input, random: this.#random() });
    const isLater = !outputs.some(({ kind }) => kind !== "Send");
    if (isLater) {
      this.#waiting = [...sent, ...this.#waiting];
      return { name: "Later" };
    }
    const isChanged = outputs.some(({ kind }) => kind === "Changed");
    const fate = isChanged ? CHANGED : ({ name: "Unchanged", status } as const);
    for (const done of sent) done(fate);
    return fate;
  }

  /** The dialog is over. */
  abandon(): void {
    this.#step({ kind: "Abandon" });
    const all = [...this.#sent.INVITE, ...this.#sent.UPDATE, ...this.#waiting];
    this.#sent.INVITE = [];
    this.#sent.UPDATE = [];
    this.#waiting = [];
    for (const done of all) done({ name: "Unchanged", status: 481 });
  }

  /** For the wheel only. */
  due(): void {
    for (const output of this.#step({ kind: "Tick" })) {
      if (output.kind === "Refuse") this.#user.tooLate(output.status);
    }
  }

  #step(input: machine.Input): readonly machine.Output[] {
    const endpoint = this.#endpoint;
    const [state, ...outputs] = machine.step(this.#params, this.#state, input, endpoint.now);
    this.#state = state;
    endpoint.schedule(this.#timer, machine.deadline(state));
    for (const output of outputs) this.#carryOut(output);
    return outputs;
  }

  #carryOut(output: machine.Output): void {
    if (output.kind === "Send") {
      const { change } = output;
      this.#sent[change.method] = this.#waiting;
      this.#waiting = [];
      // What has been asked of the machine is settled first.
      this.#endpoint.later(() => this.#user.send(change));
    } else if (output.kind === "Bye") this.#endpoint.later(() => this.#user.silence());
  }

  #random(): number {
    return this.#endpoint.ids.fraction();
  }
}

const CHANGED = { name: "Changed" } as const;
