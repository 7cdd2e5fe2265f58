/**
 * The calls of a phone in the terminal, by the numbers that people say, and which of them is meant
 * when nobody says one.
 */
import type { CallState } from "carillon/ua";

export interface Numbered {
  readonly number: number;
  readonly call: { readonly state: CallState };
}

export type Meant = "Incoming" | "Talking" | "Held" | "Any";

/** More are never there at once: a phone itself takes no more than a hundred. */
const LAST_NUMBER = 9999;

export class CallList<T extends Numbered> {
  readonly #calls = new Map<number, T>();
  #last = 0;

  /** Adds one; the lowest number after the last one that is free. */
  add(make: (number: number) => T): T {
    do this.#last = (this.#last % LAST_NUMBER) + 1;
    while (this.#calls.has(this.#last));
    const one = make(this.#last);
    this.#calls.set(this.#last, one);
    return one;
  }

  remove({ number }: T): void {
    this.#calls.delete(number);
    if (this.#calls.size === 0) this.#last = 0;
  }

  get all(): readonly T[] {
    return [...this.#calls.values()];
  }

  /** The one of that number; without one the newest that fits best. */
  find(number: number | undefined, meant: Meant): T | undefined {
    if (number !== undefined) return this.#calls.get(number);
    const newest = [...this.all].reverse();
    for (const fits of PREFERENCES[meant]) {
      const found = newest.find(({ call }) => fits(call.state));
      if (found) return found;
    }
    return undefined;
  }
}

type Fits = (state: CallState) => boolean;

const isIncoming: Fits = ({ name }) => name === "Incoming";
const isHeldByUs: Fits = (state) =>
  state.name === "Established" && (state.held === "ByUs" || state.held === "ByBoth");
const isTalking: Fits = (state) => state.name === "Established" && !isHeldByUs(state);
const isThere: Fits = ({ name }) => name !== "Ended";

/** What is looked for first, second, and so on. */
const PREFERENCES: Readonly<Record<Meant, readonly Fits[]>> = {
  Incoming: [isIncoming],
  Talking: [isTalking],
  Held: [isHeldByUs],
  Any: [isTalking, isThere],
};
