/**
 * A REFER of ours: how far what it asks for has come. RFC 3515 §2.4, RFC 4488 §4.
 *
 * The subscription that goes with it is the machine of `subscriber.ts`; this one knows what its
 * NOTIFYs say, and that a REFER can do without them.
 */
import { type Millis, NEVER } from "../transaction/timers.ts";

/** The REFER has no final response. */
export interface Asking {
  /** Our word: RFC 3515 names no states. */
  readonly name: "Asking";
}
/** They do as asked. */
export interface Following {
  /** Our word: RFC 3515 names no states. */
  readonly name: "Following";
  /** What they said last: 100, or another provisional status. */
  readonly status: number;
  /** The REFER has its 2xx. A NOTIFY may come before that. */
  readonly answered: boolean;
}
/** The end, which no input leaves. */
export interface Terminated {
  /** Our word: RFC 3515 names no states. */
  readonly name: "Terminated";
}
/** Everything the machine remembers, told apart by `name`. */
export type State = Asking | Following | Terminated;

/** What comes back. A `Tick` changes nothing. */
export type Input =
  /** The final response to the REFER; 408 for silence. `reports`: NOTIFYs follow a 2xx. */
  | { readonly kind: "Response"; readonly status: number; readonly reports: boolean }
  /** The status in a NOTIFY. */
  | { readonly kind: "Report"; readonly status: number }
  /** No NOTIFY comes any more. `told`: the other side said so. */
  | { readonly kind: "Unsubscribed"; readonly told: boolean }
  | { readonly kind: "Tick" }
  | { readonly kind: "Abandon" };

/**
 * What to tell the user. `Progress`: a provisional status; `Succeeded`: a 2xx of what was asked
 * for.
 */
export type Output =
  | { readonly kind: "Progress"; readonly status: number }
  | { readonly kind: "Succeeded"; readonly status: number }
  /** They agreed to do it, and say nothing of what becomes of it. */
  | { readonly kind: "Accepted" }
  /** `refused`: the REFER was; else what it asks for came to nothing, or nobody knows (408). */
  | { readonly kind: "Failed"; readonly status: number; readonly refused: boolean };

/** The state after an input, and what is to be done. */
export type Step = readonly [State, ...Output[]];
/** None. */
export type Params = Readonly<Record<string, never>>;

/** Begins as `Asking`: the caller sends the REFER. */
export const start = (_: Params, __: Millis): Step => [{ name: "Asking" }];

/** One input, handled at once. Never throws for what a peer sent. */
export function step(_: Params, s: State, input: Input, __: Millis): Step {
  if (s.name === "Terminated") return [s];
  switch (input.kind) {
    case "Response":
      return answered(s, input.status, input.reports);
    case "Report":
      return reported(s, input.status);
    case "Unsubscribed":
      return unsubscribed(s, input.told);
    case "Abandon":
      return [TERMINATED];
    default:
      return [s];
  }
}

/** Its subscription has all the deadlines. */
export const deadline = (_: State): Millis => NEVER;

type Alive = Asking | Following;

//= RFC 7647 §5
//# Specifically, an element accepting a REFER request MUST NOT reply with a 202 response code and
//# MUST treat any 202 responses received as identical to a 200 response.
function answered(s: Alive, status: number, reports: boolean): Step {
  if (s.name === "Following") {
    // A NOTIFY has said more than silence does.
    if (s.answered || status < 300 || status === 408) return [{ ...s, answered: true }];
    return failed(status, true);
  }
  if (status >= 300) return failed(status, true);
  if (!reports) return [TERMINATED, { kind: "Accepted" }];
  return [
    { name: "Following", status: 100, answered: true },
    { kind: "Progress", status: 100 },
  ];
}

//= RFC 3515 §2.4.5
//# The response class in this status line indicates the status of the referred action.
function reported(s: Alive, status: number): Step {
  if (status >= 300) return failed(status, false);
  if (status >= 200) return [TERMINATED, { kind: "Succeeded", status }];
  const answered = s.name === "Following" && s.answered;
  if (s.name === "Following" && s.status === status) return [s];
  return [
    { name: "Following", status, answered },
    { kind: "Progress", status },
  ];
}

//= RFC 3515 §2.4.4
//# Note that agents accepting REFER and not wishing to hold subscription state can terminate the
//# subscription with this initial NOTIFY.
function unsubscribed(s: Alive, told: boolean): Step {
  if (told) return [TERMINATED, { kind: "Accepted" }];
  return s.name === "Asking" ? [s] : failed(408, false);
}

const failed = (status: number, refused: boolean): Step => [
  TERMINATED,
  { kind: "Failed", status, refused },
];

const TERMINATED: Terminated = Object.freeze({ name: "Terminated" });
