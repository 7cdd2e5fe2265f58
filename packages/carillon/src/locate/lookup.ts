/**
 * One question on its way to an answer, through aliases: a part of the machines that ask. It
 * holds the deadline of the question that is out; a settled one has none.
 */
import { type Millis, NEVER } from "../grammar/millis.ts";
import {
  type Answer,
  believable,
  canonicalName,
  type DnsRecord,
  type Failed,
  type Found,
  isAskable,
  type None,
  type Query,
  type Question,
  question,
  questionKey,
  type RecordType,
  sameQuestion,
} from "./naming.ts";

export interface Lookup {
  /** What was wanted to know. */
  readonly wanted: Question;
  /** What is asked now: the same, or the name that aliases led to. */
  readonly asked: Question;
  readonly timerQuestion: Millis;
  readonly outcome: Found | None | Failed | undefined;
}

/** How long one question is waited for. */
export const QUESTION_MS: Millis = 2_000;
/** How many aliases one search follows, over all its questions: with a loop this is the end. */
export const MAX_ALIASES = 4;

export function lookUp(wanted: Question, now: Millis): Lookup {
  const lookup = { wanted, asked: wanted, timerQuestion: now + QUESTION_MS, outcome: undefined };
  return isAskable(wanted.name) ? lookup : settled(lookup, { kind: "None", ...NOT_A_NAME });
}

/** The lookup after this answer; itself if the answer is to another question, or late. */
export function hear(lookup: Lookup, asked: Question, answer: Answer, now: Millis): Lookup {
  if (!isWaitingFor(lookup, asked)) return lookup;
  if (answer.kind !== "Alias") {
    const outcome = believable(asked, answer);
    return outcome.kind === "Alias" ? lookup : settled(lookup, outcome);
  }
  const name = canonicalName(answer.name);
  if (!isAskable(name)) return settled(lookup, { kind: "None", ...NOT_A_NAME });
  const next = question(name, asked.type);
  if (sameQuestion(next, asked)) return settled(lookup, LOOP);
  return { ...lookup, asked: next, timerQuestion: now + QUESTION_MS };
}

export const isWaitingFor = (lookup: Lookup, asked: Question): boolean =>
  isOpen(lookup) && sameQuestion(lookup.asked, asked);

export const isOpen = ({ outcome }: Lookup): boolean => outcome === undefined;

/** Ends with this outcome what has none yet. */
export const settled = (lookup: Lookup, outcome: Found | None | Failed): Lookup =>
  isOpen(lookup) ? { ...lookup, outcome, timerQuestion: NEVER } : lookup;

/** Ends what has waited for too long. */
export const expire = (lookup: Lookup, now: Millis): Lookup =>
  now >= lookup.timerQuestion ? settled(lookup, TIMEOUT) : lookup;

export const earliest = (lookups: readonly Lookup[]): Millis =>
  lookups.reduce((at, { timerQuestion }) => Math.min(at, timerQuestion), NEVER);

/** The records of one type that a lookup came to; none while it is open. */
export function recordsOf<T extends RecordType>(
  lookup: Lookup | undefined,
  type: T,
): readonly Extract<DnsRecord, { type: T }>[] {
  if (lookup?.outcome?.kind !== "Found") return [];
  return lookup.outcome.records.filter(
    (record): record is Extract<DnsRecord, { type: T }> => record.type === type,
  );
}

/** What is out after a step and was not before: each question once, however many want it. */
export function newQueries(before: readonly Lookup[], after: readonly Lookup[]): readonly Query[] {
  const known = new Set(before.filter(isOpen).map(({ asked }) => questionKey(asked)));
  return after.filter(isOpen).flatMap(({ asked }): Query[] => {
    const key = questionKey(asked);
    if (known.has(key)) return [];
    known.add(key);
    return [{ kind: "Query", question: asked }];
  });
}

export const TIMEOUT: Failed = Object.freeze({ kind: "Failed", why: "timeout" });
export const LOOP: Failed = Object.freeze({ kind: "Failed", why: "loop" });
const NOT_A_NAME = { why: "NXDOMAIN", ttlSeconds: 0 } as const;
