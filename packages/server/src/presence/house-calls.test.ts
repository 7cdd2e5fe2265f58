import type { CallBegan, CallProgress } from "carillon/roles";
import { beforeEach, describe, expect, test } from "vitest";
import { HOUSE_CALLS_LIMITS, HouseCalls, tellAll } from "./house-calls.ts";
import type { KeptCalls, SavedCall } from "./kept-calls.ts";

let now: number;
let changed: string[];
let online: Set<string>;
let calls: HouseCalls;

beforeEach(() => {
  now = 1000;
  changed = [];
  online = new Set(["anna", "bob", "carl"]);
  calls = housed();
});

const housed = (limits: ConstructorParameters<typeof HouseCalls>[1] = {}, kept?: KeptCalls) =>
  new HouseCalls(
    {
      ...(kept && { kept }),
      changed: (account) => void changed.push(account),
      isOnline: (account) => online.has(account),
      now: () => now,
    },
    limits,
  );

const began = (more: Partial<CallBegan> = {}): CallBegan => ({
  ...{ callId: "1@a", callerTag: "a", at: now, callerAccount: "anna", callee: "bob" },
  ...{ caller: "sip:anna@house", callerName: "Anna", called: "sip:bob@house" },
  ...more,
});

function begin(more: Partial<CallBegan> = {}): CallProgress {
  const progress = calls.began(began(more));
  if (!progress) throw new Error("it is not followed");
  return progress;
}

const answer = (progress: CallProgress, status = 200, sessionSeconds?: number) =>
  progress.answered({ status, calleeTag: "b", sessionSeconds, endsHere: false, at: now });
const states = (account: string) => calls.of(account).map(({ state }) => state);

describe("RFC 4235 §3.7.1: a call", () => {
  test("is tried, rings, is answered and ends for both, each from their own side", () => {
    const progress = begin();
    expect(states("bob")).toEqual(["trying"]);
    progress.ringing({ calleeTag: "b", at: now });
    progress.ringing({ calleeTag: "c", at: now });
    expect(states("anna")).toEqual(["early"]);
    expect(calls.isTalking("anna")).toBe(false);
    answer(progress);
    const both = { callId: "1@a", state: "confirmed", since: 1000 };
    expect(calls.of("anna")).toEqual([
      {
        ...{ ...both, id: "1-o", direction: "initiator", localTag: "a", remoteTag: "b" },
        remote: { uri: "sip:bob@house", name: "" },
      },
    ]);
    expect(calls.of("bob")).toEqual([
      {
        ...{ ...both, id: "1-i", direction: "recipient", localTag: "b", remoteTag: "a" },
        remote: { uri: "sip:anna@house", name: "Anna" },
      },
    ]);
    expect([calls.isTalking("anna"), calls.isTalking("bob")]).toEqual([true, true]);
    calls.ended({ callId: "1@a", callerTag: "a", at: now });
    calls.ended({ callId: "1@a", callerTag: "a", at: now });
    expect([calls.of("anna"), calls.of("bob"), calls.size]).toEqual([[], [], 0]);
    expect(changed.join(" ")).toBe("anna bob anna bob anna bob anna bob");
  });

  test("that is refused is over, and one that nobody rings for too", () => {
    answer(begin(), 486);
    answer(begin({ callId: "2@a" }), 480);
    expect(calls.size).toBe(0);
  });

  test("goes on for one beside another, and ends alone", () => {
    answer(begin());
    begin({ callId: "2@a", callerAccount: "carl", callee: "anna" });
    expect(states("anna")).toEqual(["confirmed", "trying"]);
    calls.ended({ callId: "1@a", callerTag: "a", at: now });
    expect(states("anna")).toEqual(["trying"]);
    expect(states("carl")).toEqual(["trying"]);
  });

  test("with somebody of elsewhere is one of a person here, either way", () => {
    answer(begin({ callee: undefined, called: "sip:gran@other.example" }));
    answer(begin({ callId: "2@a", callerAccount: undefined, caller: "sip:gran@other.example" }));
    expect(calls.of("anna")).toMatchObject([{ remote: { uri: "sip:gran@other.example" } }]);
    expect(calls.of("bob")).toMatchObject([{ remote: { uri: "sip:gran@other.example" } }]);
    expect(calls.began(began({ callerAccount: undefined, callee: undefined }))).toBeUndefined();
  });

  test("of somebody with themselves is two dialogs of one person", () => {
    answer(begin({ callee: "anna" }));
    expect(calls.of("anna").map(({ id }) => id)).toEqual(["1-o", "1-i"]);
    calls.ended({ callId: "1@a", callerTag: "a", at: now });
    expect(changed).toEqual(["anna", "anna", "anna"]);
  });
});

