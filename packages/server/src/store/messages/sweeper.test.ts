import { Pending } from "carillon/roles";
import { expect, test } from "vitest";
import type { Swept } from "./message-write.ts";
import { keepSweeping } from "./sweeper.ts";

/** A world in which the test says when something is over. */
function stage() {
  const waits: number[] = [];
  const asked: Pending<Swept>[] = [];
  let due: (() => void) | undefined;
  const world = { isIdle: true };
  const stop = keepSweeping({
    sweep: () => {
      const answer = new Pending<Swept>();
      asked.push(answer);
      return answer;
    },
    isIdle: () => world.isIdle,
    later: (run, ms) => {
      waits.push(ms);
      due = run;
      return () => {
        due = undefined;
      };
    },
  });
  const pass = () => {
    const run = due;
    due = undefined;
    run?.();
  };
  return { waits, asked, world, pass, stop };
}

const swept = (isAtEnd: boolean): Swept => ({ gone: 1, next: { journal: 0, said: 0 }, isAtEnd });

test("a sweep goes on piece by piece to its end, and begins again after an hour", () => {
  const { waits, asked, pass } = stage();
  pass();
  asked[0]?.resolve(swept(false));
  pass();
  asked[1]?.resolve(swept(true));
  pass();
  asked[2]?.reject("EIO");
  pass();
  expect([waits, asked.length]).toEqual([[1000, 100, 3_600_000, 3_600_000], 4]);
});

test("it waits while the disk has something else to do", () => {
  const { waits, asked, world, pass } = stage();
  world.isIdle = false;
  for (let i = 0; i < 3; i++) pass();
  expect([waits, asked.length]).toEqual([[1000, 1000, 1000, 1000], 0]);
  world.isIdle = true;
  pass();
  expect(asked.length).toBe(1);
});

test("it ends when it is told to, whatever it is about", () => {
  const { asked, pass, stop, waits } = stage();
  pass();
  stop();
  asked[0]?.resolve(swept(false));
  pass();
  expect([asked.length, waits.length]).toEqual([1, 1]);
  const other = stage();
  other.stop();
  other.pass();
  expect(other.asked.length).toBe(0);
});
