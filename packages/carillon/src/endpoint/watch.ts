/** Servers under suspicion: tried last for a while, and asked by OPTIONS whether they are back. */
import type { Millis } from "../grammar/millis.ts";
import * as suspects from "../locate/suspects.ts";
import type { Target } from "../locate/target.ts";
import { newTimer, type Timer } from "./wheel.ts";

/** What a watch needs of its endpoint. */
export interface WatchWorld {
  readonly now: Millis;
  schedule(timer: Timer, at: Millis): void;
  /** Sends an OPTIONS there; `answered` hears of any response at all. */
  probe(target: Target, answered: () => void): void;
}

export class Watch {
  readonly #world: WatchWorld;
  readonly #timer: Timer = newTimer({ due: () => this.note({ kind: "Tick" }) });
  #state: suspects.State;

  constructor(world: WatchWorld) {
    this.#world = world;
    [this.#state] = suspects.start();
  }

  get size(): number {
    return this.#state.suspects.size;
  }

  /** What `failover` has seen of a server. */
  note(input: suspects.Input): void {
    const [state, ...probes] = suspects.step(this.#state, input, this.#world.now);
    this.#state = state;
    this.#world.schedule(this.#timer, suspects.deadline(state));
    for (const { target } of probes) {
      this.#world.probe(target, () => this.note({ kind: "Answers", target }));
    }
  }

  /** The targets in the order of trying: those under suspicion behind all others. */
  trustedFirst(targets: readonly Target[]): readonly Target[] {
    return suspects.trustedFirst(this.#state, targets);
  }
}
