/**
 * States that nobody waits for, written behind what happens: of each the last, in one write at a
 * time, and again until the disk takes it. So a phone that changes one a thousand times in a moment
 * costs two writes, and a disk that is behind loses none.
 */
import type { Answer } from "carillon/roles";
import { Pending } from "carillon/roles";
import type { EventStates, KeptState } from "./event-states.ts";

/** How long a disk that could not take one is left alone. */
const AGAIN_MS = 1000;

export class WrittenBehind {
  readonly #states: Pick<EventStates, "save" | "remove">;
  readonly #lost: (cause: unknown) => void;
  /** By id: what is to be written next; undefined: that it is over. */
  readonly #next = new Map<string, KeptState | undefined>();
  readonly #writing = new Set<string>();
  #again: NodeJS.Timeout | undefined;

  /** `lost` hears each time that the disk could not take one, which is tried again. */
  constructor(states: Pick<EventStates, "save" | "remove">, lost: (cause: unknown) => void) {
    this.#states = states;
    this.#lost = lost;
  }

  save(state: KeptState): void {
    this.#put(state.id, state);
  }

  remove(id: string): void {
    this.#put(id, undefined);
  }

  #put(id: string, state: KeptState | undefined): void {
    this.#next.set(id, state);
    if (!this.#writing.has(id)) this.#write(id);
  }

  #write(id: string): void {
    const state = this.#next.get(id);
    this.#next.delete(id);
    this.#writing.add(id);
    whenDone(state ? this.#states.save(state) : this.#states.remove(id), (cause) => {
      this.#writing.delete(id);
      if (cause === undefined) {
        if (this.#next.has(id)) this.#write(id);
        return;
      }
      if (!this.#next.has(id)) this.#next.set(id, state);
      this.#lost(cause);
      this.#again ??= setTimeout(() => this.#writeAgain(), AGAIN_MS).unref();
    });
  }

  #writeAgain(): void {
    this.#again = undefined;
    for (const id of [...this.#next.keys()]) if (!this.#writing.has(id)) this.#write(id);
  }
}

function whenDone(answer: Answer<void>, done: (cause: unknown) => void): void {
  if (!(answer instanceof Pending)) return done(undefined);
  answer.whenSettled(
    () => done(undefined),
    (cause) => done(cause ?? "no cause"),
  );
}
