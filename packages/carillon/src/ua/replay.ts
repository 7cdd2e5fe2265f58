/** Values over time, of which whoever looks first sees the one that holds now. */

export interface IterationOptions {
  /** Ends the iteration, which is then over as if there were no more values. */
  readonly signal?: AbortSignal;
}

/** A value that changes. Each iteration starts with the current one and then sees every change. */
export class Changing<T> {
  #current: T;
  #ended = false;
  readonly #queues = new Set<Queue<T>>();

  constructor(first: T) {
    this.#current = first;
  }

  get current(): T {
    return this.#current;
  }

  set(value: T): void {
    if (this.#ended) return;
    this.#current = value;
    for (const queue of this.#queues) queue.push(value);
  }

  /** No more changes: iterations end after what they have not yet seen. */
  end(): void {
    this.#ended = true;
    for (const queue of this.#queues) queue.end();
  }

  values(options: IterationOptions = {}): AsyncIterableIterator<T> {
    const queue = new Queue<T>((one) => this.#queues.delete(one), options.signal);
    queue.push(this.#current);
    if (this.#ended) queue.end();
    if (!queue.ended) this.#queues.add(queue);
    return queue;
  }
}

/** Who waits for a value. A method, so that a queue of something is one of anything wider. */
interface Taker<T> {
  take(result: IteratorResult<T>): void;
}

/** Each of these values to a listener, in order; what that throws is nobody's, and ends nothing. */
export async function hear<T>(
  values: AsyncIterable<T>,
  listener: (value: T) => void,
): Promise<void> {
  for await (const value of values) {
    try {
      listener(value);
    } catch (fault) {
      void Promise.reject(fault);
    }
  }
}

/** Values in order, waited for one at a time. */
export class Queue<T> implements AsyncIterableIterator<T> {
  readonly #values: T[] = [];
  readonly #takers: Taker<T>[] = [];
  readonly #end: { over(queue: Queue<T>): void };
  readonly #max: number;
  readonly #signal: AbortSignal | undefined;
  readonly #abort = (): void => void this.return();
  #ended = false;

  /**
   * `onEnd` is called once, as soon as nothing more will be taken in. With `max` values waiting the
   * oldest gives way to the next.
   */
  constructor(
    onEnd: (queue: Queue<T>) => void = () => {},
    signal?: AbortSignal,
    max: number = Number.POSITIVE_INFINITY,
  ) {
    this.#end = { over: onEnd };
    this.#max = max;
    this.#signal = signal;
    if (signal?.aborted) this.#ended = true;
    else signal?.addEventListener("abort", this.#abort, { once: true });
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** How many values nobody has asked for yet. */
  get waiting(): number {
    return this.#values.length;
  }

  push(value: T): void {
    if (this.#ended) return;
    const taker = this.#takers.shift();
    if (taker) return taker.take({ value, done: false });
    if (this.#values.length >= this.#max) this.#values.shift();
    this.#values.push(value);
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#signal?.removeEventListener("abort", this.#abort);
    for (const taker of this.#takers.splice(0)) taker.take({ value: undefined, done: true });
    this.#end.over(this);
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#values.length > 0) {
      return Promise.resolve({ value: this.#values.shift() as T, done: false });
    }
    if (this.#ended) return Promise.resolve({ value: undefined, done: true });
    return new Promise((take) => this.#takers.push({ take }));
  }

  return(): Promise<IteratorResult<T>> {
    this.#values.length = 0;
    this.end();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
