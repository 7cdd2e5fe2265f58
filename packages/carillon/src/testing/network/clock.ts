/**
 * A clock that jumps from one thing that happens to the next: an hour in which nothing happens
 * takes no time at all.
 */
import { type Millis, NEVER } from "../../grammar/millis.ts";
import { Agenda } from "./agenda.ts";

/** Whoever wakes at times of its own. */
export interface Sleeper {
  /** When it wants to be woken, in ms of the network's clock; NEVER if it does not. */
  readonly deadline: Millis;
  /** It is that time, or later. */
  tick(): void;
}

/** Promises that wait for each other need turns of the microtask queue; this many are plenty. */
const SETTLING_TURNS = 40;

export class VirtualClock {
  now: Millis;
  readonly #agenda = new Agenda();
  readonly #sleepers: () => Iterable<Sleeper>;

  constructor(startMs: Millis, sleepers: () => Iterable<Sleeper>) {
    this.now = startMs;
    this.#sleepers = sleepers;
  }

  after(ms: Millis, run: () => void): void {
    this.#agenda.add(this.now + ms, run);
  }

  /** Lets time pass. */
  async run(ms: Millis): Promise<void> {
    const until = this.now + ms;
    while (await this.#step(until));
    this.now = until;
  }

  /** Runs until a promise settles; throws if that takes longer than `ms` of virtual time. */
  async until<T>(promise: Promise<T>, ms: Millis): Promise<T> {
    let settled = false;
    const done = () => {
      settled = true;
    };
    promise.then(done, done);
    const end = this.now + ms;
    await settle();
    while (!settled && (await this.#step(end)));
    if (settled) return promise;
    this.now = end;
    throw new Error(
      `still waiting after ${ms} ms of virtual time. Nothing but this network is waited for: ` +
        "no timer of the system's, no file and no socket",
    );
  }

  /** The next thing that happens, if it does before `until`; and what promises make of it. */
  async #step(until: Millis): Promise<boolean> {
    await settle();
    const sleeper = this.#first();
    const eventAt = this.#agenda.nextAt;
    const next = Math.min(eventAt, sleeper?.deadline ?? NEVER);
    if (next > until) return false;
    this.now = Math.max(this.now, next);
    if (eventAt <= next) this.#agenda.next()?.();
    else sleeper?.tick();
    await settle();
    return true;
  }

  #first(): Sleeper | undefined {
    let first: Sleeper | undefined;
    for (const sleeper of this.#sleepers()) {
      if (sleeper.deadline < (first?.deadline ?? NEVER)) first = sleeper;
    }
    return first;
  }
}

async function settle(): Promise<void> {
  for (let i = 0; i < SETTLING_TURNS; i++) await Promise.resolve();
}
