/**
 * A message that comes in, in chunks that may come in any order: which octets there are, what is
 * reported, and when it is whole. RFC 4975 §7.1.3, §7.3.1.
 *
 * A pure machine, like `sending.ts`: it says where octets belong and never sees one.
 */
import { type Millis, NEVER } from "../transaction/timers.ts";
import { reached, type Span, withSpan } from "./byte-range.ts";

/** Some of it is missing. */
export interface Arriving {
  /** Our word: RFC 4975 names no states. */
  readonly name: "Arriving";
  /** What there is. */
  readonly spans: readonly Span[];
  /** Where the next octet of the open chunk belongs; undefined between chunks. */
  readonly at: number | undefined;
  /** Octets of the whole; undefined as long as nobody has said it. */
  readonly total: number | undefined;
  /** How far reports went. */
  readonly reported: number;
  /** When nobody waits for the rest any more. */
  readonly timer: Millis;
}
/** All of it is there; whoever keeps it looks whether it is right. */
export interface Checking {
  /** Our word. */
  readonly name: "Checking";
  /** Octets of the whole. */
  readonly total: number;
}
/** Over: it was taken, refused, or given up. */
export interface Terminated {
  /** Our word. */
  readonly name: "Terminated";
}
/** Everything the machine remembers, told apart by `name`. */
export type State = Arriving | Checking | Terminated;

/** What happens. */
export type Input =
  /** A chunk begins with this octet, counted from 0; `total` is what its head says. */
  | { readonly kind: "Chunk"; readonly start: number; readonly total: number | undefined }
  | { readonly kind: "Octets"; readonly count: number }
  | { readonly kind: "End"; readonly flag: "$" | "+" | "#" }
  /** What is to be kept is kept, and is right; or is not, and why. */
  | { readonly kind: "Checked"; readonly status: number }
  | { readonly kind: "Lost" }
  | { readonly kind: "Tick" };

/** What is to be done, in this order. */
export type Output =
  /** The octets that have just come belong here, counted from 0. */
  | { readonly kind: "Write"; readonly at: number }
  /** Tell the sender that these octets have arrived, or why not; counted from 0. */
  | ({ readonly kind: "Report"; readonly status: number } & Span & {
        readonly total: number | undefined;
      })
  /** All is there: look whether it is right. */
  | { readonly kind: "Check"; readonly total: number }
  /** Answer the open chunk with this, and take nothing more of the message. */
  | { readonly kind: "Refuse"; readonly status: 413 | 400 }
  /** Nothing more comes of it; what was kept may be dropped, or wait for a resumption. */
  | { readonly kind: "GivenUp"; readonly arrived: number }
  | { readonly kind: "Taken" };

/** The state after an input, and what is to be done. */
export type Step = readonly [State, ...Output[]];

/** What stays the same as long as the message lives. */
export interface Params {
  /** The largest message that is taken. */
  readonly maxOctets: number;
  /** Whether the sender wants to hear what has arrived. */
  readonly reports: boolean;
  /** How much comes between two reports. */
  readonly reportOctets: number;
  /** How long the next chunk is waited for. */
  readonly idleMs: Millis;
}

/** Gaps that are kept track of: a peer could leave one before every octet. */
const MAX_SPANS = 256;

/** Begins with the first chunk, which is fed next. */
export const start = (p: Params, now: Millis): Step => [
  {
    ...{ name: "Arriving", spans: [], at: undefined, total: undefined, reported: 0 },
    timer: now + p.idleMs,
  },
];

/** One input, handled at once. `Terminated` stays as it is. */
export function step(p: Params, s: State, input: Input, now: Millis): Step {
  if (s.name === "Terminated") return [s];
  if (input.kind === "Lost") return givenUp(s);
  if (s.name === "Checking") return input.kind === "Checked" ? checked(p, s, input.status) : [s];
  switch (input.kind) {
    case "Chunk":
      return begun(p, s, input, now);
    case "Octets":
      return came(p, s, input.count, now);
    case "End":
      return ended(p, s, input.flag, now);
    case "Tick":
      return now < s.timer ? [s] : givenUp(s);
    case "Checked":
      return [s];
  }
}

