/**
 * What a store says: the value itself, or that it will come. A value at hand is used in the same
 * turn, so a call through a proxy with everything in memory never leaves the synchronous path.
 */
export type Answer<T> = T | Pending<T>;

/** A value that is still on its way, from a disk or another machine. */
export class Pending<T> {
  #take: ((value: T) => void) | undefined;

  /** Called by the store, from a `Call` input of the endpoint, once. */
  resolve(value: T): void {
    const take = this.#take;
    this.#take = undefined;
    take?.(value);
  }

  /** Who wants the value; there is one. */
  whenResolved(take: (value: T) => void): void {
    this.#take = take;
  }
}

/** Goes on with a value now, or as soon as it is there. */
export function withAnswer<T>(answer: Answer<T>, goOn: (value: T) => void): void {
  if (answer instanceof Pending) answer.whenResolved(goOn);
  else goOn(answer);
}
