import { describe, expect, test } from "vitest";
import { Gathering, type Time } from "./gathering.ts";

/** A thread on which time passes only here. */
class Thread implements Time {
  at = 1000;
  worked = 0;
  readonly sleeps: number[] = [];
  now = () => this.at;
  active = () => this.worked;
  sleep = (ms: number) => {
    this.sleeps.push(ms);
    this.at += ms;
    this.worked += ms;
  };
}

/** A second of datagrams, evenly spread, each of which takes so much work: all pauses in it. */
function pausesAt(perSecond: number, maxMs: number, workMs = 0.01): readonly number[] {
  const thread = new Thread();
  const gathering = new Gathering(maxMs, thread);
  const end = thread.at + 1000;
  let served = 0;
  while (thread.at < end) {
    const due = Math.floor(((thread.at - 1000) * perSecond) / 1000) + 1;
    if (due <= served) {
      thread.at += 0.01;
      continue;
    }
    const before = served;
    gathering.wait();
    served = Math.floor(((thread.at - 1000) * perSecond) / 1000) + 1;
    gathering.took(served - before);
    thread.at += workMs * (served - before);
    thread.worked += workMs * (served - before);
  }
  return thread.sleeps;
}

describe("a turn that serves datagrams", () => {
  test("never waits where little comes, nor where waiting is switched off", () => {
    expect(pausesAt(100, 1)).toEqual([]);
    expect(pausesAt(2_500, 1)).toEqual([]);
    expect(pausesAt(20_000, 0)).toEqual([]);
  });

  test("waits as long as it may where some come, and shorter where many do", () => {
    const [some, many] = [pausesAt(7_000, 1), pausesAt(30_000, 1)];
    expect(some.length).toBeGreaterThan(400);
    expect(new Set(some)).toEqual(new Set([1]));
    expect(many.length).toBeGreaterThan(500);
    expect(Math.max(...many)).toBeLessThan(0.7);
    expect(Math.min(...many)).toBeGreaterThan(0.4);
  });

  test("does not wait where the thread is at work most of its time", () => {
    // 85 ms of work in 100.
    expect(pausesAt(8_500, 1, 0.1).length).toBeLessThan(20);
  });

  test("stops at the first look once it is quiet again", () => {
    const thread = new Thread();
    const gathering = new Gathering(1, thread);
    for (let ms = 0; ms < 100; ms++) {
      gathering.wait();
      gathering.took(10);
      thread.at += 1;
    }
    const before = thread.sleeps.length;
    expect(before).toBeGreaterThan(50);
    thread.at += 500;
    gathering.wait();
    expect(thread.sleeps).toHaveLength(before);
  });

  test("does not wait a second time for another socket in the same turn", () => {
    const thread = new Thread();
    const gathering = new Gathering(1, thread);
    for (let ms = 0; ms < 100; ms++) {
      gathering.wait();
      gathering.wait();
      gathering.took(10);
      thread.at += 1;
    }
    expect(thread.sleeps.length).toBeLessThanOrEqual(100);
    expect(thread.sleeps.length).toBeGreaterThan(50);
  });
});
