/**
 * A message on its way out: which octets go next, in which chunks, and what has arrived.
 * RFC 4975 §5.1, §7.1.1, §7.3.2.
 *
 * A pure machine: it knows positions and times, and never sees an octet. Whoever drives it has the
 * next octets at hand and room on the connection, and says so (`Room`); when something else waits
 * to be sent there, it says that (`Interrupt`).
 */
import { type Millis, NEVER } from "../transaction/timers.ts";
import { reached, type Span, withSpan } from "./byte-range.ts";
import { INTERRUPTIBLE, TRANSACTION_MS } from "./limits.ts";
import type { Reporting } from "./message.ts";

/** A chunk that waits for its response. */
export interface Unanswered extends Span {
  /** Its transaction's. */
  readonly id: string;
  /** When it is given up: 30 s after its last octet. RFC 4975 §7.1.1. */
  readonly timer: Millis;
}

interface Progress {
  /** The first octet that has not gone out, from 0 on. */
  readonly next: number;
  /** Chunks whose response has not come; none where none is asked for. */
  readonly unanswered: readonly Unanswered[];
  /** What the other end has said that it has. */
  readonly reported: readonly Span[];
}

/** Octets go out. */
export interface Sending extends Progress {
  /** Our word: RFC 4975 names no states. */
  readonly name: "Sending";
  /** The chunk that is open: its transaction, and where it began. */
  readonly chunk: { readonly id: string; readonly start: number } | undefined;
}
/** Nothing goes out until it is resumed. */
export interface Paused extends Progress {
  /** Our word. */
  readonly name: "Paused";
}
/** All octets have gone out: responses and reports are waited for. */
export interface Waiting extends Progress {
  /** Our word. */
  readonly name: "Waiting";
  /** When a report that was asked for is given up. */
  readonly timerReport: Millis;
}
/** It has arrived, as far as was asked. */
export interface Done {
  /** Our word. */
  readonly name: "Done";
}
/** It has not, or not all of it. */
export interface Failed {
  /** Our word. */
  readonly name: "Failed";
  /**
   * As of a response: 408 for silence, 413 for enough. 0: the connection is gone, or we gave up.
   */
  readonly status: number;
  /** How many octets from the first on the other end has said that it has. */
  readonly arrived: number;
}
/** Everything the machine remembers, told apart by `name`. */
export type State = Sending | Paused | Waiting | Done | Failed;

/** What happens to it. */
export type Input =
  /** So many of the next octets are at hand and fit; `id` is that of a chunk that begins now. */
  | { readonly kind: "Room"; readonly octets: number; readonly id: string }
  /** Something else waits for the connection. */
  | { readonly kind: "Interrupt" }
  | { readonly kind: "Response"; readonly id: string; readonly status: number }
  /** A report on these octets, counted from 0, without the end. */
  | {
      readonly kind: "Report";
      readonly start: number;
      readonly end: number;
      readonly status: number;
    }
  | { readonly kind: "Pause" }
  | { readonly kind: "Resume" }
  /** Whoever sends it gives it up; `id` is for a chunk that has to say so. */
  | { readonly kind: "Abort"; readonly id: string }
  /** The connection is gone. */
  | { readonly kind: "Lost" }
  | { readonly kind: "Tick" };

/** What is to be done, in this order. */
export type Output =
  /** Write the head of a chunk whose first octet is this one, counted from 0. */
  | { readonly kind: "Begin"; readonly id: string; readonly start: number }
  /** Write these octets. */
  | ({ readonly kind: "Octets" } & Span)
  /** Write the end-line. */
  | { readonly kind: "End"; readonly id: string; readonly flag: "$" | "+" | "#" }
  /** So many octets, from the first on, have arrived. */
  | { readonly kind: "Arrived"; readonly octets: number }
  | { readonly kind: "Done" }
  | { readonly kind: "Failed"; readonly status: number };

/** The state after an input, and what is to be done. */
export type Step = readonly [State, ...Output[]];

/** What stays the same as long as the message lives. */
export interface Params {
  /** Octets of the whole message. */
  readonly total: number;
  /** Which reports are asked for. */
  readonly reporting: Reporting;
  /** The longest chunk. */
  readonly chunkOctets: number;
  /** How much may have gone out beyond what has been answered. */
  readonly windowOctets: number;
  /** How long a report is waited for after the last octet. */
  readonly reportMs: Millis;
}

