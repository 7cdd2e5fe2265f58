import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { LoopDelay } from "./loop-delay.ts";

function computeFor(ms: number): void {
  const since = process.threadCpuUsage();
  for (;;) {
    const { user, system } = process.threadCpuUsage(since);
    if (user + system > ms * 1000) return;
  }
}

test("what the thread computes at one go is told, and waiting is not", async () => {
  const delay = new LoopDelay();
  try {
    await pause(50);
    delay.take();
    await pause(100);
    const idle = delay.take();
    computeFor(120);
    await pause(30);
    const worked = delay.take();
    expect(worked.max).toBeGreaterThan(90);
    expect(worked.max).toBeGreaterThan(idle.max);
    expect([idle.long, worked.long]).toEqual([0, 1]);
    expect(worked.looks).toBeGreaterThan(0);
    // Of the time on the clock, in which the machine may have had other work.
    expect(worked.busy).toBeGreaterThan(0);
    expect(worked.busy).toBeLessThanOrEqual(1);
  } finally {
    delay.close();
  }
});

test("sleeping through a timer is nobody's computing", async () => {
  const delay = new LoopDelay();
  try {
    await pause(20);
    delay.take();
    // The thread is stopped, as by another program on its processor, and computes nothing.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150);
    await pause(30);
    expect(delay.take().max).toBeLessThan(100);
  } finally {
    delay.close();
  }
});
