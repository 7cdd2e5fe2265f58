/**
 * What a program hears of calls, for its records. The proxy keeps nothing about a dialog, so each
 * half is told when it is seen; what belongs together has the same Call-ID and caller's tag.
 */
import type { Incoming } from "../endpoint/incoming.ts";
import type { Millis } from "../grammar/millis.ts";
import type { Octets } from "../grammar/octets.ts";
import type { Cookie } from "./cookie.ts";

/** Called on the path of a call: both have to be quick, and none may throw. */
export interface Calls {
  /** An INVITE for somebody here has its final answer. */
  answered(call: CallAnswered): void;
  /** A BYE came by. */
  ended(call: CallEnded): void;
}

/** By this what is told of one call belongs together. */
export interface CallName {
  /** The Call-ID of the INVITE. */
  readonly callId: Octets;
  /** The From tag of the INVITE. */
  readonly callerTag: Octets;
  /** When it happened, in ms of the endpoint's clock. */
  readonly at: Millis;
}

/**
 * An INVITE from outside a dialog has its final answer. Times are in ms of the endpoint's clock.
 */
export interface CallAnswered extends CallName {
  /** The URI in From, which is the caller's own. */
  readonly caller: Octets;
  /** The account that was called. */
  readonly callee: string;
  /** When the INVITE came, in ms; `at` is when it was answered. */
  readonly invitedAt: Millis;
  /** 2xx if they talk now, else why they do not. */
  readonly status: number;
}

/** A BYE came by, in a call that went through here; its answer is not waited for. */
export interface CallEnded extends CallName {
  /** Who hung up: the one who sent the INVITE, or the other. */
  readonly by: "caller" | "callee";
}

export function callAnswered(
  { essentials }: Incoming,
  callee: string,
  { status, invitedAt, at }: { status: number; invitedAt: Millis; at: Millis },
): CallAnswered {
  const { callId, fromTag, from } = essentials;
  return { callId, callerTag: fromTag, caller: from.uri, callee, invitedAt, at, status };
}

export function callEnded({ essentials }: Incoming, { from }: Cookie, at: Millis): CallEnded {
  const { callId, fromTag, toTag } = essentials;
  return { callId, callerTag: from === "caller" ? fromTag : toTag, at, by: from };
}
