/** Values over time, of which whoever looks first sees the one that holds now. */

export interface IterationOptions {
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
    this.#queues.clear();
  }

  values(options: IterationOptions = {}): AsyncIterableIterator<T> {
    const queue = new Queue<T>(() => this.#queues.delete(queue), options.signal);
    queue.push(this.#current);
    if (this.#ended) queue.end();
    else this.#queues.add(queue);
    return queue;
  }
}

/** Values in order, waited for one at a time. */
export class Queue<T> implements AsyncIterableIterator<T> {
  readonly #values: T[] = [];
  readonly #takers: ((result: IteratorResult<T>) => void)[] = [];
  readonly #onReturn: () => void;
  #ended = false;

  constructor(onReturn: () => void = () => {}, signal?: AbortSignal) {
    this.#onReturn = onReturn;
    if (signal?.aborted) this.end();
    else signal?.addEventListener("abort", () => void this.return(), { once: true });
  }

  push(value: T): void {
    if (this.#ended) return;
    const taker = this.#takers.shift();
    if (taker) taker({ value, done: false });
    else this.#values.push(value);
  }

  end(): void {
    this.#ended = true;
    for (const taker of this.#takers.splice(0)) taker({ value: undefined, done: true });
  }

  next(): Promise<IteratorResult<T>> {
    const [value] = this.#values.splice(0, 1) as [T?];
    if (value !== undefined) return Promise.resolve({ value, done: false });
    if (this.#ended) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve) => this.#takers.push(resolve));
  }

  return(): Promise<IteratorResult<T>> {
    this.#values.length = 0;
    this.end();
    this.#onReturn();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
