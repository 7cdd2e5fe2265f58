/**
 * What the DNS said, kept for as long as it said, and equal questions asked once.
 *
 * A pure machine between the machines that ask and the world that resolves: `Ask` comes in,
 * `Query` goes out if nobody knows and nobody is asking already, and `Tell` comes out at once or
 * when the world has answered. Everything in it is capped: names, records, questions that are
 * out, who waits for one, and how long anything is believed.
 */

import { type Millis, NEVER } from "../grammar/millis.ts";
import { QUESTION_MS, TIMEOUT } from "./lookup.ts";
import {
  type Answer,
  type Answered,
  believable,
  type Failed,
  type Query,
  type Question,
  questionKey,
} from "./naming.ts";

/** How much is kept, and for how long. */
export interface Limits {
  /** Answers kept; a new one takes the place of a stale or else of the oldest one. */
  readonly entries: number;
  /** An answer with more records than these is passed on and not kept. */
  readonly recordsOfOne: number;
  /** Questions that are out at a time; over it, whoever asks is told `Failed`, "busy". */
  readonly open: number;
  /** Machines that wait for one question; over it, whoever asks is told the same. */
  readonly askersOfOne: number;
  /** The longest that records are believed, whatever their TTL says. */
  readonly foundSeconds: number;
  /** The longest that it is believed that there is nothing. RFC 2308 §5. */
  readonly noneSeconds: number;
  /** A failure is kept for a moment only: so long a dead resolver is left in peace. */
  readonly failedSeconds: number;
}

/** 1,000 answers, 256 questions at a time, an hour at most, a minute for what is not there. */
export const DEFAULT_LIMITS: Limits = Object.freeze({
  entries: 1_000,
  recordsOfOne: 64,
  open: 256,
  askersOfOne: 64,
  foundSeconds: 3_600,
  noneSeconds: 60,
  failedSeconds: 5,
});

interface Entry {
  readonly answer: Answer;
  readonly timerStale: Millis;
}
interface Open {
  readonly question: Question;
  readonly askers: readonly number[];
  readonly timerOpen: Millis;
}
/** The cache: everything that is known or being asked. Times are in ms of the caller's clock. */
export interface State {
  /** The only state: a cache has no end. */
  readonly name: "Open";
  /** By question; the oldest first. */
  readonly entries: ReadonlyMap<string, Entry>;
  /** Questions that are out, by the text of `questionKey`, with those who wait for them. */
  readonly open: ReadonlyMap<string, Open>;
}

/**
 * `Ask`: a machine's question. `Answered`: the world's answer, dropped where nobody waits for it.
 * `Tick`: `deadline` is reached; what waited for two seconds is told `Failed`, "timeout".
 */
export type Input =
  /** `asker` is a number that the caller finds the asking machine by. */
  | { readonly kind: "Ask"; readonly asker: number; readonly question: Question }
  | Answered
  | { readonly kind: "Tick" };

/**
 * `Query`: ask the world. `Tell`: the answer for the machine that is known as `asker`, with only
 * those records that fit the question, and the seconds that are left of their TTL.
 */
export type Output =
  | Query
  | {
      readonly kind: "Tell";
      readonly asker: number;
      readonly question: Question;
      readonly answer: Answer;
    };

/** The cache after an input, and what is to be done, in this order. */
export type Step = readonly [State, ...Output[]];

/** An empty cache. */
export const start = (): Step => [{ name: "Open", entries: new Map(), open: new Map() }];

/** One input, handled at once. Give every step the same limits; `now` is in ms. */
export function step(limits: Limits, s: State, input: Input, now: Millis): Step {
  switch (input.kind) {
    case "Ask":
      return ask(limits, s, input.question, input.asker, now);
    case "Answered":
      return answered(limits, s, input, now);
    case "Tick":
      return expired(limits, s, now);
  }
}

/** When the machine wants its next "Tick"; NEVER while none is out: what is stale needs none. */
export const deadline = ({ open }: State): Millis =>
  [...open.values()].reduce((at, { timerOpen }) => Math.min(at, timerOpen), NEVER);

function ask(limits: Limits, s: State, question: Question, asker: number, now: Millis): Step {
  const key = questionKey(question);
  const entry = s.entries.get(key);
  if (entry !== undefined && now < entry.timerStale) {
    return [s, { kind: "Tell", asker, question, answer: aged(entry, now) }];
  }
  const already = s.open.get(key);
  const askers = [...(already?.askers ?? []), asker];
  if (askers.length > limits.askersOfOne || (already === undefined && s.open.size >= limits.open)) {
    return [s, { kind: "Tell", asker, question, answer: BUSY }];
  }
  const timerOpen = already?.timerOpen ?? now + QUESTION_MS;
  const open = new Map(s.open).set(key, { question, askers, timerOpen });
  return already
    ? [{ ...s, open }]
    : [
        { ...s, open },
        { kind: "Query", question },
      ];
}

/** An answer that nobody waits for is dropped: late, or never asked for. */
function answered(
  limits: Limits,
  s: State,
  { question, answer }: { readonly question: Question; readonly answer: Answer },
  now: Millis,
): Step {
  const key = questionKey(question);
  const waiting = s.open.get(key);
  if (waiting === undefined) return [s];
  const believed = believable(question, answer);
  const open = new Map(s.open);
  open.delete(key);
  const entries = kept(limits, s.entries, key, believed, now);
  const told = waiting.askers.map(
    (asker): Output => ({ kind: "Tell", asker, question: waiting.question, answer: believed }),
  );
  return [{ ...s, entries, open }, ...told];
}

/** The world did not answer: nobody waits for ever. */
function expired(limits: Limits, s: State, now: Millis): Step {
  let next = s;
  const outputs: Output[] = [];
  for (const { question, timerOpen } of s.open.values()) {
    if (now < timerOpen) continue;
    const [after, ...told] = answered(limits, next, { question, answer: TIMEOUT }, now);
    next = after;
    outputs.push(...told);
  }
  return [next, ...outputs];
}

function kept(
  limits: Limits,
  before: State["entries"],
  key: string,
  answer: Answer,
  now: Millis,
): State["entries"] {
  const seconds = keptSeconds(limits, answer);
  const entries = new Map(before);
  // Taken out first, so that what is new stands at the end.
  entries.delete(key);
  if (seconds <= 0) return entries;
  entries.set(key, { answer, timerStale: now + seconds * 1000 });
  if (entries.size > limits.entries) dropOne(entries, now);
  return entries;
}

function keptSeconds(limits: Limits, answer: Answer): number {
  if (answer.kind === "Failed") return limits.failedSeconds;
  if (answer.kind === "None") return Math.min(answer.ttlSeconds, limits.noneSeconds);
  if (answer.kind === "Found" && answer.records.length > limits.recordsOfOne) return 0;
  return Math.min(answer.ttlSeconds, limits.foundSeconds);
}

/** What is stale goes first; else the oldest. */
function dropOne(entries: Map<string, Entry>, now: Millis): void {
  for (const [key, { timerStale }] of entries) {
    if (timerStale <= now) return void entries.delete(key);
  }
  for (const key of entries.keys()) return void entries.delete(key);
}

/** The answer as a resolver with a cache gives it: with the time that is left. */
function aged({ answer, timerStale }: Entry, now: Millis): Answer {
  if (answer.kind === "Failed") return answer;
  return { ...answer, ttlSeconds: Math.min(answer.ttlSeconds, (timerStale - now) / 1000) };
}

const BUSY: Failed = Object.freeze({ kind: "Failed", why: "busy" });
