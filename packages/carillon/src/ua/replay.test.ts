import { describe, expect, test, vi } from "vitest";
import { Changing, Queue } from "./replay.ts";

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const seen: T[] = [];
  for await (const value of values) seen.push(value);
  return seen;
}

/** How many listeners a signal has: it must outlive what it was given to without growing. */
function counted(): { signal: AbortSignal; abort(): void; listeners: () => number } {
  const controller = new AbortController();
  const { signal } = controller;
  const added = vi.spyOn(signal, "addEventListener").mock;
  const removed = vi.spyOn(signal, "removeEventListener").mock;
  const listeners = () => added.calls.length - removed.calls.length;
  return { signal, abort: () => controller.abort(), listeners };
}

describe("a value that changes", () => {
  test("is seen by each iteration from the current one on", async () => {
    const value = new Changing(1);
    const early = all(value.values());
    value.set(2);
    const late = all(value.values());
    value.set(3);
    value.end();
    value.set(4);
    expect(await early).toEqual([1, 2, 3]);
    expect(await late).toEqual([2, 3]);
    expect(value.current).toBe(3);
    expect(await all(value.values()), "after the end").toEqual([3]);
  });

  test("may be falsy", async () => {
    const value = new Changing<number | undefined>(0);
    const seen = all(value.values());
    value.set(undefined);
    value.set(0);
    value.end();
    expect(await seen).toEqual([0, undefined, 0]);
  });

  test("is let go of by a loop that is left", async () => {
    const value = new Changing(1);
    for await (const one of value.values()) if (one === 1) break;
    const { signal, listeners } = counted();
    for await (const one of value.values({ signal })) if (one === 1) break;
    expect(listeners()).toBe(0);
  });

  test("ends an iteration whose signal aborts, at once and without an error", async () => {
    const value = new Changing(1);
    const { signal, abort } = counted();
    const seen = all(value.values({ signal }));
    await Promise.resolve();
    abort();
    value.set(2);
    expect(await seen).toEqual([1]);
    expect(await all(value.values({ signal })), "aborted before").toEqual([]);
  });
});

describe("a queue", () => {
  test("gives values in order to those who wait in order", async () => {
    const queue = new Queue<number>();
    const [first, second] = [queue.next(), queue.next()];
    queue.push(1);
    queue.push(2);
    queue.push(3);
    expect((await first).value).toBe(1);
    expect((await second).value).toBe(2);
    expect((await queue.next()).value).toBe(3);
  });

  test("says once that it takes nothing more in", async () => {
    let ends = 0;
    const queue = new Queue<number>(() => ends++);
    const waiting = queue.next();
    queue.end();
    queue.end();
    await queue.return();
    queue.push(1);
    expect(await waiting).toEqual({ value: undefined, done: true });
    expect(await queue.next()).toEqual({ value: undefined, done: true });
    expect(ends).toBe(1);
  });
});
