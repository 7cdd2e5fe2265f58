import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NEVER } from "../transaction/timers.ts";
import { newTimer, type Timer, Wheel } from "./wheel.ts";

const SLOT_MS = 10;
const ROUND_MS = 40_960;
const START = 1_700_000_000_123.25;

/** A wheel and timers that write down when they rang. */
function stage(count: number) {
  const wheel = new Wheel(START);
  const rang: { readonly timer: number; readonly at: number; readonly wanted: number }[] = [];
  const timers: Timer[] = Array.from({ length: count }, (_, i) =>
    newTimer({ due: (now, timer) => rang.push({ timer: i, at: now, wanted: timer.at }) }),
  );
  return { wheel, rang, timers };
}

type Step =
  | { readonly kind: "Schedule"; readonly timer: number; readonly inMs: number }
  | { readonly kind: "Cancel"; readonly timer: number }
  | { readonly kind: "Wait"; readonly ms: number };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant("Schedule" as const),
    timer: fc.nat(4),
    inMs: fc.oneof(
      fc.double({ min: -50, max: 100, noNaN: true }),
      fc.double({ min: 0, max: 3 * ROUND_MS, noNaN: true }),
    ),
  }),
  fc.record({ kind: fc.constant("Cancel" as const), timer: fc.nat(4) }),
  fc.record({
    kind: fc.constant("Wait" as const),
    ms: fc.oneof(fc.double({ min: 0, max: 30, noNaN: true }), fc.nat(2 * ROUND_MS)),
  }),
);

/** Plays steps, ticking at each deadline on the way as a driver does. */
function play(steps: readonly Step[]) {
  const { wheel, rang, timers } = stage(5);
  const wanted = new Map<number, number>();
  let now = START;
  const advance = () => {
    const before = rang.length;
    wheel.advance(now);
    for (const { timer, at } of rang.slice(before)) {
      const due = wanted.get(timer);
      expect(due, "nothing rings twice, or after it was cancelled").toBeDefined();
      expect(at, "never early").toBeGreaterThanOrEqual(due ?? NEVER);
      wanted.delete(timer);
    }
    for (const due of wanted.values()) {
      expect(now - due, "at most a slot late").toBeLessThan(SLOT_MS);
    }
  };
  for (const step of [...steps, { kind: "Wait", ms: 4 * ROUND_MS } as const]) {
    if (step.kind === "Wait") {
      const until = now + step.ms;
      while (wheel.deadline() <= until) {
        now = Math.max(now, wheel.deadline());
        advance();
      }
      now = until;
      advance();
    } else {
      const at = step.kind === "Cancel" ? NEVER : now + step.inMs;
      wheel.schedule(timers[step.timer] as Timer, at);
      // What is due in the past is due with the next slot.
      const soonest = (Math.floor(now / SLOT_MS) + 1) * SLOT_MS - SLOT_MS;
      if (step.kind === "Cancel") wanted.delete(step.timer);
      else wanted.set(step.timer, Math.max(at, soonest));
    }
    for (const due of wanted.values()) expect(wheel.deadline()).toBeLessThan(due + 2 * SLOT_MS);
  }
  return { wheel, wanted };
}

describe("the wheel", () => {
  test("rings whatever is moved and cancelled once, never early and at most a slot late", () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 30 }), (steps) => {
        const { wheel, wanted } = play(steps);
        expect(wanted.size).toBe(0);
        expect(wheel.size).toBe(0);
        expect(wheel.deadline()).toBe(NEVER);
      }),
      { numRuns: 500 },
    );
  });

  test("keeps what is due later than a round until its time, and looks at it once a round", () => {
    const { wheel, rang, timers } = stage(1);
    wheel.schedule(timers[0] as Timer, START + 10 * ROUND_MS);
    let ticks = 0;
    while (rang.length === 0) {
      wheel.advance(wheel.deadline());
      ticks++;
    }
    expect(ticks).toBe(11);
    expect(rang[0]?.at).toBeGreaterThanOrEqual(START + 10 * ROUND_MS);
  });

  test("after ten hours of sleep rings everything at once, in order", () => {
    const { wheel, rang, timers } = stage(3);
    wheel.schedule(timers[2] as Timer, START + 10_000);
    wheel.schedule(timers[0] as Timer, START + 40_000);
    wheel.schedule(timers[1] as Timer, START + 30_000);
    wheel.advance(START + 36_000_000);
    expect(rang.map(({ timer }) => timer)).toEqual([2, 1, 0]);
    expect(wheel.size).toBe(0);
  });

  test("after a sleep counts anew from now: a timer that starts again does not race", () => {
    const wheel = new Wheel(0);
    let rang = 0;
    const timer = newTimer({
      due: (now, self) => {
        rang++;
        wheel.schedule(self, now + 500);
      },
    });
    wheel.schedule(timer, 500);
    wheel.advance(36_000_000);
    expect(rang).toBe(1);
    expect(wheel.deadline()).toBe(36_000_500);
  });

  test("one that is cancelled or moved by another of the same moment does not ring", () => {
    const wheel = new Wheel(0);
    const rang: string[] = [];
    const cancelled = newTimer({ due: () => rang.push("cancelled") });
    const moved = newTimer({ due: () => rang.push("moved") });
    const first = newTimer({
      due: () => {
        wheel.schedule(cancelled, NEVER);
        wheel.schedule(moved, 5000);
      },
    });
    for (const timer of [first, cancelled, moved]) wheel.schedule(timer, 100);
    wheel.advance(100);
    expect(rang).toEqual([]);
    wheel.advance(5000);
    expect(rang).toEqual(["moved"]);
    expect(wheel.size).toBe(0);
  });

  test("one that throws takes no other with it", () => {
    const wheel = new Wheel(0);
    const rang: string[] = [];
    const bad = newTimer({
      due() {
        throw new Error("a defect");
      },
    });
    wheel.schedule(bad, 100);
    wheel.schedule(newTimer({ due: () => rang.push("other") }), 100);
    expect(() => wheel.advance(100)).toThrow("a defect");
    wheel.advance(wheel.deadline());
    expect(rang).toEqual(["other"]);
  });

  test("moving a deadline later a thousand times holds one reference", () => {
    const { wheel, timers } = stage(1);
    for (let i = 1; i <= 1000; i++) wheel.schedule(timers[0] as Timer, START + i);
    expect(wheel.size).toBe(1);
  });
});
