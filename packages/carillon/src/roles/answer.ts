/**
 * What a store says: the value itself, or that it will come. A value at hand is used in the same
 * turn, so a call through a proxy with everything in memory never leaves the synchronous path.
 */

/** What a store answers: a value, or a `Pending` that settles later, once. */
export type Answer<T> = T | Pending<T>;

type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly cause: unknown };

/** Why a store took nothing: it is too far behind. Nothing of it has been written, or will be. */
export class StoreBusy extends Error {
  /** Tells it from other errors, in logs too. */
  override readonly name = "StoreBusy";
  /** For the Retry-After of the 503 that the sender gets. */
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    super("the disk is too slow for what is asked of it");
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** A value on its way from a disk or another machine; or word that it will not come. */
export class Pending<T> {
  #outcome: Outcome<T> | undefined;
  #take: ((outcome: Outcome<T>) => void) | undefined;

  /** Called by the store, from a `Call` input of the endpoint. What is said later is ignored. */
  resolve(value: T): void {
    this.#settle({ ok: true, value });
  }

  /** Called by the store when it failed; what was to be written has not been. */
  reject(cause: unknown): void {
    this.#settle({ ok: false, cause });
  }

  /** Who wants the value; there is one. */
  whenSettled(take: (value: T) => void, failed: (cause: unknown) => void): void {
    this.#take = (outcome) => (outcome.ok ? take(outcome.value) : failed(outcome.cause));
    if (this.#outcome) this.#take(this.#outcome);
  }

  #settle(outcome: Outcome<T>): void {
    if (this.#outcome) return;
    this.#outcome = outcome;
    this.#take?.(outcome);
  }
}

/** Goes on with a value now, or as soon as it is there. */
export function withAnswer<T>(
  answer: Answer<T>,
  goOn: (value: T) => void,
  failed: (cause: unknown) => void,
): void {
  if (answer instanceof Pending) answer.whenSettled(goOn, failed);
  else goOn(answer);
}

/** All of them, put together once they are there; one that failed counts as nothing found. */
export function allOf<T, U>(
  answers: readonly Answer<readonly T[]>[],
  combine: (found: readonly (readonly T[])[]) => U,
): Answer<U> {
  const found: (readonly T[])[] = answers.map(() => []);
  const whole = new Pending<U>();
  let missing = answers.filter((one) => one instanceof Pending).length;
  const isAtHand = missing === 0;
  for (const [nth, answer] of answers.entries()) {
    if (!(answer instanceof Pending)) {
      found[nth] = answer;
      continue;
    }
    const settled = (value: readonly T[]) => {
      found[nth] = value;
      if (--missing === 0) whole.resolve(combine(found));
    };
    answer.whenSettled(settled, () => settled([]));
  }
  return isAtHand ? combine(found) : whole;
}
