import { expect, test } from "vitest";
import { VoiceClock } from "./voice-clock.ts";

/** So many beats of a clock, of which the second keeps the process busy for a while. */
async function beats(count: number, busyMs = 0) {
  const clock = new VoiceClock();
  const dues: number[] = [];
  await new Promise<void>((done) => {
    clock.add(function beat(due) {
      dues.push(due);
      if (dues.length === 2) for (const end = clock.now() + busyMs; clock.now() < end; );
      if (dues.length < count) return;
      clock.delete(beat);
      done();
    });
  });
  return { clock, dues, steps: dues.slice(1).map((due, n) => due - (dues[n] ?? 0)) };
}

test("a beat every 20 ms, none early, and each counted from the one before", async () => {
  const startMs = performance.now();
  const { dues, steps } = await beats(6);
  expect(performance.now() - startMs).toBeGreaterThanOrEqual(120);
  expect((dues[0] ?? 0) - startMs).toBeGreaterThanOrEqual(20);
  for (const step of steps) expect(Math.round(step * 1000) % 20_000).toBe(0);
});

test("what was missed is caught up with, and after a long stop it begins anew", async () => {
  const { clock, steps } = await beats(8, 700);
  expect(clock.skipped).toBeGreaterThanOrEqual(25);
  const longest = Math.max(...steps);
  expect(longest).toBeGreaterThanOrEqual(25 * 20);
  expect(Math.round(longest * 1000) % 20_000).toBe(0);
});

test("nobody listening, it stands still", async () => {
  const { clock, dues } = await beats(3);
  await new Promise<void>((later) => setTimeout(later, 60));
  expect(dues).toHaveLength(3);
  const again: number[] = [];
  const beat = (due: number) => again.push(due);
  clock.add(beat);
  clock.delete(beat);
  await new Promise<void>((later) => setTimeout(later, 60));
  expect(again).toEqual([]);
});

test("who leaves in a beat and lets another in leaves one timer, and never none", async () => {
  const clock = new VoiceClock();
  const dues: number[] = [];
  const [second, comes] = counted(3, (due) => dues.push(due));
  clock.add(function first() {
    clock.delete(first);
    clock.add(second);
  });
  await comes;
  // Not between two timers that go off together.
  await new Promise<void>((turn) => setImmediate(turn));
  expect(new Set(dues).size).toBe(dues.length);
  clock.delete(second);
  // A second timer would have gone off by then.
  await new Promise<void>((later) => setTimeout(later, 60));
  const [third, goesOn] = counted(2);
  clock.add(third);
  await goesOn;
  clock.delete(third);
});

/** A beat, and when it has come so often. */
function counted(
  times: number,
  beat: (due: number) => void = () => {},
): [(due: number) => void, Promise<void>] {
  let left = times;
  let done = (): void => {};
  const all = new Promise<void>((resolve) => {
    done = resolve;
  });
  const counting = (due: number): void => {
    beat(due);
    if (--left === 0) done();
  };
  return [counting, all];
}

test("with many calls, a turn with few packets is followed by sleep, a full one not", async () => {
  const slept: number[] = [];
  const clock = new VoiceClock((ms) => slept.push(ms));
  const turn = () => new Promise<void>((next) => setImmediate(next));
  const all = Array.from({ length: 25 }, () => () => {});
  const arrive = async (count: number) => {
    for (let n = 0; n < count; n++) clock.arrived();
    await turn();
    await turn();
    return slept.splice(0);
  };
  for (const beat of all.slice(1)) clock.add(beat);
  expect(await arrive(1)).toEqual([]);
  // Right behind a beat, so that the next one is far.
  await new Promise<void>((done) => {
    clock.add(function first() {
      clock.delete(first);
      done();
    });
  });
  if (all[0]) clock.add(all[0]);
  const [ms = 0, ...more] = await arrive(3);
  expect(more).toEqual([]);
  expect(ms).toBeLessThanOrEqual(2);
  expect(await arrive(8)).toEqual([]);
  for (const beat of all) clock.delete(beat);
});
