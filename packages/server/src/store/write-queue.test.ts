import { Pending, StoreBusy } from "carillon/roles";
import { expect, test } from "vitest";
import type { BindingsChange, Change } from "./change.ts";
import type { Disk, Written } from "./disk.ts";
import { type QueueLimits, WriteQueue } from "./write-queue.ts";

/** A disk and a loop whose turns end when the test says so. */
function stage(limits: Partial<QueueLimits> = {}, opened?: Promise<void>) {
  const batches: (readonly Change[])[] = [];
  let done: ((written: Written) => void) | undefined;
  const disk: Disk = {
    write: (batch, whenDone) => {
      if (done !== undefined) throw new Error("two batches at a time");
      batches.push(batch);
      done = whenDone;
    },
    close: async () => {},
    ...(opened && { opened }),
  };
  const turns: (() => void)[] = [];
  const clock = { now: 0 };
  const waits: number[] = [];
  const defer = (run: () => void, waitMs: number) => {
    turns.push(run);
    waits.push(waitMs);
  };
  const world = { disk, now: () => clock.now, defer };
  const queue = new WriteQueue(world, { gapMs: 0, ...limits });
  const heard: string[] = [];
  const write = (account: string): void => {
    queue.write(change(account)).whenSettled(
      (value) => heard.push(`${account} ${value}`),
      (cause) => heard.push(`${account} failed: ${cause}`),
    );
  };
  const endTurn = () => {
    for (const run of turns.splice(0)) run();
  };
  const sync = (written?: Written): void => {
    const [whenDone, batch] = [done, batches.at(-1) ?? []];
    done = undefined;
    whenDone?.(written ?? { ok: true, values: batch.map((_, i) => i) });
  };
  const written = () => batches.map((batch) => batch.map(accountOf).join(""));
  return { queue, clock, heard, write, endTurn, sync, written, waits };
}

const change = (account: string): BindingsChange => ({ kind: "Bindings", account, rows: [] });
const accountOf = (one: Change) => (one.kind === "Bindings" ? one.account : one.kind);

test("one turn is one batch, and the next one starts when the last is on the disk", () => {
  const { write, endTurn, sync, written, heard } = stage();
  write("a");
  write("b");
  expect(written()).toEqual([]);
  endTurn();
  expect(written()).toEqual(["ab"]);
  write("c");
  endTurn();
  write("d");
  endTurn();
  expect(written()).toEqual(["ab"]);
  expect(heard).toEqual([]);
  sync();
  expect(heard).toEqual(["a 0", "b 1"]);
  expect(written()).toEqual(["ab", "cd"]);
  sync();
  expect(heard).toEqual(["a 0", "b 1", "c 0", "d 1"]);
});

test("a batch follows a quick one after a gap, unless many wait", () => {
  const { clock, write, endTurn, sync, written, waits } = stage({ gapMs: 8, many: 3 });
  write("a");
  endTurn();
  clock.now = 2;
  sync();
  write("b");
  write("c");
  expect(waits).toEqual([0, 6]);
  endTurn();
  expect(written()).toEqual(["a", "bc"]);
  write("d");
  clock.now = 4;
  sync();
  expect(waits).toEqual([0, 6, 6]);
  endTurn();
  for (const account of ["e", "f", "g"]) write(account);
  clock.now = 5;
  sync();
  expect(written()).toEqual(["a", "bc", "d", "efg"]);
  // What came meanwhile follows a slow one at once.
  write("h");
  clock.now = 30;
  sync();
  expect(written().at(-1)).toBe("h");
  sync();
  clock.now = 100;
  write("i");
  expect(waits).toEqual([0, 6, 6, 0]);
});

test("what is asked for while it is told of the last batch goes into a later one", () => {
  const { queue, write, endTurn, sync, written } = stage();
  queue.write(change("a")).whenSettled(
    () => write("b"),
    () => {},
  );
  endTurn();
  sync();
  endTurn();
  expect(written()).toEqual(["a", "b"]);
});

