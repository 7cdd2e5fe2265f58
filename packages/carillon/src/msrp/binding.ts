/**
 * Which connection a session lives on: one, the first that proves that it knows the session's URI.
 * RFC 4975 §5.4, §7.3.
 *
 * A pure machine. Connections are numbers of whoever drives it.
 */
import { type Millis, NEVER } from "../transaction/timers.ts";

/** Nobody has come yet. */
export interface Waiting {
  /** Our word: RFC 4975 names no states. */
  readonly name: "Waiting";
  /** When nobody is waited for any more. */
  readonly timer: Millis;
}
/** The session is on this connection and no other. */
export interface Bound {
  /** Our word. */
  readonly name: "Bound";
  /** Its number. */
  readonly connection: number;
}
/** The session is over. */
export interface Terminated {
  /** Our word. */
  readonly name: "Terminated";
}
/** Everything the machine remembers, told apart by `name`. */
export type State = Waiting | Bound | Terminated;

/** What happens. */
export type Input =
  /** A request for the session's URI came on this connection, or we have opened it ourselves. */
  | { readonly kind: "Request"; readonly connection: number }
  | { readonly kind: "Opened"; readonly connection: number }
  | { readonly kind: "Closed"; readonly connection: number }
  /** The call is over. */
  | { readonly kind: "Leave" }
  | { readonly kind: "Tick" };

/** What is to be done. */
export type Output =
  /** The session is on this connection from now on. */
  | { readonly kind: "Bind"; readonly connection: number }
  /** The request is for the session. */
  | { readonly kind: "Take" }
  | { readonly kind: "Refuse"; readonly status: 481 | 506 }
  /** The session is over: its connection is gone, or nobody came. */
  | { readonly kind: "Lost" };

/** The state after an input, and what is to be done. */
export type Step = readonly [State, ...Output[]];

/** What stays the same as long as the session lives. */
export interface Params {
  /** How long the other side may take to come. */
  readonly waitMs: Millis;
}

/** Begins. */
export const start = ({ waitMs }: Params, now: Millis): Step => [
  { name: "Waiting", timer: now + waitMs },
];

/** One input, handled at once. */
export function step(_: Params, s: State, input: Input, now: Millis): Step {
  switch (input.kind) {
    case "Request":
      return requested(s, input.connection);
    case "Opened":
      return s.name === "Waiting" ? bound(input.connection) : [s];
    case "Closed":
      //= RFC 4975 §5.4
      //# If a connection fails for any reason, then an MSRP endpoint MUST consider any sessions
      //# associated with the connection as also having failed.
      return s.name === "Bound" && s.connection === input.connection ? LOST : [s];
    case "Leave":
      return [TERMINATED];
    case "Tick":
      return s.name === "Waiting" && now >= s.timer ? LOST : [s];
  }
}

/** When the machine wants its next "Tick"; NEVER if it does not. */
export const deadline = (s: State): Millis => (s.name === "Waiting" ? s.timer : NEVER);

function requested(s: State, connection: number): Step {
  //= RFC 4975 §5.4
  //# If a match exists, the node MUST assume that the host that formed the connection is the host
  //# to which this URI was given. If no match exists, the node MUST reject the request with a 481
  //# response.
  if (s.name === "Waiting") return [...bound(connection), { kind: "Take" }];
  if (s.name === "Terminated") return [s, { kind: "Refuse", status: 481 }];
  //= RFC 4975 §5.4
  //# The node MUST also check to make sure the session is not already in use on another connection.
  //# If the session is already in use, it MUST reject the request with a 506 response.
  if (s.connection !== connection) return [s, { kind: "Refuse", status: 506 }];
  return [s, { kind: "Take" }];
}

const bound = (connection: number): Step => [
  { name: "Bound", connection },
  { kind: "Bind", connection },
];

const TERMINATED: Terminated = Object.freeze({ name: "Terminated" });
const LOST: Step = [TERMINATED, { kind: "Lost" }];
