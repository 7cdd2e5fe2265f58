/** Who writes to whom: both sides' machines at work. RFC 3994. */

import type { IsComposing } from "../documents/is-composing.ts";
import { newTimer, type Timer } from "../endpoint/wheel.ts";
import { NEVER } from "../transaction/timers.ts";
import type { Agent } from "../ua/agent.ts";
import * as receiver from "../usage/composing-receiver.ts";
import * as sender from "../usage/composing-sender.ts";

export interface ComposersUser {
  /** Tell them; true is called back with whether they want to hear it. */
  tell(target: string, what: IsComposing, unsupported: () => void): void;
  /** Somebody begins or stops. */
  changed(from: string, isComposing: boolean): void;
}

interface Side<S> {
  state: S;
  readonly timer: Timer;
}

/** People whose state is kept at a time, each way: the oldest are forgotten. */
const MAX_PEOPLE = 200;

export class Composers {
  readonly #agent: Agent;
  readonly #user: ComposersUser;
  readonly #ours = new Map<string, Side<sender.State>>();
  readonly #theirs = new Map<string, Side<receiver.State>>();

  constructor(agent: Agent, user: ComposersUser) {
    this.#agent = agent;
    this.#user = user;
  }

  /** Something happens to a message of ours to `target`. */
  ours(target: string, kind: sender.Input["kind"]): void {
    const known = this.#ours.get(target);
    // Where nothing is being written there is nothing to end.
    if (!known && kind !== "Composing") return;
    const side =
      known ?? this.#add(this.#ours, target, sender.start, (key) => this.ours(key, "Tick"));
    const { now } = this.#agent.endpoint;
    const [state, ...outputs] = sender.step(PARAMS, side.state, { kind }, now);
    side.state = state;
    this.#agent.endpoint.schedule(side.timer, sender.deadline(state));
    for (const output of outputs) this.#tell(target, output);
    // One that does not want to hear is remembered.
    if (state.name === "Idle") this.#remove(this.#ours, target);
  }

  #tell(target: string, output: sender.Output): void {
    const what: IsComposing =
      output.kind === "TellIdle"
        ? { state: "idle" }
        : { state: "active", refreshSeconds: output.refreshSeconds, contentType: "text/plain" };
    this.#user.tell(target, what, () => this.ours(target, "Unsupported"));
  }

  /** `from` says that they write, or sends what they have written. */
  theirs(from: string, input: receiver.Input): void {
    const known = this.#theirs.get(from);
    if (!known && !(input.kind === "Told" && input.state === "active")) return;
    const side =
      known ??
      this.#add(this.#theirs, from, receiver.start, (key) => this.theirs(key, { kind: "Tick" }));
    const [state, ...outputs] = receiver.step({}, side.state, input, this.#agent.endpoint.now);
    side.state = state;
    this.#agent.endpoint.schedule(side.timer, receiver.deadline(state));
    if (state.name === "Idle") this.#remove(this.#theirs, from);
    for (const { to } of outputs) this.#user.changed(from, to === "Active");
  }

  /** Who writes to us now. */
  get writing(): readonly string[] {
    return [...this.#theirs].filter(([, { state }]) => state.name === "Active").map(([key]) => key);
  }

  end(): void {
    for (const { timer } of [...this.#ours.values(), ...this.#theirs.values()]) {
      this.#agent.endpoint.schedule(timer, NEVER);
    }
  }

  #add<S>(
    to: Map<string, Side<S>>,
    key: string,
    start: (params: never, now: number) => readonly [S, ...unknown[]],
    due: (key: string) => void,
  ): Side<S> {
    const [oldest] = to.keys();
    if (oldest !== undefined && to.size >= MAX_PEOPLE) this.#remove(to, oldest);
    const [state] = start(undefined as never, this.#agent.endpoint.now);
    const side: Side<S> = { state, timer: newTimer({ due: () => due(key) }) };
    to.set(key, side);
    return side;
  }

  #remove<S>(from: Map<string, Side<S>>, key: string): void {
    const side = from.get(key);
    if (side) this.#agent.endpoint.schedule(side.timer, NEVER);
    from.delete(key);
  }
}

const PARAMS = sender.COMPOSING_DEFAULTS;