describe("a call whose BYE was lost", () => {
  const later = (ms: number) => {
    now += ms;
    calls.sweep();
  };

  test("ends with its session timer, which each refresh begins anew", () => {
    answer(begin(), 200, 90);
    later(100_000);
    calls.refreshed({ callId: "1@a", callerTag: "a", at: now });
    later(121_999);
    expect(calls.size).toBe(1);
    later(1);
    expect(calls.size).toBe(0);
    expect(changed.slice(-2)).toEqual(["anna", "bob"]);
  });

  test("ends a minute after the last of them is not to be reached any more", () => {
    answer(begin());
    const leaves = (account: string) => {
      online.delete(account);
      calls.moved(account);
    };
    leaves("anna");
    later(HOUSE_CALLS_LIMITS.awayMs);
    expect(calls.size, "bob is there").toBe(1);
    leaves("bob");
    later(HOUSE_CALLS_LIMITS.awayMs - 1);
    expect(calls.size).toBe(1);
    later(1);
    expect(calls.size).toBe(0);
  });

  test("goes on where a page was only loaded again", () => {
    answer(begin({ callee: undefined }));
    online.delete("anna");
    calls.moved("anna");
    later(30_000);
    online.add("anna");
    calls.moved("anna");
    later(60_000);
    expect(calls.size).toBe(1);
  });

  test("ends after a day at the latest, and one that nobody answers after ten minutes", () => {
    answer(begin());
    begin({ callId: "2@a" });
    later(HOUSE_CALLS_LIMITS.ringingMs);
    expect(states("anna")).toEqual(["confirmed"]);
    later(HOUSE_CALLS_LIMITS.talkingMs);
    expect(calls.size).toBe(0);
  });

  test("and is over already says nothing more when it is answered late", () => {
    const progress = begin();
    later(HOUSE_CALLS_LIMITS.ringingMs);
    changed.length = 0;
    answer(progress);
    expect([calls.size, changed]).toEqual([0, []]);
  });
});

test("what peers make long, and calls over the limit, cost no memory", () => {
  calls = housed({ calls: 2 });
  expect(calls.began(began({ callId: "x".repeat(1000) }))).toBeUndefined();
  const long = "y".repeat(5000);
  answer(begin({ caller: long, callerName: long, called: long, callee: "anna" }));
  expect(calls.of("anna").map(({ remote }) => remote)).toEqual([
    { uri: "", name: "" },
    { uri: "", name: "" },
  ]);
  begin({ callId: "2@a" });
  expect(calls.began(began({ callId: "3@a" }))).toBeUndefined();
  expect(calls.began(began({ callId: "2@a" })), "told twice").toBeUndefined();
  expect(calls.size).toBe(2);
});

