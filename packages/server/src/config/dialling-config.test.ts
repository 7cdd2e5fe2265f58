import { OUTGOING_LIMITS } from "carillon/roles";
import { parseSipUri } from "carillon/uri";
import { expect, test } from "vitest";
import { dialling, diallingPolicy } from "./dialling-config.ts";

const may = (policy: ReturnType<typeof diallingPolicy>, who: string, user: string): boolean => {
  const uri = parseSipUri(`sip:${user}@gw.example`);
  if (!uri.ok) throw new Error(user);
  return policy.objection(who, uri.value) === undefined;
};

test("without a word: four calls at a time, and none to other countries or dear numbers", () => {
  const policy = diallingPolicy();
  expect(policy.limits("alice")).toEqual(OUTGOING_LIMITS);
  expect([OUTGOING_LIMITS.atOnce, policy.handsOver]).toEqual([4, false]);
  for (const user of ["bob", "089123", "%2A", "00441", "+441", "0900123", "*21*0%23"]) {
    const isFree = user === "bob" || user === "089123";
    expect(may(policy, "alice", user), user).toBe(isFree);
  }
});

test("in words: who, and what", () => {
  const uri = parseSipUri("sip:0044@gw.example");
  const policy = diallingPolicy({ people: { boss: { may: ["national", "international"] } } });
  expect(uri.ok && policy.objection("alice", uri.value)).toBe(
    "no right to call numbers of other countries: alice",
  );
  expect(uri.ok && policy.objection("boss", uri.value)).toBeUndefined();
});

test("each person has what is said for them, and of the rest what everybody has", () => {
  const policy = diallingPolicy({
    ...{ own: ["+49"], atOnce: 2, minutesEach: 60, callsEachDay: 10, minutesEachDay: 30 },
    people: {
      boss: { atOnce: 8, may: ["national", "premium"] },
      pat: { to: ["+33", "0900555"] },
      cell: { may: [] },
    },
  });
  expect(policy.limits("boss")).toEqual({
    ...{ atOnce: 8, longestMs: 3_600_000, callsEachDay: 10, talkEachDayMs: 1_800_000 },
    insideAtOnce: 1000,
  });
  expect(policy.limits("pat").atOnce).toBe(2);
  const asked = (who: string) =>
    ["+4989", "+33144", "0033144", "+44207", "0900555", "+49900555", "0900777"].map((user) =>
      may(policy, who, user),
    );
  expect(asked("boss")).toEqual([true, false, false, false, true, true, true]);
  expect(asked("pat")).toEqual([true, true, true, false, true, true, false]);
  expect(asked("cell")).toEqual(Array(7).fill(false));
  expect(may(policy, "cell", "bob")).toBe(true);
});

test("a code for a line does not open what is behind it", () => {
  const policy = diallingPolicy({ own: ["+49"], line: ["9"] });
  expect(["9089", "90044", "90900", "9"].map((user) => may(policy, "alice", user))).toEqual([
    ...[true, false, false, true],
  ]);
});

test("what is no number is refused, and false is as they like", () => {
  for (const wrong of [{ own: ["49"] }, { premium: ["x"] }, { atOnce: -1 }, { people: { a: 1 } }]) {
    expect(dialling.safeParse(wrong).success, JSON.stringify(wrong)).toBe(false);
  }
  expect(dialling.safeParse(false).success).toBe(true);
});