/** When the machine wants its next "Tick"; NEVER if it does not. */
export const deadline = (s: State): Millis => (s.name === "Arriving" ? s.timer : NEVER);

function begun(
  p: Params,
  s: Arriving,
  chunk: Extract<Input, { kind: "Chunk" }>,
  now: Millis,
): Step {
  const total = s.total ?? chunk.total;
  if (chunk.start > p.maxOctets || (total ?? 0) > p.maxOctets) return refused(413);
  // What ends two ways is two messages.
  if (chunk.total !== undefined && total !== chunk.total) return refused(400);
  if (total !== undefined && chunk.start > total) return refused(400);
  return [{ ...s, at: chunk.start, total, timer: now + p.idleMs }];
}

//= RFC 4975 §7.3.1
//# The receiver SHOULD determine the actual length of each chunk by inspecting the payload itself;
//# it is possible the body is shorter than the range-end field indicates.
function came(p: Params, s: Arriving, count: number, now: Millis): Step {
  if (s.at === undefined) return [s];
  const end = s.at + count;
  if (end > p.maxOctets) return refused(413);
  if (s.total !== undefined && end > s.total) return refused(400);
  const spans = withSpan(s.spans, { start: s.at, end });
  if (spans.length > MAX_SPANS) return refused(413);
  const next: Arriving = { ...s, spans, at: end, timer: now + p.idleMs };
  return reporting(p, next, [{ kind: "Write", at: s.at }]);
}

//= RFC 4975 §7.1.3
//# When an endpoint receives a message in one or more chunks that contain a Success-Report value of
//# "yes", it MUST send a success report or reports covering all bytes that are received
//# successfully.
function reporting(p: Params, s: Arriving, outputs: Output[]): Step {
  // Never the last octet there is: who has a report on all of it takes it for looked at.
  const arrived = reached(s.spans) - 1;
  if (!p.reports || arrived + 1 < s.reported + p.reportOctets) return [s, ...outputs];
  const { total } = s;
  const report: Output = { kind: "Report", status: 200, start: s.reported, end: arrived, total };
  return [{ ...s, reported: arrived }, ...outputs, report];
}

//= RFC 4975 §7.3.1
//# Receivers MUST not assume that the chunks will be delivered in order or that they will receive
//# all the chunks with "+" flags before they receive the chunk with the "$" flag.
function ended(p: Params, s: Arriving, flag: "$" | "+" | "#", now: Millis): Step {
  if (s.at === undefined) return [s];
  if (flag === "#") return givenUp(s);
  // It is the chunk with "$" that defines the length.
  const total = flag === "$" ? s.at : s.total;
  const last = s.spans.at(-1)?.end ?? 0;
  if (total !== undefined && last > total) return refused(400);
  const next: Arriving = { ...s, at: undefined, total, timer: now + p.idleMs };
  if (total === undefined || reached(s.spans) < total) return [next];
  return [
    { name: "Checking", total },
    { kind: "Check", total },
  ];
}

function checked(p: Params, { total }: Checking, status: number): Step {
  const isGood = status >= 200 && status < 300;
  const report: Output = { kind: "Report", status, start: 0, end: total, total };
  const last: Output = isGood ? { kind: "Taken" } : { kind: "GivenUp", arrived: 0 };
  return p.reports || !isGood ? [TERMINATED, report, last] : [TERMINATED, last];
}

const refused = (status: 413 | 400): Step => [
  TERMINATED,
  { kind: "Refuse", status },
  { kind: "GivenUp", arrived: 0 },
];

const givenUp = (s: Arriving | Checking): Step => [
  TERMINATED,
  { kind: "GivenUp", arrived: s.name === "Arriving" ? reached(s.spans) : s.total },
];

const TERMINATED: Terminated = Object.freeze({ name: "Terminated" });