describe("what an earlier run followed", () => {
  class Disk implements KeptCalls {
    readonly rows = new Map<string, SavedCall>();
    readonly done: string[] = [];
    all = () => [...this.rows.values()];
    save(call: SavedCall): void {
      this.done.push(`save ${call.id}`);
      this.rows.set(call.id, JSON.parse(JSON.stringify(call)) as SavedCall);
    }
    remove(id: string): void {
      this.done.push(`remove ${id}`);
      this.rows.delete(id);
    }
  }
  let disk: Disk;
  beforeEach(() => {
    disk = new Disk();
    calls = housed({}, disk);
  });

  test("goes on as it was, for both, and ends with its BYE", () => {
    answer(begin(), 200, 1800);
    calls.sweep();
    const before = [calls.of("anna"), calls.of("bob"), calls.list()];
    calls = housed({}, disk);
    expect([calls.of("anna"), calls.of("bob"), calls.list()]).toEqual(before);
    answer(begin({ callId: "2@a" }));
    expect(calls.of("bob").map(({ id }) => id)).toEqual(["1-i", "2-i"]);
    calls.ended({ callId: "1@a", callerTag: "a", at: now });
    expect(calls.of("bob").map(({ id }) => id)).toEqual(["2-i"]);
    expect(disk.done).toEqual(["save 1", "remove 1"]);
    expect(housed({}, disk).size).toBe(0);
  });

  test("is written once a sweep, and not at all where it is over by then", () => {
    const progress = begin();
    progress.ringing({ calleeTag: "b", at: now });
    calls.sweep();
    expect(disk.done, "what rings is nobody's after a restart").toEqual([]);
    answer(progress, 200, 90);
    calls.ended({ callId: "1@a", callerTag: "a", at: now });
    calls.sweep();
    expect(disk.done, "shorter than a second").toEqual([]);
    answer(begin(), 200, 90);
    calls.sweep();
    now += 60_000;
    calls.refreshed({ callId: "1@a", callerTag: "a", at: now });
    calls.refreshed({ callId: "1@a", callerTag: "a", at: now });
    calls.ended({ callId: "1@a", callerTag: "a", at: now });
    calls.save();
    expect(disk.done, "and what was written is taken out").toEqual(["save 2", "remove 2"]);
  });

  test("is none that went through this server, which died with it", () => {
    const progress = begin();
    progress.answered({
      ...{ status: 200, calleeTag: "b", sessionSeconds: 90 },
      endsHere: true,
      at: now,
    });
    calls.refreshed({ callId: "1@a", callerTag: "a", at: now });
    calls.sweep();
    calls.ended({ callId: "1@a", callerTag: "a", at: now });
    expect(disk.done).toEqual([]);
  });

  test("ends where neither of the two comes back within a minute", () => {
    answer(begin());
    calls.sweep();
    online.clear();
    calls = housed({}, disk);
    now += HOUSE_CALLS_LIMITS.awayMs - 1;
    calls.sweep();
    expect(calls.size).toBe(1);
    now += 1;
    calls.sweep();
    expect([calls.size, disk.rows.size]).toEqual([0, 0]);
  });

  test("stays where one of the two is there, and nobody says so", () => {
    answer(begin());
    calls.sweep();
    online.delete("anna");
    calls = housed({}, disk);
    now += 2 * HOUSE_CALLS_LIMITS.awayMs;
    calls.sweep();
    expect(calls.size).toBe(1);
  });

  test("is no more than is followed", () => {
    for (const callId of ["1@a", "2@a", "3@a"]) answer(begin({ callId }));
    calls.sweep();
    expect(housed({ calls: 2 }, disk).size).toBe(2);
  });
});

test("what the proxy tells goes to everybody who listens", () => {
  const heard: string[] = [];
  const other = (name: string) => ({
    began: () => ({
      ringing: () => void heard.push(`${name} rings`),
      answered: () => void heard.push(`${name} answered`),
    }),
    answered: () => void heard.push(`${name} records`),
    ended: () => void heard.push(`${name} ended`),
  });
  const records = { answered: () => void heard.push("kept"), ended: () => void heard.push("end") };
  const all = tellAll([other("one"), records, other("two")]);
  const progress = all.began?.(began());
  progress?.ringing({ calleeTag: "b", at: now });
  if (progress) answer(progress);
  all.answered({ ...began(), callee: "bob", invitedAt: now, status: 200 });
  all.refreshed?.({ callId: "1@a", callerTag: "a", at: now });
  all.ended({ callId: "1@a", callerTag: "a", at: now, by: "caller" });
  expect(heard).toEqual([
    ...["one rings", "two rings", "one answered", "two answered"],
    ...["one records", "kept", "two records", "one ended", "end", "two ended"],
  ]);
  expect(tellAll([records]).began?.(began())).toBeUndefined();
});
