import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { lateness } from "./lateness.ts";

test("a turn that took long is told while it lasts and in the next one, not for ever", async () => {
  const { lateMs, close } = lateness(() => performance.now());
  try {
    await pause(50);
    const endMs = performance.now() + 150;
    while (performance.now() < endMs);
    expect(lateMs()).toBeGreaterThan(100);
    await new Promise((go) => setImmediate(go));
    await new Promise((go) => setTimeout(go, 1));
    expect(lateMs()).toBeGreaterThan(100);
    for (let tries = 0; lateMs() > 50 && tries < 100; tries++) await pause(20);
    expect(lateMs()).toBeLessThan(50);
  } finally {
    close();
  }
});