/** Begins: nothing goes out before there is room. */
export const start = (_: Params, __: Millis): Step => [
  { name: "Sending", next: 0, chunk: undefined, unanswered: [], reported: [] },
];

/** One input, handled at once. `Done` and `Failed` stay as they are. */
export function step(p: Params, s: State, input: Input, now: Millis): Step {
  if (s.name === "Done" || s.name === "Failed") return [s];
  switch (input.kind) {
    case "Room":
      return s.name === "Sending" ? room(p, s, input, now) : [s];
    case "Interrupt":
      return interrupted(p, s, now);
    case "Response":
      return answered(p, s, input.id, input.status);
    case "Report":
      return reportedOn(p, s, input);
    case "Pause":
      return paused(p, s, now);
    case "Resume":
      return s.name === "Paused" ? [{ ...progressOf(s), name: "Sending", chunk: undefined }] : [s];
    case "Abort":
      return aborted(s, input.id);
    case "Lost":
      return [failed(s, 0), { kind: "Failed", status: 0 }];
    case "Tick":
      return ticked(s, now);
  }
}

/** When the machine wants its next "Tick"; NEVER if it does not. */
export function deadline(s: State): Millis {
  if (s.name === "Done" || s.name === "Failed") return NEVER;
  const timers = s.unanswered.map(({ timer }) => timer);
  return Math.min(NEVER, s.name === "Waiting" ? s.timerReport : NEVER, ...timers);
}

/** How many of the next octets are wanted; 0: none now. */
export function wanted(p: Params, s: State): number {
  if (s.name !== "Sending") return 0;
  const out = s.unanswered.reduce((sum, { start: from, end }) => sum + end - from, 0);
  const open = s.chunk === undefined ? 0 : s.next - s.chunk.start;
  const window = Math.max(0, p.windowOctets - out - open);
  const left = Math.min(p.total - s.next, p.chunkOctets - open);
  //= RFC 4975 §7.1.1
  //# Senders SHOULD NOT break messages into chunks smaller than 2048 octets, except for the final
  //# chunk of a complete message.
  return window < Math.min(left, INTERRUPTIBLE) ? 0 : Math.min(left, window);
}

/**
 * True while there is something to send that the window lets through: a message of nothing, too.
 */
export const isEager = (p: Params, s: State): boolean =>
  s.name === "Sending" && (p.total === 0 || wanted(p, s) > 0);

function room(p: Params, s: Sending, input: Extract<Input, { kind: "Room" }>, now: Millis): Step {
  const octets = Math.min(input.octets, wanted(p, s));
  if (octets <= 0 && p.total > 0) return [s];
  const chunk = s.chunk ?? { id: input.id, start: s.next };
  const next = s.next + octets;
  const outputs: Output[] = [];
  if (!s.chunk) outputs.push({ kind: "Begin", id: chunk.id, start: chunk.start });
  if (octets > 0) outputs.push({ kind: "Octets", start: s.next, end: next });
  const sending: Sending = { ...s, next, chunk };
  //= RFC 4975 §7.1
  //# If the chunk represents the data that forms the end of the complete message, the flag value
  //# MUST be a "$".
  if (next === p.total) return ended(p, sending, "$", now, outputs);
  if (next - chunk.start >= p.chunkOctets) return ended(p, sending, "+", now, outputs);
  return [sending, ...outputs];
}

/** The open chunk ends here. */
function ended(p: Params, s: Sending, flag: "$" | "+", now: Millis, before: Output[] = []): Step {
  if (!s.chunk) return [s, ...before];
  const { id, start: from } = s.chunk;
  const one: Unanswered = { id, start: from, end: s.next, timer: now + TRANSACTION_MS };
  //= RFC 4975 §7.1.1
  //# If the value of "Failure-Report" is set to "yes", then the sender of the request runs a timer.
  const isAwaited = p.reporting.failure === "yes";
  const unanswered = isAwaited ? [...s.unanswered, one] : s.unanswered;
  const progress = { next: s.next, unanswered, reported: s.reported };
  const end: Output = { kind: "End", id, flag };
  if (flag === "+") return [{ ...progress, name: "Sending", chunk: undefined }, ...before, end];
  const timerReport = p.reporting.success ? now + p.reportMs : NEVER;
  return settled(p, { ...progress, name: "Waiting", timerReport }, [...before, end]);
}

