import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CallAnswered } from "carillon/roles";
import { afterEach, beforeEach, expect, test } from "vitest";
import { batcher } from "./apply-batch.ts";
import { type CallRecord, forgetOldCalls, readCalls, recordCalls } from "./call-records.ts";
import type { Disk } from "./disk.ts";
import { openStore, type Store } from "./store.ts";
import { WriteQueue } from "./write-queue.ts";

let data: string;
let store: Store;
/** The calendar is an hour ahead of the steady clock. */
const HOUR = 3_600_000;
const clock = { now: 1_700_000_000_000, wall: () => clock.now + HOUR, steady: () => clock.now };

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "carillon-calls-"));
  const opened = openStore({ data, domain: "house.example", hostname: "tower" }, clock);
  if (!opened.ok) throw new Error(opened.refusal.message);
  store = opened.value;
});

afterEach(() => {
  store.close();
  rmSync(data, { recursive: true, force: true });
});

function records(write?: Disk["write"]) {
  const apply = batcher(store.db, store);
  const disk: Disk = {
    write: write ?? ((batch, done) => done({ ok: true, values: apply(batch) })),
    close: async () => {},
  };
  const lost: unknown[] = [];
  const queue = new WriteQueue({ disk, now: clock.steady, defer: (run) => run() });
  return { calls: recordCalls(queue, clock, (cause) => lost.push(cause)), lost };
}

const answered = (callId: string, more: Partial<CallAnswered> = {}): CallAnswered => ({
  callId,
  callerTag: "a",
  caller: "sip:alice@house.example",
  callee: "bob",
  invitedAt: clock.now,
  at: clock.now + 4000,
  status: 200,
  ...more,
});

const read = (account?: string): readonly CallRecord[] =>
  readCalls(store.db, { account, aor: `sip:${account}@house.example`, limit: 100 });

test("a call is one record: who, whom, when, and who hung up", () => {
  const { calls } = records();
  calls.answered(answered("one"));
  const record = {
    caller: "sip:alice@house.example",
    callee: "bob",
    callId: "one",
    invitedAt: clock.now + HOUR,
    answeredAt: clock.now + HOUR + 4000,
    status: 200,
    ...{ mosCaller: null, mosCallee: null },
  };
  expect(read()).toEqual([{ ...record, endedAt: null, endedBy: null }]);
  const end = { callId: "one", callerTag: "a", by: "callee" } as const;
  calls.ended({ ...end, at: clock.now + 64_000 });
  // The other side's BYE crosses it, and changes nothing.
  calls.ended({ ...end, at: clock.now + 65_000, by: "caller" });
  expect(read()).toEqual([{ ...record, endedAt: clock.now + HOUR + 64_000, endedBy: "callee" }]);
});

test("what ended with the server was ended by neither of the two", () => {
  const { calls } = records();
  calls.answered(answered("one"));
  calls.ended({ callId: "one", callerTag: "a", at: clock.now + 9000, by: "server" });
  expect(read()).toMatchObject([{ endedAt: clock.now + HOUR + 9000, endedBy: null }]);
});

test("a call that came to nothing has ended when it was refused, with why", () => {
  const { calls } = records();
  calls.answered(answered("one", { status: 486 }));
  expect(read()).toMatchObject([
    { status: 486, answeredAt: null, endedAt: clock.now + HOUR + 4000, endedBy: null },
  ]);
});

test("two calls of one Call-ID are two by the caller's tag, and no end makes a call", () => {
  const { calls } = records();
  calls.answered(answered("one"));
  calls.answered(answered("one", { callerTag: "other" }));
  calls.ended({ callId: "nobody's", callerTag: "a", at: clock.now, by: "caller" });
  calls.ended({ callId: "one", callerTag: "other", at: clock.now, by: "caller" });
  expect(
    read()
      .map(({ endedBy }) => endedBy)
      .sort(),
  ).toEqual(["caller", null]);
});

test("somebody's calls are those they made and those they got, the latest first", () => {
  const { calls } = records();
  calls.answered(answered("made", { callee: "carol", caller: "sip:bob@house.example" }));
  calls.answered(answered("got", { invitedAt: clock.now + 1 }));
  calls.answered(answered("others", { callee: "carol" }));
  expect(read("bob").map(({ callId }) => callId)).toEqual(["got", "made"]);
  expect(read()).toHaveLength(3);
});

test("what a caller made long is short in the record, and still has both its halves", () => {
  const { calls } = records();
  const callId = "x".repeat(20_000);
  calls.answered(answered(callId, { caller: `sip:${"y".repeat(1000)}@x` }));
  calls.ended({ callId, callerTag: "a", at: clock.now, by: "caller" });
  const [record] = read();
  expect([record?.callId.length, record?.caller.length, record?.endedBy]).toEqual([
    200,
    200,
    "caller",
  ]);
});

test("records go after ninety days", () => {
  const { calls } = records();
  calls.answered(answered("one"));
  forgetOldCalls(store.db, clock.wall() + 89 * 24 * HOUR);
  expect(read()).toHaveLength(1);
  forgetOldCalls(store.db, clock.wall() + 91 * 24 * HOUR);
  expect(read()).toEqual([]);
});

test("a record that the disk did not take is told of, and the call goes on", () => {
  const { calls, lost } = records((_, done) => done({ ok: false, cause: "disk full" }));
  calls.answered(answered("one"));
  expect(lost).toEqual(["disk full"]);
});

test("how well each was heard is added to the record, where there is one", () => {
  const { calls } = records();
  calls.answered(answered("one"));
  const name = { callerTag: "a", at: clock.now };
  calls.rated?.({ ...name, callId: "one", mos: { caller: 4.4123 } });
  calls.rated?.({ ...name, callId: "none", mos: { caller: 1, callee: 1 } });
  expect(read()).toMatchObject([{ callId: "one", mosCaller: 4.41, mosCallee: null }]);
});
