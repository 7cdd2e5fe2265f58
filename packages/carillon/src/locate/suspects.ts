/**
 * Servers that did not answer, and are tried last for a while. A pure machine over a capped table.
 *
 * One that was silent is skipped for 30 s, then asked by OPTIONS, and again every 30 s until it
 * answers. After ten questions it is forgotten, so that load finds its way back. One that sent 503
 * with Retry-After is skipped for as long as it wished, and not asked at all.
 */
import { type Millis, NEVER } from "../grammar/millis.ts";
import { type Target, targetKey } from "./target.ts";

/** How long a silent server is left alone, and how far its probes are apart. */
export const SKIP_MS: Millis = 30_000;
/**
 * OPTIONS in vain after which a server is forgotten, and so trusted again: five minutes of them.
 */
export const MAX_PROBES = 10;
/** Suspects kept; the oldest makes room for a new one. */
export const MAX_SUSPECTS = 256;
/** What a server may wish for: longer would be a way to be rid of it for ever. */
export const MAX_RETRY_AFTER_SECONDS = 3_600;

interface Suspect {
  readonly target: Target;
  readonly why: "Silent" | "Unavailable";
  readonly timerSkip: Millis;
  readonly probesLeft: number;
}
/** Who is under suspicion. Times are in ms of the caller's clock. */
export interface State {
  /** The only state: the table has no end. */
  readonly name: "Watching";
  /** By target; the oldest first. */
  readonly suspects: ReadonlyMap<string, Suspect>;
}

/** The first three are outputs of `failover`; a probe's outcome is told in the same words. */
export type Input =
  | { readonly kind: "Silent"; readonly target: Target }
  | { readonly kind: "Unavailable"; readonly target: Target; readonly retryAfterSeconds: number }
  | { readonly kind: "Answers"; readonly target: Target }
  | { readonly kind: "Tick" };

/** Send an OPTIONS; any response at all is an `Answers`, and no response is nothing to tell. */
export type Output = { readonly kind: "Probe"; readonly target: Target };

/** The table after an input, and the probes to be sent. */
export type Step = readonly [State, ...Output[]];

/** A table that suspects nobody. */
export const start = (): Step => [{ name: "Watching", suspects: new Map() }];

/** One input, handled at once. `now` is in ms. */
export function step(s: State, input: Input, now: Millis): Step {
  switch (input.kind) {
    case "Silent":
      return [silent(s, input.target, now)];
    case "Unavailable":
      return [unavailable(s, input.target, input.retryAfterSeconds, now)];
    case "Answers":
      return [answers(s, input.target)];
    case "Tick":
      return ticked(s, now);
  }
}

/** When the machine wants its next "Tick"; NEVER if it does not. */
export const deadline = ({ suspects }: State): Millis =>
  [...suspects.values()].reduce((at, { timerSkip }) => Math.min(at, timerSkip), NEVER);

/** The targets in the order of trying: those under suspicion behind all others. */
export function trustedFirst({ suspects }: State, targets: readonly Target[]): readonly Target[] {
  if (suspects.size === 0) return targets;
  const isSuspect = (target: Target) => suspects.has(targetKey(target));
  return [...targets.filter((each) => !isSuspect(each)), ...targets.filter(isSuspect)];
}

/** Silence again changes nothing: the probes go on as they were. */
function silent(s: State, target: Target, now: Millis): State {
  if (s.suspects.has(targetKey(target))) return s;
  return added(s, { target, why: "Silent", timerSkip: now + SKIP_MS, probesLeft: MAX_PROBES });
}

function unavailable(s: State, target: Target, seconds: number, now: Millis): State {
  const skipMs = Math.min(Math.max(0, seconds), MAX_RETRY_AFTER_SECONDS) * 1000;
  return added(s, { target, why: "Unavailable", timerSkip: now + skipMs, probesLeft: 0 });
}

/** Any response clears a silent one; only time clears one that asked for time. */
function answers(s: State, target: Target): State {
  const key = targetKey(target);
  if (s.suspects.get(key)?.why !== "Silent") return s;
  const suspects = new Map(s.suspects);
  suspects.delete(key);
  return { ...s, suspects };
}

function added(s: State, suspect: Suspect): State {
  const key = targetKey(suspect.target);
  const suspects = new Map(s.suspects);
  suspects.delete(key);
  for (const oldest of suspects.keys()) {
    if (suspects.size < MAX_SUSPECTS) break;
    suspects.delete(oldest);
  }
  return { ...s, suspects: suspects.set(key, suspect) };
}

function ticked(s: State, now: Millis): Step {
  const suspects = new Map(s.suspects);
  const probes: Output[] = [];
  for (const [key, { target, why, timerSkip, probesLeft }] of s.suspects) {
    if (now < timerSkip) continue;
    if (probesLeft === 0) {
      suspects.delete(key);
    } else {
      suspects.set(key, { target, why, timerSkip: now + SKIP_MS, probesLeft: probesLeft - 1 });
      probes.push({ kind: "Probe", target });
    }
  }
  return [{ ...s, suspects }, ...probes];
}