//= RFC 4975 §5.1
//# Any chunk that is larger than 2048 octets MUST be interruptible.
//= RFC 4975 §7.1.1
//# SEND requests larger than 2048 octets MUST be interrupted if the sender needs to send pending
//# responses or REPORT requests.
function interrupted(p: Params, s: Sending | Paused | Waiting, now: Millis): Step {
  // A shorter one, too: who waits for our answer may be whom we wait for.
  return s.name === "Sending" && s.chunk ? ended(p, s, "+", now) : [s];
}

function paused(p: Params, s: Sending | Paused | Waiting, now: Millis): Step {
  if (s.name !== "Sending") return [s];
  const [next, ...outputs] = ended(p, s, "+", now);
  return next.name === "Sending"
    ? [{ ...progressOf(next), name: "Paused" }, ...outputs]
    : [next, ...outputs];
}

const progressOf = ({ next, unanswered, reported }: Progress): Progress => ({
  next,
  unanswered,
  reported,
});

function answered(p: Params, s: Sending | Paused | Waiting, id: string, status: number): Step {
  if (s.name === "Sending" && s.chunk?.id === id && !isGood(status)) return refused(s, status);
  const one = s.unanswered.find((each) => each.id === id);
  if (!one) return [s];
  if (!isGood(status)) return refused(s, status);
  const left = { ...s, unanswered: s.unanswered.filter((each) => each !== one) };
  return settled(p, left, []);
}

function reportedOn(
  p: Params,
  s: Sending | Paused | Waiting,
  { start: from, end, status }: Extract<Input, { kind: "Report" }>,
): Step {
  //= RFC 4975 §7.3.2
  //# An endpoint that receives a REPORT request containing a Status header field with a namespace
  //# field of "000" MUST interpret the report in exactly the same way it would interpret an MSRP
  //# transaction response with a response code matching the status-code field.
  if (!isGood(status)) return refused(s, status);
  // Nobody can have what has not gone out.
  const reported = withSpan(s.reported, { start: from, end: Math.min(end, s.next) });
  if (reported === s.reported) return settled(p, s, []);
  return settled(p, { ...s, reported }, [{ kind: "Arrived", octets: reached(reported) }]);
}

const isGood = (status: number): boolean => status >= 200 && status < 300;

/** Whether that was the last thing that was waited for. */
function settled(p: Params, s: Sending | Paused | Waiting, outputs: Output[]): Step {
  const isArrived = !p.reporting.success || reached(s.reported) >= p.total;
  if (s.name !== "Waiting" || s.unanswered.length > 0 || !isArrived) return [s, ...outputs];
  // A message of nothing has no octets that could be reported: its answer is enough.
  return [{ name: "Done" }, ...outputs, { kind: "Done" }];
}

//= RFC 4975 §10.5
//# If a message sender receives a 413 in a response, or in a REPORT request, it MUST NOT send any
//# further chunks in the message, that is, any further chunks with the same Message-ID value. If
//# the sender receives the 413 while in the process of sending a chunk, and the chunk is
//# interruptible, the sender MUST interrupt it.
function refused(s: Sending | Paused | Waiting, status: number): Step {
  const end: readonly Output[] =
    s.name === "Sending" && s.chunk ? [{ kind: "End", id: s.chunk.id, flag: "#" }] : [];
  return [failed(s, status), ...end, { kind: "Failed", status }];
}

//= RFC 4975 §7.1
//# If the sender is aborting an incomplete message, and intends to send no further chunks in that
//# message, the flag MUST be a "#".
function aborted(s: Sending | Paused | Waiting, id: string): Step {
  if (s.name === "Waiting") return refused(s, 0);
  if (s.name === "Sending" && s.chunk) return refused(s, 0);
  // Nothing is open that could say it; where nothing has gone out nobody needs to know.
  if (s.next === 0) return refused(s, 0);
  const said: readonly Output[] = [
    { kind: "Begin", id, start: s.next },
    { kind: "End", id, flag: "#" },
  ];
  return [failed(s, 0), ...said, { kind: "Failed", status: 0 }];
}

const failed = (s: Progress, status: number): Failed => ({
  name: "Failed",
  status,
  arrived: reached(s.reported),
});

function ticked(s: Sending | Paused | Waiting, now: Millis): Step {
  const isLate = s.unanswered.some(({ timer }) => now >= timer);
  if (isLate || (s.name === "Waiting" && now >= s.timerReport)) return refused(s, 408);
  return [s];
}
