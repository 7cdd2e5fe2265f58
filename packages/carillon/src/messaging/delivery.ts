/**
 * Brings one plain phone what stands in its owner's journal: in order, one message at a time, from
 * where it had got to. A phone that cannot be reached keeps its place.
 */
import { type Millis, NEVER } from "../grammar/millis.ts";
import { type BackOff, backOffMs } from "../usage/back-off.ts";

/** It may be a client that asks for the journal itself: it has a moment to do so. */
export interface Waiting {
  /** Our word: no RFC names these states. */
  readonly name: "Waiting";
  /** It needs nothing up to this entry. */
  readonly cursor: number;
  /** The cursor as it has been kept. */
  readonly saved: number;
  /** From then on it is a plain phone. */
  readonly timerPlain: Millis;
}
/** The journal is being looked into. */
export interface Reading {
  /** Our word: no RFC names these states. */
  readonly name: "Reading";
  /** It needs nothing up to this entry. */
  readonly cursor: number;
  /** The cursor as it has been kept. */
  readonly saved: number;
  /** How often in a row it was not to be reached. */
  readonly failures: number;
  /** Something has been added since: what is said of the end does not count. */
  readonly isStale: boolean;
}
/** A message is on its way. */
export interface Sending {
  /** Our word: no RFC names these states. */
  readonly name: "Sending";
  /** It needs nothing up to this entry. */
  readonly cursor: number;
  /** The cursor as it has been kept. */
  readonly saved: number;
  /** How often in a row it was not to be reached. */
  readonly failures: number;
  /** The entry's number. */
  readonly seq: number;
  /** How it is said. */
  readonly form: Form;
  /** It can be said in plain text as well. */
  readonly hasText: boolean;
}
/** It was not to be reached. */
export interface Resting {
  /** Our word: no RFC names these states. */
  readonly name: "Resting";
  /** It needs nothing up to this entry. */
  readonly cursor: number;
  /** The cursor as it has been kept. */
  readonly saved: number;
  /** How often in a row. */
  readonly failures: number;
  /** When it is tried again, unless it registers before. */
  readonly timerRetry: Millis;
}
/** It has everything. */
export interface Idle {
  /** Our word: no RFC names these states. */
  readonly name: "Idle";
  /** It needs nothing up to this entry. */
  readonly cursor: number;
  /** The cursor as it has been kept. */
  readonly saved: number;
}
/** The end. */
export interface Terminated {
  /** Our word: no RFC names these states. */
  readonly name: "Terminated";
}
/** Times are in ms of the caller's clock; cursors are numbers of entries. */
export type State = Waiting | Reading | Sending | Resting | Idle | Terminated;

/** As it was written, in message/cpim; or what plain text can say of it. */
export type Form = "Original" | "Text";

/** What happens. */
export type Input =
  /** The next entry that is for a phone. */
  | { readonly kind: "Entry"; readonly seq: number; readonly hasText: boolean }
  /** There is none up to this number, which is the journal's last. */
  | { readonly kind: "Nothing"; readonly upTo: number }
  /** The journal cannot be read now. `random` is in [0, 1). */
  | { readonly kind: "Unread"; readonly random: number }
  /** The phone's answer; 408 for silence, 503 for no way. `random` is in [0, 1). */
  | { readonly kind: "Answered"; readonly status: number; readonly random: number }
  /** An entry has been added to the journal. */
  | { readonly kind: "Added" }
  /** The phone has registered. */
  | { readonly kind: "Registered" }
  /** The deadline is there, or may be. */
  | { readonly kind: "Tick" }
  /** The phone is gone, or asks for the journal itself. */
  | { readonly kind: "Abandon" };

/** What is to be done. */
export type Output =
  /** Look for the next entry that is for a phone: `Entry`, `Nothing` or `Unread` follows. */
  | { readonly kind: "Read"; readonly after: number }
  /** `Answered` follows. */
  | { readonly kind: "Send"; readonly seq: number; readonly form: Form }
  /** It has this. */
  | { readonly kind: "Delivered"; readonly seq: number }
  /** It does not want this, and will not be asked again. */
  | { readonly kind: "Refused"; readonly seq: number; readonly status: number }
  /** To be kept: it needs nothing up to here. */
  | { readonly kind: "Advance"; readonly seq: number };

/** The state after an input, and what is to be done. */
export type Step = readonly [State, ...Output[]];

/** Where a phone begins, and how patient it is waited for. */
export interface Params {
  /** Where it stands. */
  readonly cursor: number;
  /** How long it has to ask for the journal itself; 0: it is known to be a plain phone. */
  readonly waitMs: Millis;
  /** How long it rests after failures in a row. */
  readonly backOff: BackOff;
}

