/** What became of calls in a load, and after it. */
import type { PlacedCall } from "carillon/testing";

/** Milliseconds of the clock that the calls have. */
export interface Times {
  readonly startMs: number;
  readonly endMs: number;
  /** So long after the start completed calls are those of the load. */
  readonly settleMs: number;
  /** From when on everything is to be as usual. */
  readonly normalMs: number;
}

export interface Seen {
  /** Calls a second that were completed, from the first INVITE to the answer to BYE. */
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly refused: number;
  /** Nobody said anything for 32 s. */
  readonly unanswered: number;
  /** Answered, and not ended as they should. */
  readonly lost: number;
  /** Calls that began when all was to be as usual, and how many were answered within T1. */
  readonly later: number;
  readonly normal: number;
}

const T1_MS = 500;

export function judged(calls: readonly PlacedCall[], when: Times): Seen {
  const fromMs = when.startMs + when.settleMs;
  const isIn = ({ end, endedAt }: PlacedCall): boolean =>
    end === "over" && endedAt >= fromMs && endedAt <= when.endMs;
  const inLoad = calls.filter(
    ({ startedAt }) => startedAt >= when.startMs && startedAt <= when.endMs,
  );
  const setUps = inLoad.flatMap(({ setUpMs }) => setUpMs ?? []).sort((a, b) => a - b);
  const later = calls.filter(({ startedAt }) => startedAt >= when.normalMs);
  const fine = later.filter(({ end, setUpMs = T1_MS }) => end === "over" && setUpMs < T1_MS);
  return {
    perSecond: (1000 * calls.filter(isIn).length) / (when.endMs - fromMs),
    p50Ms: setUps[Math.floor(setUps.length / 2)] ?? Number.NaN,
    p99Ms: setUps[Math.floor(setUps.length * 0.99)] ?? Number.NaN,
    refused: calls.filter(({ end }) => end === "refused").length,
    unanswered: calls.filter(({ end }) => end === "timeout").length,
    lost: calls.filter(({ setUpMs, end }) => setUpMs !== undefined && end !== "over").length,
    later: later.length,
    normal: fine.length,
  };
}
