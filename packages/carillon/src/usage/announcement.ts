/**
 * Tells the link that a phone is there: is its name free, here it is, its owner is busy now, it
 * goes. RFC 6762 §8, §10.1. What is said is in `dns-sd.ts`.
 */
import { type Millis, NEVER } from "../transaction/timers.ts";

/** Whether somebody else has the name. */
export interface Probing {
  /** RFC 6762 §8.1 calls it so. */
  readonly name: "Probing";
  /** `Alice`, or `Alice (2)`. */
  readonly label: string;
  /** Probes so far, of three. */
  readonly sent: number;
  /** When the next probe goes out, or the name is ours. */
  readonly timerProbe: Millis;
}
/** It is ours; not everybody may have heard so. */
export interface Announcing {
  /** RFC 6762 §8.3 calls it so. */
  readonly name: "Announcing";
  /** The name that is ours. */
  readonly label: string;
  /** Announcements so far, of two. */
  readonly sent: number;
  /** When it is said again, a second after the first time. */
  readonly timerAgain: Millis;
}
/** Everybody has heard; it is said again twice in the life of the records. */
export interface Present {
  /** Our word: RFC 6762 has none. */
  readonly name: "Present";
  /** The name that is ours. */
  readonly label: string;
  /** When it is said again: 80 s after the last time. */
  readonly timerRefresh: Millis;
}
/** The end, which no input leaves. */
export interface Terminated {
  /** Our word: RFC 6762 has none. */
  readonly name: "Terminated";
}
/**
 * Everything the machine remembers, told apart by `name`. Times are in ms of the caller's clock.
 */
export type State = Probing | Announcing | Present | Terminated;

/** What happens on the link. `Tick`: `deadline` is reached, or may be. `Leave`: the phone goes. */
export type Input =
  /** Somebody else says that they have this name. */
  | { readonly kind: "Conflict"; readonly label: string }
  /** Somebody asks who is there. */
  | { readonly kind: "Asked" }
  /** What is told of us has changed. */
  | { readonly kind: "Changed" }
  | { readonly kind: "Tick" }
  | { readonly kind: "Leave" };

/**
 * What to send by multicast. `Probe`: a question for every record of this name. `Say`: the records
 * of `recordsOf`. `SayGoodbye`: the same with a TTL of 0.
 */
export type Output =
  | { readonly kind: "Probe"; readonly label: string }
  | { readonly kind: "Say"; readonly label: string }
  /** The last word. */
  | { readonly kind: "SayGoodbye"; readonly label: string };

/** The state after an input, and what is to be done, in this order. */
export type Step = readonly [State, ...Output[]];

/** What is announced, as far as it matters here. */
export interface Params {
  /** The name that is wanted. */
  readonly label: string;
}

/** RFC 6762 §8.1: three probes, a quarter of a second apart. */
const PROBES = 3;
const PROBE_MS = 250;
/** RFC 6762 §8.3: twice, a second apart. */
const ANNOUNCEMENTS = 2;
const ANNOUNCE_MS = 1000;
/** Twice before what was told is worth nothing. */
const REFRESH_MS = 80_000;
/** Somebody who says no to every name is no neighbour. */
const MAX_LABELS = 20;

/** Begins: the first probe is the output. `now` is in ms, as in every step. */
export const start = ({ label }: Params, now: Millis): Step => probe(label, now);

/** One input, handled at once. A conflict makes `Alice` into `Alice (2)`, and it is probed anew. */
export function step(_: Params, s: State, input: Input, now: Millis): Step {
  switch (s.name) {
    case "Probing":
      return probing(s, input, now);
    case "Announcing":
    case "Present":
      return present(s, input, now);
    case "Terminated":
      return [s];
  }
}

/** When the machine wants its next "Tick"; NEVER if it does not. */
export function deadline(s: State): Millis {
  switch (s.name) {
    case "Probing":
      return s.timerProbe;
    case "Announcing":
      return s.timerAgain;
    case "Present":
      return s.timerRefresh;
    case "Terminated":
      return NEVER;
  }
}

const probe = (label: string, now: Millis): Step => [
  { name: "Probing", label, sent: 1, timerProbe: now + PROBE_MS },
  { kind: "Probe", label },
];

function probing(s: Probing, input: Input, now: Millis): Step {
  const { label } = s;
  if (input.kind === "Leave") return [TERMINATED];
  if (input.kind === "Conflict" && isSame(input.label, label)) return probe(nextLabel(label), now);
  if (input.kind !== "Tick" || now < s.timerProbe) return [s];
  if (s.sent === PROBES) return announce(label, now);
  return [
    { ...s, sent: s.sent + 1, timerProbe: now + PROBE_MS },
    { kind: "Probe", label },
  ];
}

const announce = (label: string, now: Millis): Step => [
  { name: "Announcing", label, sent: 1, timerAgain: now + ANNOUNCE_MS },
  { kind: "Say", label },
];

function present(s: Announcing | Present, input: Input, now: Millis): Step {
  const { label } = s;
  switch (input.kind) {
    case "Leave":
      return [TERMINATED, { kind: "SayGoodbye", label }];
    // Both had it, on links that are one now: RFC 6762 §9.
    case "Conflict":
      return isSame(input.label, label) ? probe(nextLabel(label), now) : [s];
    case "Changed":
      return announce(label, now);
    case "Asked":
      return [s, { kind: "Say", label }];
    case "Tick":
      return now < deadline(s) ? [s] : again(s, now);
  }
}

function again(s: Announcing | Present, now: Millis): Step {
  const { label } = s;
  const said: Output = { kind: "Say", label };
  if (s.name === "Announcing" && s.sent < ANNOUNCEMENTS - 1) {
    return [{ ...s, sent: s.sent + 1, timerAgain: now + ANNOUNCE_MS }, said];
  }
  return [{ name: "Present", label, timerRefresh: now + REFRESH_MS }, said];
}

const isSame = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/** `Alice`, `Alice (2)`, `Alice (3)`. RFC 6762 §9. */
function nextLabel(label: string): string {
  const [, base = label, count = "1"] = /^(.*) \((\d{1,2})\)$/.exec(label) ?? [];
  return `${base} (${Math.min(Number(count) + 1, MAX_LABELS)})`;
}

const TERMINATED: Terminated = Object.freeze({ name: "Terminated" });