test("a batch that fails is told to all in it, and the next one goes on", () => {
  const { write, endTurn, sync, heard } = stage();
  write("a");
  write("b");
  endTurn();
  write("c");
  sync({ ok: false, cause: "disk full" });
  sync();
  expect(heard).toEqual(["a failed: disk full", "b failed: disk full", "c 0"]);
});

test("a disk that is too slow turns new writes away, and keeps its word to the others", () => {
  const { queue, clock, write, endTurn, sync, heard } = stage({ behindMs: 1000 });
  write("a");
  endTurn();
  clock.now = 1000;
  write("b");
  clock.now = 1001;
  write("c");
  expect(heard).toEqual(["c failed: StoreBusy: the disk is too slow for what is asked of it"]);
  const refused = queue.write(change("d"));
  let cause: unknown;
  refused.whenSettled(
    () => {},
    (why) => {
      cause = why;
    },
  );
  expect(cause).toBeInstanceOf(StoreBusy);
  expect((cause as StoreBusy).retryAfterSeconds).toBe(5);
  sync();
  sync();
  write("e");
  expect(heard.slice(1)).toEqual(["a 0", "b 0"]);
  expect(queue.length).toBe(1);
});

test("no more than so many wait, and no batch is larger than so much", () => {
  const { queue, write, endTurn, sync, written, heard } = stage({ waiting: 5, batch: 2 });
  for (const account of "abcdefg") write(account);
  expect(queue.length).toBe(5);
  expect(heard).toHaveLength(2);
  endTurn();
  for (let i = 0; i < 3; i++) sync();
  expect(written()).toEqual(["ab", "cd", "e"]);
  expect(heard.slice(2)).toEqual(["a 0", "b 1", "c 0", "d 1", "e 0"]);
});

test("each answer has a turn of its own: a defect in one does not silence the others", () => {
  const { queue, write, endTurn, sync, heard } = stage();
  queue.answerIn((run) => {
    try {
      run();
    } catch (fault) {
      heard.push(String(fault));
    }
  });
  queue.write(change("a")).whenSettled(
    () => {
      throw new Error("a defect");
    },
    () => {},
  );
  write("b");
  endTurn();
  sync();
  expect(heard).toEqual(["Error: a defect", "b 1"]);
});

test("it is drained when the last of what was asked for is on the disk", async () => {
  const { queue, write, endTurn, sync, heard } = stage({ batch: 1 });
  await queue.drained();
  write("a");
  write("b");
  const drained = queue.drained().then(() => heard.push("drained"));
  endTurn();
  sync();
  await Promise.resolve();
  expect(heard).toEqual(["a 0"]);
  sync();
  await drained;
  expect(heard).toEqual(["a 0", "b 0", "drained"]);
});

test("an answer is a Pending, as the roles know it", () => {
  expect(stage().queue.write(change("a"))).toBeInstanceOf(Pending);
});

test("a disk that is being opened is not slow, and how slow it is counts from then", async () => {
  const opening = Promise.withResolvers<void>();
  const { queue, clock, write, endTurn } = stage({ behindMs: 1000 }, opening.promise);
  write("a");
  endTurn();
  clock.now = 5000;
  expect(queue.isBehind).toBe(false);
  opening.resolve();
  await opening.promise;
  expect(queue.isBehind).toBe(false);
  clock.now = 6001;
  expect(queue.isBehind).toBe(true);
});

test("who is patient waits for a slow disk, and is turned away by a full queue only", () => {
  const { queue, clock, write, endTurn, sync } = stage({ behindMs: 1000, waiting: 2 });
  write("a");
  endTurn();
  clock.now = 1001;
  const heard: string[] = [];
  for (const account of ["b", "c", "d"]) {
    queue.write(change(account), "Patient").whenSettled(
      () => heard.push(account),
      (cause) => heard.push(`${account}: ${cause instanceof StoreBusy}`),
    );
  }
  expect(heard).toEqual(["d: true"]);
  sync();
  sync();
  expect(heard).toEqual(["d: true", "b", "c"]);
});