/** Entries that are not for phones: how many of them may go by before that is kept. */
const LAG = 100;

const TERMINATED: State = { name: "Terminated" };

/** Begins. */
export function start({ cursor, waitMs }: Params, now: Millis): Step {
  if (waitMs === 0) return read(cursor, cursor, 0);
  return [{ name: "Waiting", cursor, saved: cursor, timerPlain: now + waitMs }];
}

/** What an input makes of a state. */
export function step(params: Params, state: State, input: Input, now: Millis): Step {
  if (state.name === "Terminated") return [state];
  if (input.kind === "Abandon") return [TERMINATED];
  switch (state.name) {
    case "Waiting":
      return now >= state.timerPlain ? read(state.cursor, state.saved, 0) : [state];
    case "Reading":
      return reading(params, state, input, now);
    case "Sending":
      return input.kind === "Answered" ? answered(params, state, input, now) : [state];
    case "Resting": {
      const isTime = input.kind === "Registered" || now >= state.timerRetry;
      return isTime ? read(state.cursor, state.saved, state.failures) : [state];
    }
    case "Idle":
      return input.kind === "Added" || input.kind === "Registered"
        ? read(state.cursor, state.saved, 0)
        : [state];
  }
}

/** When the next Tick is due. */
export function deadline(state: State): Millis {
  if (state.name === "Waiting") return state.timerPlain;
  return state.name === "Resting" ? state.timerRetry : NEVER;
}

const read = (cursor: number, saved: number, failures: number): Step => [
  { name: "Reading", cursor, saved, failures, isStale: false },
  { kind: "Read", after: cursor },
];

function reading(params: Params, state: Reading, input: Input, now: Millis): Step {
  const { cursor, saved, failures, isStale } = state;
  switch (input.kind) {
    case "Entry": {
      const { seq, hasText } = input;
      const form: Form = "Original";
      const sending: State = { name: "Sending", cursor, saved, failures, seq, form, hasText };
      return [sending, { kind: "Send", seq, form }];
    }
    case "Nothing":
      if (isStale) return read(cursor, saved, failures);
      return idle(Math.max(cursor, input.upTo), saved);
    case "Unread":
      return rest(params, { cursor, saved, failures }, input.random, now);
    case "Added":
      return [{ ...state, isStale: true }];
    default:
      return [state];
  }
}

/** What went by that is for no phone is kept now and then, so that it is not read again. */
function idle(cursor: number, saved: number): Step {
  if (cursor - saved < LAG) return [{ name: "Idle", cursor, saved }];
  return [
    { name: "Idle", cursor, saved: cursor },
    { kind: "Advance", seq: cursor },
  ];
}

type Kept = Pick<Resting, "cursor" | "saved" | "failures">;

function rest({ backOff }: Params, kept: Kept, random: number, now: Millis): Step {
  const failures = kept.failures + 1;
  const timerRetry = now + backOffMs(backOff, failures, random);
  return [{ ...kept, name: "Resting", failures, timerRetry }];
}

//= RFC 3428 §8
//# A UAC MUST NOT initiate a new out-of-dialog MESSAGE transaction to a given URI if there is a
//# previous out-of-dialog transaction pending for the same URI.
/** The next one is read once this one has its answer. */
function answered(
  params: Params,
  state: Sending,
  { status, random }: Extract<Input, { kind: "Answered" }>,
  now: Millis,
): Step {
  const { seq, cursor, saved, failures } = state;
  if (status < 300) return onward(seq, { kind: "Delivered", seq });
  if (state.form === "Original" && state.hasText && isOfType(status)) {
    return [
      { ...state, form: "Text" },
      { kind: "Send", seq, form: "Text" },
    ];
  }
  if (isForNow(status)) return rest(params, { cursor, saved, failures }, random, now);
  return onward(seq, { kind: "Refused", seq, status });
}

function onward(seq: number, output: Output): Step {
  const [state, ...outputs] = read(seq, seq, 0);
  return [state, output, { kind: "Advance", seq }, ...outputs];
}

/** It is the form that is not understood. */
const isOfType = (status: number): boolean => [400, 406, 413, 415, 488].includes(status);

/**
 * Silence, faults, and answers about the phone rather than the message: 404 and its like say that
 * nobody is there now. What else is refused is refused for good.
 */
const isForNow = (status: number): boolean =>
  FOR_NOW.has(status) || (status >= 500 && status < 600 && status !== 501 && status !== 513);
const FOR_NOW: ReadonlySet<number> = new Set([
  ...[401, 404, 407, 408, 410, 430, 480, 481, 482, 483, 486, 487, 491],
]);
